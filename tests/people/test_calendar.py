"""The calendar: who writes it, what the log says of it, what a file of holidays may hold."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from tests.support.clocks import stopped_at

from willing.audit.models import Entry as LogEntry
from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.people.calendar import (
    add_closed_days,
    add_entry,
    change_entry,
    delete_entry,
    read_hours,
    set_week,
    write_hours,
)
from willing.people.calendar_files import FILE_BYTES_MAX, read_closed_days
from willing.people.calendar_rules import CalendarSpan, Hours, SellingHours
from willing.people.models import CalendarEntry, Sitting
from willing.people.school_days import (
    is_school_day,
    is_set,
    next_school_day,
    selling_hours_now,
    sitting_at,
    sittings_of,
)

LUNCH = (Hours(time(11, 30), time(12, 15)), Hours(time(12, 20), time(13)))
WEEK = dict.fromkeys(range(1, 6), LUNCH)
THURSDAY = date(2026, 11, 26)
CHRISTMAS = CalendarSpan("closed", date(2026, 12, 19), date(2027, 1, 3), "Christmas")


def noon(hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 11, 26, hour, minute, tzinfo=UTC)  # in London the same


def test_a_school_that_set_nothing_has_school_every_day_and_no_hours(cast: Any) -> None:
    school = cast.school
    assert not is_set(school)
    assert all(is_school_day(school, date(2026, 11, day)) for day in range(1, 31))
    assert next_school_day(school, THURSDAY) == date(2026, 11, 27)
    assert sittings_of(school, THURSDAY) == []
    assert sitting_at(school, noon()) is None
    assert selling_hours_now(school)[0] is SellingHours.NOTHING


def test_week_terms_and_closed_days_are_what_every_question_is_answered_from(cast: Any) -> None:
    school = cast.school
    set_week(school, WEEK, by=1)
    add_entry(school, CalendarSpan("term", date(2026, 9, 1), date(2027, 7, 20), "Year"), by=1)
    add_entry(school, CHRISTMAS, by=1)
    assert is_set(school)
    assert is_school_day(school, THURSDAY)
    assert not is_school_day(school, date(2026, 11, 28))
    assert not is_school_day(school, date(2026, 12, 25))
    assert not is_school_day(school, date(2027, 8, 2))
    assert next_school_day(school, date(2026, 12, 18)) == date(2027, 1, 4)
    assert next_school_day(school, date(2027, 7, 20)) is None
    assert [one.hours for one in sittings_of(school, THURSDAY)] == list(LUNCH)
    assert sittings_of(school, date(2026, 11, 28)) == []
    found = sitting_at(school, noon(12, 20))
    assert found is not None
    assert found.hours == LUNCH[1]
    assert sitting_at(school, noon(12, 15)) is None


def test_the_hour_is_the_schools_own_wherever_the_computer_is(cast: Any) -> None:
    school = cast.school
    school.time_zone = "Asia/Shanghai"
    set_week(school, {4: LUNCH})
    with stopped_at(datetime(2026, 11, 26, 4, 0, tzinfo=UTC)):  # noon in Shanghai
        assert selling_hours_now(school)[0] is SellingHours.NOTHING
    with stopped_at(datetime(2026, 11, 26, 16, 0, tzinfo=UTC)):  # Friday there
        assert selling_hours_now(school)[0] is SellingHours.CLOSED


def test_a_week_that_is_set_anew_replaces_the_old_one_and_the_same_is_no_change(cast: Any) -> None:
    school = cast.school
    set_week(school, WEEK, by=7)
    set_week(school, WEEK, by=7)
    assert LogEntry.objects.filter(event="calendar.week_set").count() == 1
    set_week(school, {1: LUNCH[:1], 3: ()}, by=7)
    assert list(Sitting.objects.values_list("weekday", flat=True)) == [1]
    assert cast.school.weekdays == "13"
    set_week(school, {}, by=7)
    assert cast.school.weekdays == ""
    assert not Sitting.objects.exists()
    with pytest.raises(Refused, match="hours_overlap"):
        set_week(school, {1: (LUNCH[0], LUNCH[0])})


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("11:30-12:15, 12:20-13:00", LUNCH),
        ("12.20 – 13.00; 11.30 – 12.15", LUNCH),
        ("11:30至12:15、12:20到13:00", LUNCH),
        ("11:30~12:15,12:20~13:00", LUNCH),
        (" 11:30 to 12:15 ", LUNCH[:1]),
        ("", ()),
        (",", ()),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, hours: tuple[Hours, ...]) -> None:
    assert read_hours(text) == hours
    assert read_hours(write_hours(hours)) == hours


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lunch", "hours_not_valid"),
        ("11:30", "hours_not_valid"),
        ("25:00-26:00", "hours_not_valid"),
        ("11:60-12:15", "hours_not_valid"),
        ("-1:30-2:00", "hours_not_valid"),
        ("12:15-11:30", "hours_overlap"),
        ("11:30-12:15, 12:00-13:00", "hours_overlap"),
        (",".join(f"10:{minute:02}-10:{minute + 1:02}" for minute in range(13)), "hours_overlap"),
    ],
)
def test_hours_that_can_not_be_are_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        read_hours(text)


def test_an_entry_is_added_once_changed_and_deleted_and_the_log_names_the_days(cast: Any) -> None:
    school, key = cast.school, uuid4()
    added = add_entry(school, CHRISTMAS, by=3, entry_id=key)
    assert add_entry(school, CHRISTMAS, by=3, entry_id=key).pk == added.pk == key
    with pytest.raises(Refused, match="calendar_entry_not_valid") as refused:
        add_entry(school, CHRISTMAS)
    assert refused.value.data == {"fault": "same"}
    longer = CalendarSpan("closed", CHRISTMAS.first_day, date(2027, 1, 5), "Winter")
    change_entry(school, key, longer, by=3)
    change_entry(school, key, longer, by=3)  # it is not in its own way
    assert CalendarEntry.objects.get().last_day == date(2027, 1, 5)
    delete_entry(school, key, by=3)
    delete_entry(school, key, by=3)
    assert not CalendarEntry.objects.exists()
    with pytest.raises(Refused, match="calendar_entry_unknown"):
        change_entry(school, key, longer)
    events = LogEntry.objects.filter(event__startswith="calendar.").order_by("sequence")
    assert [one.event.rpartition("_")[2] for one in events] == ["added", "changed", "changed", "deleted"]
    assert b"2027-01-05" in bytes(events[1].hashed)
    assert b"Winter" not in bytes(events[1].hashed), "a name may be anything, so it can be erased"


def test_the_database_itself_refuses_what_no_action_would_write(cast: Any) -> None:
    for kind, first, last, weekday in (
        ("closed", 2, 1, None),
        ("opened", 1, 2, None),
        ("closed", 1, 1, 5),
        ("opened", 1, 1, 8),
        ("other", 1, 1, None),
    ):
        row = CalendarEntry(
            school=cast.school,
            kind=kind,
            first_day=date(2026, 1, first),
            last_day=date(2026, 1, last),
            as_weekday=weekday,
        )
        with pytest.raises(IntegrityError):
            atomic(row.save)()
    for sitting in (
        Sitting(school=cast.school, weekday=8, opens=time(11), closes=time(12)),
        Sitting(school=cast.school, weekday=1, opens=time(12), closes=time(12)),
    ):
        with pytest.raises(IntegrityError):
            atomic(sitting.save)()


# --- files

ICS = b"""\xef\xbb\xbfBEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VTIMEZONE\r
DTSTART:19700101T000000\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
SUMMARY:Christmas\\, Boxing Day and a name that is\r
  folded\r
DTSTART;VALUE=DATE:20261225\r
DTEND;VALUE=DATE:20261227\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:New Year\r
DTSTART;VALUE=DATE:20270101\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:New Year again\r
DTSTART;VALUE=DATE:20270101\r
DTEND;VALUE=DATE:20270101\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Week\r
DTSTART;VALUE=DATE:20270215\r
DURATION:P1W\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Sports day\r
DTSTART:20270301T090000Z\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Labour Day\r
DTSTART;VALUE=DATE:20270501\r
RRULE:FREQ=YEARLY\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Called off\r
STATUS:CANCELLED\r
DTSTART;VALUE=DATE:20270601\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Long ago\r
DTSTART;VALUE=DATE:20200101\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Backwards\r
DTSTART;VALUE=DATE:20270701\r
DTEND;VALUE=DATE:20270601\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_a_calendar_file_gives_whole_days_and_says_what_it_leaves_out() -> None:
    rows = read_closed_days(ICS, THURSDAY)
    taken = [(one.name, one.days.first_day, one.days.last_day) for one in rows if one.days]
    assert taken == [
        ("Christmas, Boxing Day and a name that is folded", date(2026, 12, 25), date(2026, 12, 26)),
        ("New Year", date(2027, 1, 1), date(2027, 1, 1)),
        ("Week", date(2027, 2, 15), date(2027, 2, 21)),
    ]
    assert [(one.name, one.fault) for one in rows if one.fault] == [
        ("Sports day", "part_of_a_day"),
        ("Labour Day", "repeats"),
        ("Backwards", "date_not_valid"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "First day,Last day,Name\n2026-12-19,2027-01-03,Christmas\n",
        "﻿名称;开始日期;结束日期\nChristmas;2026年12月19日;2027/1/3\n",
        "name\tDATE\tUntil\nChristmas\t20261219\t2027.01.03\n",
    ],
)
def test_a_list_is_read_by_its_headings_in_both_languages(text: str) -> None:
    assert [one.days for one in read_closed_days(text.encode(), THURSDAY)] == [CHRISTMAS]


def test_a_row_without_a_readable_date_is_left_out_by_name_and_one_without_a_last_day_is_one_day() -> None:
    text = "Date,Last day,Name\n25/12/2026,,Day first\n2026-12-25,,Christmas\n2026-02-30,,Never\n"
    rows = read_closed_days(text.encode(), THURSDAY)
    assert [(one.name, one.fault) for one in rows] == [
        ("Christmas", ""),
        ("Day first", "date_not_valid"),
        ("Never", "date_not_valid"),
    ]
    assert rows[0].days == CalendarSpan("closed", date(2026, 12, 25), date(2026, 12, 25), "Christmas")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no_days"),
        (b"hello", "no_days"),
        (b"Date,Name\n", "no_days"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "no_days"),
        (b"PK\x03\x04....", "workbook"),
        (b"Date\n\xff\xff", "encoding"),
        (b"x" * (FILE_BYTES_MAX + 1), "too_large"),
        (b"Date,Name\n" + b"".join(b"no,%d\n" % one for one in range(2001)), "too_large"),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_cause(content: bytes, reason: str) -> None:
    with pytest.raises(Refused, match="calendar_file_not_readable") as refused:
        read_closed_days(content, THURSDAY)
    assert refused.value.data == {"reason": reason}


def test_what_a_file_has_again_is_added_once(cast: Any) -> None:
    assert add_closed_days(cast.school, [CHRISTMAS], by=1) == 1
    assert add_closed_days(cast.school, [CHRISTMAS], by=1) == 0
    assert CalendarEntry.objects.count() == 1
