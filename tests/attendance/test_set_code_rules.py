"""Which codes may be set for many at once, for which days, and what becomes of each mark."""

from dataclasses import replace
from datetime import date

import pytest

from willing.attendance.code_sets import NAMES, require_code_set
from willing.attendance.set_code_rules import (
    SetFault,
    SetMark,
    WantedSet,
    closing_code,
    decide_set,
    decide_set_mark,
    settable,
)

ENGLAND = require_code_set("england_2024")
TODAY = date(2026, 11, 26)
BUS = WantedSet("Y1", TODAY, TODAY, "Bus 4 did not run")


def test_england_lets_be_set_for_many_what_its_regulations_speak_of_groups_timetables_calendar_and_roll():
    assert {one.symbol for one in settable(ENGLAND)} == {
        *("D", "X", "C2"),
        *("S", "Y1", "Y2", "Y3", "Y4", "Y6", "Y7"),
        *("Z", "#"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_said_to_be_here_or_absent_without_a_reason_for_many_at_once(name):
    codes = require_code_set(name)
    found = {one.symbol for one in settable(codes)}
    assert not found & {codes.present_am, codes.present_pm, codes.late, codes.late_after_close}
    assert codes.unexplained not in found
    assert closing_code(codes) in found, "each set has a code for a day off"


def test_a_set_without_a_code_of_the_calendar_proposes_none():
    bare = replace(ENGLAND, codes={one: code for one, code in ENGLAND.codes.items() if one != "#"})
    assert closing_code(bare) == ""


@pytest.mark.parametrize(
    ("wanted", "is_for_anyone", "fault"),
    [
        (BUS, True, SetFault.NONE),
        (replace(BUS, symbol="/"), True, SetFault.CODE),
        (replace(BUS, symbol="I"), True, SetFault.CODE),
        (replace(BUS, symbol="H"), True, SetFault.CODE),
        (BUS, False, SetFault.NOBODY),
        (replace(BUS, last_day=date(2026, 11, 25)), True, SetFault.DAYS),
        (replace(BUS, first_day=date(2026, 10, 25)), True, SetFault.DAYS),
        (replace(BUS, first_day=date(2026, 10, 26)), True, SetFault.NONE),
        (replace(BUS, last_day=date(2028, 1, 1)), True, SetFault.DAYS),
        (replace(BUS, weekdays=frozenset({8})), True, SetFault.DAYS),
        (replace(BUS, numbers=frozenset({3})), True, SetFault.DAYS),
        (replace(BUS, weekdays=frozenset({4}), numbers=frozenset({2})), True, SetFault.NONE),
        (replace(BUS, reason=""), True, SetFault.REASON),
    ],
)
def test_a_code_is_set_or_refused_by_its_cause(wanted, is_for_anyone, fault):
    assert decide_set(ENGLAND, wanted, is_for_anyone=is_for_anyone, numbers=(1, 2), today=TODAY) is fault


@pytest.mark.parametrize(
    ("wanted", "day", "weekday", "number", "expected"),
    [
        (BUS, TODAY, 4, 1, True),
        (BUS, date(2026, 11, 27), 5, 1, False),
        (BUS, date(2026, 11, 25), 3, 1, False),
        (replace(BUS, weekdays=frozenset({5})), TODAY, 4, 1, False),
        (replace(BUS, weekdays=frozenset({5})), TODAY, 5, 1, True),  # a day worked as a Friday
        (replace(BUS, numbers=frozenset({2})), TODAY, 4, 1, False),
        (replace(BUS, numbers=frozenset({2})), TODAY, 4, 2, True),
    ],
)
def test_a_set_code_covers_its_days_weekdays_and_registers(wanted, day, weekday, number, expected):
    assert wanted.covers(day, weekday, number) is expected


@pytest.mark.parametrize(
    ("held", "replaces", "expected"),
    [
        ("", False, SetMark.RECORD),
        ("N", False, SetMark.RECORD),
        ("Y1", False, SetMark.SAME),
        ("Y1", True, SetMark.SAME),
        ("/", False, SetMark.LEFT),
        ("/", True, SetMark.RECORD),
        ("I", False, SetMark.LEFT),
    ],
)
def test_what_a_person_marked_stays_unless_it_is_to_be_replaced(held, replaces, expected):
    assert decide_set_mark(held, "Y1", unexplained=("N",), replaces=replaces) is expected
