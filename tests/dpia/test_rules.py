"""When faces are locked, by table."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from willing.dpia.rules import (
    REVIEW_DAYS_MAX,
    LockSituation,
    Preparation,
    decide_lock,
    decide_steps,
    is_review_date,
    next_review,
    next_step,
    why_not_signed,
)

TODAY = date(2026, 9, 1)
OPEN = LockSituation(TODAY, TODAY + timedelta(days=1), families_asked=True, locked_by_hand=False)


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, ()),
        ({"locked_by_hand": True}, ("locked_by_hand",)),
        ({"families_asked": False}, ("families_not_asked",)),
        ({"review_on": None}, ("not_signed",)),
        ({"review_on": TODAY}, ("review_due",)),
        ({"review_on": TODAY - timedelta(days=1)}, ("review_due",)),
        ({"review_on": TODAY + timedelta(days=367)}, ()),
        ({"review_on": TODAY + timedelta(days=368)}, ("review_due",)),
        ({"clock_behind": True}, ("clock_behind",)),
        (
            {"locked_by_hand": True, "families_asked": False, "review_on": None, "clock_behind": True},
            ("locked_by_hand", "families_not_asked", "not_signed", "clock_behind"),
        ),
    ],
)
def test_the_lock_follows_from_the_situation(change, reasons):
    lock = decide_lock(replace(OPEN, **change))
    assert lock.reasons == reasons
    assert lock.is_unlocked is (not reasons)


def test_nobody_s_clock_is_behind_unless_it_is_said():
    assert OPEN.clock_behind is False


@pytest.mark.parametrize(("days", "is_one"), [(-1, False), (0, False), (1, True), (366, True), (367, False)])
def test_a_review_lies_within_a_year_and_a_day(days, is_one):
    assert is_review_date(TODAY + timedelta(days=days), TODAY) is is_one
    assert REVIEW_DAYS_MAX == 366


@pytest.mark.parametrize("made", [OPEN, decide_lock(OPEN)])
def test_what_was_decided_cannot_be_changed(made):
    with pytest.raises(AttributeError):
        made.anything = 1


def test_a_blown_fuse_locks_beside_whatever_else_does():
    assert decide_lock(replace(OPEN, fuse_blown=True)).reasons == ("fuse_blown",)
    assert decide_lock(replace(OPEN, fuse_blown=True, review_on=None)).reasons == ("fuse_blown", "not_signed")


ASKED = Preparation(families_asked=True)
RISK = replace(ASKED, has_risk=True)
READ = replace(RISK, is_read=True, was_read=True)
SIGNED = replace(RISK, is_signed=True)


@pytest.mark.parametrize(
    ("found", "whys"),
    [
        (Preparation(), ("families_never", "risks_none", "read_never", "sign_never")),
        (ASKED, ("", "risks_none", "read_never", "sign_never")),
        (RISK, ("", "", "read_never", "sign_never")),
        (replace(RISK, was_read=True), ("", "", "read_changed", "sign_never")),
        (READ, ("", "", "", "sign_never")),
        (SIGNED, ("", "", "", "")),
        (replace(SIGNED, is_consultation_old=True), ("families_old", "", "", "")),
        (replace(SIGNED, has_risk=False), ("", "risks_none", "", "")),
        (replace(SIGNED, is_changed=True), ("", "", "read_settings", "sign_settings")),
        (replace(SIGNED, is_changed=True, was_read=True), ("", "", "read_changed", "sign_settings")),
        (replace(SIGNED, is_changed=True, is_read=True), ("", "", "", "sign_settings")),
        (replace(SIGNED, is_review_near=True), ("", "risks_review", "read_review", "sign_review")),
        (
            replace(SIGNED, is_review_near=True, are_risks_reviewed=True),
            ("", "", "read_review", "sign_review"),
        ),
    ],
)
def test_what_no_longer_holds_sends_back_to_its_step_and_says_why(found, whys):
    steps = decide_steps(found)
    assert tuple(step.why for step in steps) == whys
    following = next_step(steps)
    assert (following.why if following else "") == next((why for why in whys if why), "")


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (Preparation(), "risks"),
        (RISK, "read"),
        (READ, ""),
        (replace(READ, families_asked=False), ""),
        (replace(READ, is_signed=True, is_review_near=True), "risks"),
        (replace(READ, is_signed=True, is_review_near=True, are_risks_reviewed=True), ""),
    ],
)
def test_a_signature_needs_a_risk_considered_and_the_text_read(found, missing):
    assert why_not_signed(found) == missing


def test_the_review_that_is_offered_is_one_that_may_be_set():
    assert is_review_date(next_review(TODAY), TODAY)
