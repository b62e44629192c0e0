"""The rules of planned absence, with every branch."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from willing.leave.rules import (
    ApprovalFault,
    DeskFault,
    LeaveAtDesk,
    LeaveState,
    TimeFault,
    WantedLeave,
    Withdrawal,
    decide_approval,
    decide_desk_undo,
    decide_return,
    decide_sign_out,
    decide_state,
    decide_time,
    decide_withdrawal,
    due_back,
    is_overdue,
    misses_lunch,
    overlaps,
    span,
)

LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 11, 26)


def at(hour, minute=0, *, day=26):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answers", "approvals", "needed", "state"),
    [
        ([], 0, 1, LeaveState.ASKED),
        ([], 2, 2, LeaveState.ASKED),  # staff alone let nobody go
        ([True], 0, 1, LeaveState.CONFIRMED),
        ([True], 1, 2, LeaveState.CONFIRMED),
        ([True, True], 1, 1, LeaveState.AGREED),
        ([True, False], 1, 1, LeaveState.DISPUTED),
        ([False], 0, 1, LeaveState.WITHDRAWN),
    ],
)
def test_a_leave_holds_once_a_guardian_and_the_school_say_yes_and_no_guardian_says_no(
    answers, approvals, needed, state
):
    assert decide_state(answers, approvals, needed) is state


def test_a_leave_without_hours_is_whole_days_of_the_school_also_where_the_clocks_go_back():
    begin, end = span(WantedLeave(date(2026, 10, 25), date(2026, 10, 25)), LONDON)
    assert end - begin == timedelta(hours=25)
    assert (begin, end) == (datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))


def test_an_hour_that_the_clock_shows_twice_is_the_first_one():
    wanted = WantedLeave(date(2026, 10, 25), date(2026, 10, 25), time(1, 30), time(1, 45))
    begin, end = span(wanted, LONDON)
    assert begin == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert end - begin == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("wanted", "school_days", "late_days", "fault"),
    [
        (WantedLeave(TODAY, TODAY), 1, 0, TimeFault.NONE),
        (WantedLeave(TODAY, TODAY - timedelta(days=1)), 1, 0, TimeFault.BACKWARDS),
        (WantedLeave(TODAY, TODAY, time(12), time(12)), 1, 0, TimeFault.BACKWARDS),
        (WantedLeave(TODAY, TODAY, time(10), time(12)), 1, 0, TimeFault.NONE),
        (WantedLeave(TODAY, TODAY, time(10)), 1, 0, TimeFault.NONE),
        (WantedLeave(TODAY, TODAY + timedelta(days=1), time(12), time(9)), 1, 0, TimeFault.NONE),
        (WantedLeave(TODAY, TODAY + timedelta(days=120)), 1, 0, TimeFault.TOO_LONG),
        (WantedLeave(TODAY + timedelta(days=401), TODAY + timedelta(days=401)), 1, 0, TimeFault.TOO_FAR),
        (WantedLeave(TODAY - timedelta(days=1), TODAY - timedelta(days=1)), 1, 0, TimeFault.OVER),
        (WantedLeave(TODAY - timedelta(days=1), TODAY), 1, 0, TimeFault.NONE),
        (WantedLeave(TODAY - timedelta(days=14), TODAY - timedelta(days=14)), 1, 14, TimeFault.NONE),
        (WantedLeave(TODAY - timedelta(days=15), TODAY - timedelta(days=15)), 1, 14, TimeFault.OVER),
        (WantedLeave(TODAY, TODAY), 0, 0, TimeFault.NO_SCHOOL),
    ],
)
def test_a_time_that_can_not_be_is_refused_for_its_cause(wanted, school_days, late_days, fault):
    assert decide_time(wanted, today=TODAY, school_days=school_days, late_days=late_days) is fault


def test_two_leaves_that_meet_at_a_moment_do_not_overlap():
    assert not overlaps((at(10), at(11)), [(at(11), at(12)), (at(9), at(10))])
    assert overlaps((at(10), at(11)), [(at(10, 59), at(12))])


@pytest.mark.parametrize(
    ("state", "facts", "fault"),
    [
        (LeaveState.ASKED, {}, ApprovalFault.NOT_CONFIRMED),
        (LeaveState.DISPUTED, {}, ApprovalFault.DISPUTED),
        (LeaveState.AGREED, {}, ApprovalFault.NOT_OPEN),
        (LeaveState.REFUSED, {}, ApprovalFault.NOT_OPEN),
        (LeaveState.CONFIRMED, {"has_acted": True}, ApprovalFault.SAME_PERSON),
        (LeaveState.CONFIRMED, {}, ApprovalFault.NONE),
        (LeaveState.CONFIRMED, {"needed": 2}, ApprovalFault.NONE),
        (LeaveState.CONFIRMED, {"needed": 2, "given": 1}, ApprovalFault.NEEDS_OFFICE),
        (LeaveState.CONFIRMED, {"needed": 2, "given": 1, "is_office": True}, ApprovalFault.NONE),
    ],
)
def test_staff_agree_after_a_guardian_each_once_and_the_office_last_of_two(state, facts, fault):
    known = {"given": 0, "needed": 1, "has_acted": False, "is_office": False, **facts}
    assert decide_approval(state, **known) is fault


@pytest.mark.parametrize(
    ("first", "last", "what"),
    [(0, 0, Withdrawal.WHOLE), (1, 3, Withdrawal.WHOLE), (-1, 1, Withdrawal.REST), (-2, -1, Withdrawal.OVER)],
)
def test_withdrawing_leaves_the_days_that_are_past(first, last, what):
    wanted = WantedLeave(TODAY + timedelta(days=first), TODAY + timedelta(days=last))
    assert decide_withdrawal(wanted, TODAY) is what


def leave(state=LeaveState.AGREED, *, out=None, back=None):
    return LeaveAtDesk(state, at(10), at(12), out, back)


@pytest.mark.parametrize(
    ("held", "now", "fault"),
    [
        (leave(LeaveState.CONFIRMED), at(10), DeskFault.NOT_AGREED),
        (leave(), at(9, 29), DeskFault.NOT_NOW),
        (leave(), at(9, 30), DeskFault.NONE),
        (leave(), at(11, 59), DeskFault.NONE),
        (leave(), at(12), DeskFault.NOT_NOW),
        (leave(out=at(10)), at(10, 1), DeskFault.OUT_ALREADY),
        (leave(out=at(10), back=at(11)), at(11, 1), DeskFault.BACK_ALREADY),
    ],
)
def test_nobody_goes_before_everyone_has_agreed_or_outside_the_time(held, now, fault):
    assert decide_sign_out(held, now) is fault


@pytest.mark.parametrize(
    ("held", "now", "fault"),
    [
        (leave(out=at(10)), at(11), DeskFault.NONE),
        (leave(out=at(10)), at(15), DeskFault.NONE),
        (leave(), at(10), DeskFault.NONE),  # was never signed out, and reports back all the same
        (leave(), at(9), DeskFault.NOT_OUT),
        (leave(LeaveState.DISPUTED), at(10), DeskFault.NOT_AGREED),
        (leave(out=at(10), back=at(11)), at(12), DeskFault.BACK_ALREADY),
    ],
)
def test_who_is_back_is_noted_once(held, now, fault):
    assert decide_return(held, now) is fault


def test_what_the_desk_noted_is_undone_for_ten_minutes():
    assert decide_desk_undo(leave(), at(10)) is DeskFault.NOT_OUT
    assert decide_desk_undo(leave(out=at(10)), at(10, 10)) is DeskFault.NONE
    assert decide_desk_undo(leave(out=at(10)), at(10, 11)) is DeskFault.TOO_LATE
    assert decide_desk_undo(leave(out=at(10), back=at(11)), at(11, 5)) is DeskFault.NONE


def test_who_left_for_a_part_of_a_day_is_waited_for_and_others_where_the_school_asks():
    by = at(10, day=27)
    assert due_back(leave(out=at(10)), is_part_of_a_day=True, report_by=by) == at(12)
    assert due_back(leave(), is_part_of_a_day=True, report_by=by) is None
    assert due_back(leave(), is_part_of_a_day=False, report_by=by) == by
    assert due_back(leave(), is_part_of_a_day=False, report_by=None) is None
    assert due_back(leave(LeaveState.REFUSED), is_part_of_a_day=False, report_by=by) is None
    assert due_back(leave(back=at(11)), is_part_of_a_day=False, report_by=by) is None
    assert not is_overdue(None, at(12))
    assert not is_overdue(at(12), at(12, 14))
    assert is_overdue(at(12), at(12, 15))


def test_a_meal_is_not_cooked_only_for_who_is_away_for_every_moment_of_lunch():
    sittings = [(at(11, 45), at(12, 30)), (at(12, 30), at(13, 15))]
    assert misses_lunch((at(9), at(14)), sittings)
    assert not misses_lunch((at(9), at(13)), sittings)
    assert not misses_lunch((at(12), at(14)), sittings)
