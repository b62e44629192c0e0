"""Decisions about visits, with every branch."""

from datetime import UTC, date, datetime, timedelta

import pytest

from willing.visits.rules import (
    AHEAD_DAYS_MAX,
    BADGE_NUMBER_MAX,
    VisitAtDesk,
    VisitFault,
    VisitStage,
    decide_badge,
    decide_cancel,
    decide_close,
    decide_new,
    decide_sign_in,
    decide_sign_out,
    decide_undo,
    is_badge_valid,
    next_badge,
)

TODAY = date(2026, 11, 26)
NINE = datetime(2026, 11, 26, 9, tzinfo=UTC)
EXPECTED, IN = VisitAtDesk(VisitStage.EXPECTED, TODAY), VisitAtDesk(VisitStage.IN, TODAY, NINE)
OUT, CLOSED = (
    VisitAtDesk(VisitStage.OUT, TODAY, NINE, NINE),
    VisitAtDesk(VisitStage.CLOSED, TODAY, NINE, NINE),
)
CANCELLED = VisitAtDesk(VisitStage.CANCELLED, TODAY)


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({}, ""),
        ({"name": ""}, "name_missing"),
        ({"day": TODAY - timedelta(days=1)}, "day_over"),
        ({"day": TODAY + timedelta(days=AHEAD_DAYS_MAX)}, ""),
        ({"day": TODAY + timedelta(days=AHEAD_DAYS_MAX + 1)}, "too_far"),
        ({"is_named_as_pupil": True}, "named_as_pupil"),
        ({"is_named_as_pupil": True, "is_namesake": True}, ""),
        ({"is_namesake": True}, ""),
    ],
)
def test_a_visit_has_a_name_a_day_to_come_and_is_no_pupil(facts, fault):
    said = {"name": "Vi Guest", "day": TODAY, "is_named_as_pupil": False, "is_namesake": False, **facts}
    assert decide_new(today=TODAY, **said) == fault


@pytest.mark.parametrize(
    ("visit", "number", "fault"),
    [
        (EXPECTED, None, ""),
        (EXPECTED, 3, ""),
        (EXPECTED, 7, "badge_taken"),
        (EXPECTED, 0, "badge_number"),
        (EXPECTED, BADGE_NUMBER_MAX + 1, "badge_number"),
        (VisitAtDesk(VisitStage.EXPECTED, TODAY + timedelta(days=1)), None, "not_today"),
        (VisitAtDesk(VisitStage.EXPECTED, TODAY - timedelta(days=1)), None, "not_today"),
        (CANCELLED, None, "cancelled"),
        (IN, None, "in_already"),
        (OUT, None, "in_already"),
    ],
)
def test_who_is_expected_today_is_signed_in_with_a_badge_that_is_free(visit, number, fault):
    assert decide_sign_in(visit, today=TODAY, badge_number=number, taken={7}) == fault


def test_the_lowest_free_badge_is_proposed():
    assert decide_badge(None, {1}) is VisitFault.NONE
    assert next_badge(set()) == 1
    assert next_badge({1, 2, 4}) == 3
    assert next_badge(range(1, BADGE_NUMBER_MAX + 1)) is None


def test_only_who_is_in_goes_out_and_only_once():
    assert decide_sign_out(IN) is VisitFault.NONE
    assert decide_sign_out(EXPECTED) is VisitFault.NOT_IN
    assert decide_sign_out(CANCELLED) is VisitFault.NOT_IN
    assert decide_sign_out(OUT) is VisitFault.OUT_ALREADY
    assert decide_sign_out(CLOSED) is VisitFault.OUT_ALREADY


def test_a_person_closes_the_visit_of_who_never_signed_out_once_its_day_is_over():
    tomorrow = TODAY + timedelta(days=1)
    assert decide_close(IN, today=tomorrow) is VisitFault.NONE
    assert decide_close(IN, today=TODAY) is VisitFault.DAY_NOT_OVER
    assert decide_close(OUT, today=tomorrow) is VisitFault.OUT_ALREADY


def test_who_has_come_is_not_cancelled():
    assert decide_cancel(EXPECTED) is VisitFault.NONE
    assert decide_cancel(CANCELLED) is VisitFault.NONE
    assert decide_cancel(IN) is VisitFault.IN_ALREADY


def test_the_last_press_is_undone_within_ten_minutes():
    later = NINE + timedelta(minutes=10)
    assert decide_undo(IN, later) is VisitFault.NONE
    assert decide_undo(OUT, later) is VisitFault.NONE
    assert decide_undo(IN, later + timedelta(seconds=1)) is VisitFault.UNDO_TOO_LATE
    assert decide_undo(IN, NINE - timedelta(seconds=1)) is VisitFault.UNDO_TOO_LATE
    assert decide_undo(EXPECTED, NINE) is VisitFault.NOT_IN
    assert decide_undo(CLOSED, NINE) is VisitFault.NOT_IN


def test_a_badge_passes_a_gate_on_its_day_until_its_wearer_is_out():
    assert is_badge_valid(IN, today=TODAY)
    assert not is_badge_valid(IN, today=TODAY + timedelta(days=1))
    assert not is_badge_valid(OUT, today=TODAY)
    assert not is_badge_valid(EXPECTED, today=TODAY)
