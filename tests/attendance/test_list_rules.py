"""Counts of sessions, school weeks and days by which a reason is due: worked examples and laws."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.attendance.code_sets import NAMES, require_code_set
from willing.attendance.list_rules import (
    RegisterSession,
    Week,
    absences,
    beside_holidays,
    day_minutes,
    day_values,
    days_in_a_row,
    days_late,
    days_of_term,
    due_day,
    first_of_weeks,
    is_over_threshold,
    new_pupil_due,
    pattern_of,
    unauthorised,
)
from willing.attendance.note_rules import OPEN_MAX, NoteFault, decide_answer, decide_note
from willing.attendance.rules import CountsAs, DayValue, attendance_rate, counted

ENGLAND, US = require_code_set("england_2024"), require_code_set("us_minutes")


def days(*texts):
    return [date.fromisoformat(f"2026-{one}") for one in texts]


def weekdays(first, last):
    """Return Mondays to Fridays."""
    found = (first + timedelta(days=count) for count in range((last - first).days + 1))
    return [one for one in found if one.isoweekday() < 6]


TERM = weekdays(date(2026, 9, 1), date(2026, 10, 23)) + weekdays(date(2026, 11, 2), date(2026, 12, 18))


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 26), "2026-W48"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 1), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
    ],
)
def test_a_week_is_that_of_iso_8601_at_the_turn_of_a_year_too(day, written):
    week = Week.of(day)
    assert str(week) == written
    assert Week.read(written) == week
    assert week.monday <= day <= week.sunday
    assert week.before.after == week == week.after.before


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2025-W53", "2026-W54", "2026-W00", "2026-48", "0001-W01", "9999-W52", "x-W1", "2026-Wx"],
)
def test_what_is_no_week_of_any_year_is_none(text):
    assert Week.read(text) is None


def test_ten_school_weeks_leave_out_weeks_of_holidays():
    first = first_of_weeks(TERM, until=date(2026, 11, 26))
    assert first == date(2026, 9, 14), "eleven weeks back in the calendar: the holiday's week is none"
    assert first_of_weeks(TERM, until=date(2026, 9, 9)) == date(2026, 8, 31)
    assert first_of_weeks(TERM, until=date(2026, 8, 1)) is None


def test_days_of_a_term_are_those_since_it_began():
    begins = [date(2026, 9, 1), date(2026, 11, 2), date(2027, 1, 4)]
    found = days_of_term(TERM, begins, until=date(2026, 11, 5))
    assert found == [date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4)]
    assert days_of_term(TERM, begins, until=date(2026, 11, 2)) == [], "of the term before nothing is left"
    assert days_of_term(TERM, [], until=date(2026, 9, 2)) == [one for one in TERM if one < date(2026, 9, 2)]


def test_a_reason_is_due_five_school_days_after_the_absence():
    assert due_day(TERM, date(2026, 10, 21)) == date(2026, 11, 4)
    assert due_day(TERM, date(2026, 12, 16)) is None, "the calendar ends: nobody is late yet"
    due = date(2026, 11, 4)
    assert [days_late(due, TERM, date(2026, 11, one)) for one in (4, 5, 6, 9)] == [0, 1, 2, 3]
    assert days_late(date(2026, 10, 23), TERM, date(2026, 10, 25)) == 1, "overdue in the holidays as well"
    assert days_late(None, TERM, date(2027, 1, 1)) == 0
    assert new_pupil_due(date(2026, 11, 26)) == date(2026, 12, 1)


def test_days_beside_a_holiday_are_those_with_a_missing_weekday_between():
    found = beside_holidays(TERM, {1, 2, 3, 4, 5})
    assert sorted(found) == days("10-23", "11-02"), "a weekend is no holiday"
    wednesday_off = [one for one in TERM if one != date(2026, 11, 25)]
    assert set(days("11-24", "11-26")) <= beside_holidays(wednesday_off, {1, 2, 3, 4, 5})
    assert beside_holidays(days("11-20", "11-23"), ()) == set(days("11-20", "11-23")), "every day has school"


def test_ten_unauthorised_sessions_are_those_with_a_decision_and_not_those_without_a_reason():
    assert unauthorised(ENGLAND) == {"G", "N", "O", "U"}
    assert not is_over_threshold(9)
    assert is_over_threshold(10)


def test_a_pattern_counts_absences_by_weekday_by_register_and_beside_holidays():
    missed = absences(ENGLAND)
    sessions = [
        RegisterSession(date(2026, 10, 23), 1, "I"),
        RegisterSession(date(2026, 10, 23), 2, "O"),
        RegisterSession(date(2026, 11, 2), 1, "L"),
        RegisterSession(date(2026, 11, 3), 2, "X"),
        RegisterSession(date(2026, 11, 6), 2, "N"),
    ]
    found = pattern_of(sessions, missed, beside_holidays(TERM, {1, 2, 3, 4, 5}))
    assert (found.total, found.by_weekday, found.by_number) == (3, {5: 3}, {1: 1, 2: 2})
    assert found.beside_holidays == 2


def test_days_in_a_row_end_with_a_session_that_was_attended():
    missed = absences(ENGLAND)
    away = [RegisterSession(one, number, "I") for one in TERM[10:15] for number in (1, 2)]
    assert days_in_a_row(away, missed) == 5
    assert days_in_a_row([*away, RegisterSession(TERM[12], 1, "/")], missed) == 2
    assert days_in_a_row([], missed) == 0


def test_minutes_decide_what_a_day_counts_as_in_the_united_states():
    """Six lessons of 50 minutes: a day from 300 minutes on, half a day from 150 (openSIS)."""
    here, away, late = US.present(is_morning=True), US.unexplained, US.late
    lengths = [50] * 6
    assert day_minutes([(here, None)] * 6, US, lengths) == 300
    assert day_minutes([(here, None)] * 3 + [(away, None)] * 3, US, lengths) == 150
    assert day_minutes([(late, 20), *[(here, None)] * 5], US, lengths) == 280
    assert day_minutes([(late, 90)], US, [50]) == 0
    found = day_values(dict(zip(TERM, (300, 299, 150, 149, 0), strict=False)), full_from=300, half_from=150)
    assert found == {DayValue.FULL: 1, DayValue.HALF: 2, DayValue.NONE: 2}


def test_a_percentage_counts_sessions_by_what_their_code_means():
    """Nineteen attended of twenty possible, worked out by hand; what could not be attended counts nowhere."""
    symbols = {"/": 9, "\\": 8, "L": 1, "V": 1, "I": 1, "X": 4, "#": 2, "Y4": 2}
    found = counted(ENGLAND, symbols)
    assert (found[CountsAs.ATTENDING], found[CountsAs.AUTHORISED], found[CountsAs.UNAUTHORISED]) == (19, 1, 0)
    assert attendance_rate(found) == pytest.approx(0.95)


@given(st.sampled_from(NAMES), st.data())
def test_every_session_counts_once_and_a_share_lies_between_none_and_all(name, data):
    codes = require_code_set(name)
    symbols = data.draw(st.dictionaries(st.sampled_from(sorted(codes.codes)), st.integers(0, 400)))
    found = counted(codes, symbols)
    assert sum(found.values()) == sum(symbols.values())
    rate = attendance_rate(found)
    assert rate is None or 0 <= rate <= 1
    missed = sum(number for symbol, number in symbols.items() if symbol in absences(codes))
    assert missed == found[CountsAs.AUTHORISED] + found[CountsAs.UNAUTHORISED]


@given(st.lists(st.integers(0, 2000), max_size=40))
def test_every_day_has_one_value(minutes):
    found = day_values(
        {date(2026, 1, 1) + timedelta(days=place): one for place, one in enumerate(minutes)},
        full_from=300,
        half_from=150,
    )
    assert sum(found.values()) == len(minutes)
    assert found[DayValue.FULL] == sum(one >= 300 for one in minutes)


TODAY = date(2026, 11, 26)
NOTE = {
    "is_correction": True,
    "has_words": True,
    "day": TODAY,
    "today": TODAY,
    "is_marked": True,
    "is_open": 0,
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, NoteFault.NONE),
        ({"has_words": False}, NoteFault.WITHOUT_WORDS),
        ({"day": TODAY + timedelta(days=1)}, NoteFault.DAY_NOT_VALID),
        ({"day": TODAY - timedelta(days=367)}, NoteFault.DAY_NOT_VALID),
        ({"is_marked": False}, NoteFault.OF_NOTHING),
        ({"is_marked": False, "is_correction": False}, NoteFault.NONE),
        ({"is_open": OPEN_MAX}, NoteFault.TOO_MANY),
    ],
)
def test_what_a_family_may_write(change, fault):
    assert decide_note(**{**NOTE, **change}) is fault


ANSWER = {
    "is_correction": True,
    "is_open": True,
    "has_words": True,
    "wants_change": True,
    "seen": 2,
    "holds": 2,
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, NoteFault.NONE),
        ({"is_open": False}, NoteFault.ANSWERED),
        ({"has_words": False}, NoteFault.WITHOUT_WORDS),
        ({"holds": 3}, NoteFault.MARK_CHANGED),
        ({"holds": 0, "seen": 0}, NoteFault.OF_NOTHING),
        ({"holds": 0, "seen": 0, "wants_change": False}, NoteFault.NONE),
        ({"is_correction": False}, NoteFault.OF_NOTHING),
        ({"is_correction": False, "wants_change": False, "has_words": False}, NoteFault.NONE),
    ],
)
def test_what_staff_may_answer(change, fault):
    assert decide_answer(**{**ANSWER, **change}) is fault
