"""Which days have school, and when meals are sold: every branch of the rules, by example."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from willing.people.calendar_rules import (
    CalendarSpan,
    Hours,
    NoSchool,
    SellingHours,
    are_apart,
    decide_day,
    decide_entry,
    decide_selling_hours,
    first_school_day,
    sitting_times,
)

FRIDAY = date(2026, 11, 27)
SATURDAY = date(2026, 11, 28)
TERM = CalendarSpan("term", date(2026, 9, 1), date(2026, 12, 18), "Autumn")
LUNCH = Hours(time(11, 30), time(12, 15))
LATE = Hours(time(12, 15), time(13))


def closed(first: date, last: date | None = None, name: str = "Training") -> CalendarSpan:
    return CalendarSpan("closed", first, last or first, name)


@pytest.mark.parametrize(
    ("day", "weekdays", "entries", "why_not", "name"),
    [
        (SATURDAY, "", [], NoSchool.NOTHING, ""),
        (FRIDAY, "12345", [], NoSchool.NOTHING, ""),
        (SATURDAY, "12345", [], NoSchool.WEEKDAY, ""),
        (FRIDAY, "12345", [TERM], NoSchool.NOTHING, "Autumn"),
        (SATURDAY, "12345", [TERM], NoSchool.WEEKDAY, ""),
        (date(2026, 12, 21), "12345", [TERM], NoSchool.NO_TERM, ""),
        (date(2026, 8, 31), "", [TERM], NoSchool.NO_TERM, ""),
        (FRIDAY, "12345", [TERM, closed(FRIDAY)], NoSchool.CLOSED, "Training"),
        (FRIDAY, "", [closed(date(2026, 11, 26), SATURDAY)], NoSchool.CLOSED, "Training"),
        (FRIDAY, "", [closed(SATURDAY)], NoSchool.NOTHING, ""),
        (
            SATURDAY,
            "12345",
            [TERM, CalendarSpan("opened", SATURDAY, SATURDAY, "Fair")],
            NoSchool.NOTHING,
            "Fair",
        ),
        (FRIDAY, "", [closed(FRIDAY), CalendarSpan("opened", FRIDAY, FRIDAY)], NoSchool.NOTHING, ""),
    ],
)
def test_a_day_has_school_unless_something_speaks_against_it_and_an_opened_day_always(
    day: date, weekdays: str, entries: list[CalendarSpan], why_not: NoSchool, name: str
) -> None:
    found = decide_day(day, weekdays, entries)
    assert (found.why_not, found.name, found.is_school_day) == (why_not, name, why_not is NoSchool.NOTHING)
    assert found.weekday == day.isoweekday()


def test_an_opened_saturday_may_have_the_hours_and_the_menu_of_a_friday() -> None:
    worked = CalendarSpan("opened", SATURDAY, SATURDAY, "调休", as_weekday=5)
    assert decide_day(SATURDAY, "12345", [worked]).weekday == 5


@pytest.mark.parametrize(
    ("new", "others", "fault"),
    [
        (closed(SATURDAY, FRIDAY), [], "backwards"),
        (closed(date(1999, 12, 31)), [], "not_in_range"),
        (closed(date(2100, 12, 31), date(2101, 1, 1)), [], "not_in_range"),
        (closed(date(2026, 1, 1), date(2027, 2, 5)), [], "too_long"),
        (closed(date(2026, 1, 1), date(2027, 2, 4)), [], ""),
        (CalendarSpan("opened", FRIDAY, SATURDAY), [], "one_day"),
        (CalendarSpan("opened", FRIDAY, FRIDAY), [], ""),
        (closed(FRIDAY), [closed(FRIDAY)], "same"),
        (closed(FRIDAY), [closed(FRIDAY, SATURDAY)], ""),
        (CalendarSpan("term", FRIDAY, SATURDAY), [TERM], "terms_overlap"),
        (CalendarSpan("term", date(2026, 12, 18), date(2026, 12, 19)), [TERM], "terms_overlap"),
        (CalendarSpan("term", date(2026, 12, 19), date(2026, 12, 19)), [TERM], ""),
    ],
)
def test_what_can_not_be_in_a_calendar_is_named(
    new: CalendarSpan, others: list[CalendarSpan], fault: str
) -> None:
    assert decide_entry(new, others) == fault


def test_sittings_may_touch_and_not_overlap() -> None:
    assert are_apart([LUNCH, LATE])
    assert are_apart([])
    assert not are_apart([LUNCH, Hours(time(12, 14), time(13))])
    assert not are_apart([Hours(time(13), time(12))])
    assert not are_apart([Hours(time(13), time(13))])


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (time(11, 29, 59), SellingHours.OUTSIDE),
        (time(11, 30), SellingHours.NOTHING),
        (time(12, 15), SellingHours.NOTHING),
        (time(13), SellingHours.OUTSIDE),
    ],
)
def test_a_till_says_so_outside_the_hours(at: time, says: SellingHours) -> None:
    day = decide_day(FRIDAY, "12345", [])
    assert decide_selling_hours(day, {5: [LUNCH, LATE]}, at) is says


def test_a_till_says_nothing_where_no_hours_are_set_and_that_it_is_closed_whatever_the_hour() -> None:
    assert decide_selling_hours(decide_day(FRIDAY, "", []), {}, time(3)) is SellingHours.NOTHING
    assert decide_selling_hours(decide_day(SATURDAY, "12345", []), {}, time(12)) is SellingHours.CLOSED
    without_meals = decide_selling_hours(decide_day(FRIDAY, "12345", []), {1: [LUNCH]}, time(12))
    assert without_meals is SellingHours.OUTSIDE


def test_the_next_school_day_is_after_the_weekend_and_the_holidays_and_none_where_none_is_near() -> None:
    found = first_school_day(FRIDAY, "12345", [closed(date(2026, 11, 30))])
    assert found is not None
    assert found.day == date(2026, 12, 1)
    assert first_school_day(date(2026, 12, 18), "12345", [TERM]) is None


LONDON, HAVANA = ZoneInfo("Europe/London"), ZoneInfo("America/Havana")


def test_a_sitting_follows_the_schools_clock_in_winter_and_summer() -> None:
    winter, summer = (
        sitting_times(day, [LUNCH], LONDON)[0].begins_at for day in (date(2026, 3, 28), date(2026, 3, 29))
    )
    assert (winter, summer) == (
        datetime(2026, 3, 28, 11, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 10, 30, tzinfo=UTC),
    )


def test_an_hour_that_the_clock_shows_twice_is_within_twice_and_one_left_out_is_never_backwards() -> None:
    night = [Hours(time(0, 15), time(0, 45))]
    (twice,) = sitting_times(date(2026, 11, 1), night, HAVANA)  # at one o'clock it is midnight again
    assert (twice.ends_at - twice.begins_at).total_seconds() == 90 * 60
    (left_out,) = sitting_times(date(2026, 3, 8), night, HAVANA)  # at midnight it is one o'clock
    assert left_out.begins_at < left_out.ends_at
