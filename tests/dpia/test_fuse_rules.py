"""At which numbers fuses blow, and in which order they warn, blow and clear: by table."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from willing.dpia.fuse_rules import (
    OUT_OF_DATE_AHEAD,
    RANGES,
    Bounds,
    FuseKind,
    FuseSituation,
    FuseStep,
    GroupPayments,
    Pictures,
    blows_on,
    bounds_within,
    decide_step,
    is_attacked_more,
    is_mostly_faces,
    is_much_faster,
    is_often_wrong,
    is_out_of_date,
    lapses_on,
)

USUAL, TODAY = Bounds(), date(2026, 11, 24)
ALL_FACES = GroupPayments(uses=50, pupils=10, faces=50, has_cards=True)
NEXT = TODAY + timedelta(days=1)


def test_the_usual_bounds_are_those_of_the_assessment_and_within_their_ranges() -> None:
    assert Bounds(50, 10, 950, 600, 10, 10, 730) == USUAL
    assert bounds_within(USUAL)
    for name, (low, high) in RANGES.items():
        assert bounds_within(replace(USUAL, **{name: low}))
        assert bounds_within(replace(USUAL, **{name: high}))
        assert not bounds_within(replace(USUAL, **{name: low - 1}))
        assert not bounds_within(replace(USUAL, **{name: high + 1}))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"uses": 60, "faces": 57}, True),
        ({"uses": 60, "faces": 56}, False),
        ({"uses": 49, "faces": 49}, False),
        ({"pupils": 9}, False),
        ({"has_cards": False}, False),
    ],
)
def test_a_group_pays_mostly_with_faces_from_fifty_uses_by_ten_pupils_with_cards(
    change: dict[str, Any], expected: bool
) -> None:
    assert is_mostly_faces(replace(ALL_FACES, **change), USUAL) is expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([(5, 9)] * 10, True),
        ([(9, 9)] * 20 + [(5, 9)] * 10, True),
        ([(5, 9)] * 9, False),
        ([(6, 10)] * 10, False),
        ([(5, 9)] * 9 + [(6, 9)], False),
        ([(9, 5)] * 10, False),
        ([], False),
    ],
)
def test_the_face_is_much_faster_when_it_is_so_on_ten_days_in_a_row(
    days: list[tuple[int, int]], expected: bool
) -> None:
    assert is_much_faster(days, USUAL) is expected


@pytest.mark.parametrize(
    ("confirmed", "uses", "expected"),
    [(0, 0, False), (0, 20, False), (1, 100, True), (1, 560, False), (3, 500, True), (3, 0, False)],
)
def test_faces_are_often_wrong_when_the_interval_s_upper_end_is_above_the_bound(
    confirmed: int, uses: int, expected: bool
) -> None:
    assert is_often_wrong(confirmed, uses, USUAL) is expected


def test_the_earlier_of_review_and_consultation_lapses() -> None:
    review, asked = TODAY + timedelta(days=100), TODAY - timedelta(days=700)
    assert lapses_on(review, None, USUAL) == review
    assert lapses_on(review, asked, USUAL) == asked + timedelta(days=730)
    assert lapses_on(review, TODAY, USUAL) == review
    assert is_out_of_date(TODAY + OUT_OF_DATE_AHEAD, TODAY)
    assert not is_out_of_date(NEXT + OUT_OF_DATE_AHEAD, TODAY)


@pytest.mark.parametrize(
    ("signed", "lately", "expected"),
    [
        (Pictures(0, 0), Pictures(100, 90), False),
        (Pictures(1000, 5), Pictures(1000, 40), True),
        (Pictures(1000, 5), Pictures(1000, 9), False),
        (Pictures(1000, 5), Pictures(3, 1), False),
        (Pictures(1000, 5), Pictures(0, 0), False),
    ],
)
def test_attacks_are_worse_when_the_intervals_do_not_overlap(
    signed: Pictures, lately: Pictures, expected: bool
) -> None:
    assert is_attacked_more(signed, lately) is expected


WARNED = FuseSituation(holds=True, today=TODAY, blows_on=TODAY)


@pytest.mark.parametrize(
    ("situation", "step"),
    [
        (FuseSituation(holds=False, today=TODAY), FuseStep.STAY),
        (FuseSituation(holds=True, today=TODAY), FuseStep.WARN),
        (FuseSituation(holds=True, today=TODAY, accepted_until=NEXT), FuseStep.STAY),
        (FuseSituation(holds=True, today=TODAY, accepted_until=TODAY), FuseStep.WARN),
        (replace(WARNED, blows_on=NEXT), FuseStep.STAY),
        (WARNED, FuseStep.BLOW),
        (replace(WARNED, blows_on=TODAY - timedelta(days=3)), FuseStep.BLOW),
        (replace(WARNED, is_quiet=False), FuseStep.STAY),
        (replace(WARNED, holds=False), FuseStep.CLEAR),
        (replace(WARNED, is_blown=True), FuseStep.STAY),
        (replace(WARNED, is_blown=True, holds=False), FuseStep.STAY),
    ],
)
def test_a_fuse_warns_then_blows_on_its_morning_and_stays_so(
    situation: FuseSituation, step: FuseStep
) -> None:
    assert decide_step(FuseKind.MOSTLY_FACES, situation) is step


def test_only_what_was_out_of_date_is_mended_without_a_decision_about_the_fuse() -> None:
    mended = replace(WARNED, is_blown=True, holds=False)
    assert decide_step(FuseKind.OUT_OF_DATE, mended) is FuseStep.CLEAR
    assert decide_step(FuseKind.OUT_OF_DATE, replace(mended, holds=True)) is FuseStep.STAY


def test_it_blows_after_a_whole_day_with_school_and_not_before_what_lapses() -> None:
    friday, monday, tuesday = date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)
    assert blows_on(friday, [friday, monday]) == monday
    assert blows_on(friday + timedelta(days=1), [monday, tuesday]) == tuesday
    assert blows_on(friday, []) == friday + timedelta(days=1)
    assert blows_on(friday, [friday, monday], lapses=tuesday) == tuesday
    assert blows_on(friday, [friday, monday], lapses=friday) == monday
