"""Decisions of the register, in every branch."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.attendance.code_sets import NAMES, require_code_set
from willing.attendance.rules import (
    Arrival,
    CountsAs,
    DayValue,
    Group,
    Held,
    MarkFault,
    MarkMerge,
    Proposer,
    RegisterCloseFault,
    TimesFault,
    WantedMark,
    attendance_rate,
    counted,
    day_value,
    decide_arrival,
    decide_close,
    decide_mark,
    decide_merge,
    decide_scan,
    decide_times,
    device_time,
    is_correction,
    may_open,
    proposed_code,
)

ENGLAND = require_code_set("england_2024")
CHINA = require_code_set("china")
OPENS = datetime(2026, 11, 26, 8, 50, tzinfo=UTC)
CLOSES = OPENS + timedelta(minutes=30)


def test_england_has_every_code_of_the_regulations_of_2024_and_none_that_is_withdrawn():
    halves, elsewhere = ["/", "\\", "L"], ["K", "V", "P", "W", "B", "D"]
    leave, other = ["C1", "M", "J1", "S", "X", "C2", "C"], ["T", "R", "I", "E"]
    unable, rest = ["Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"], ["G", "N", "O", "U", "Z", "#"]
    symbols = halves + elsewhere + leave + other + unable + rest
    assert list(ENGLAND.codes) == symbols
    assert not {"H", "J", "Y"} & ENGLAND.codes.keys()
    attending = {one for one in symbols if ENGLAND.codes[one].counts is CountsAs.ATTENDING}
    assert attending == {"/", "\\", "L", "K", "V", "P", "W", "B"}
    unauthorised = {one for one in symbols if ENGLAND.codes[one].counts is CountsAs.UNAUTHORISED}
    assert unauthorised == {"G", "N", "O", "U"}
    assert ENGLAND.open_minutes_max == 30


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_whole(name):
    codes = require_code_set(name)
    parts = {codes.present_am, codes.present_pm, codes.late, codes.late_after_close, codes.unexplained}
    assert parts | {codes.illness} <= codes.codes.keys()
    assert codes.slots in ("halves", "periods")
    assert codes.source
    for labels in (codes.labels, *(one.labels for one in codes.codes.values())):
        assert labels.keys() == {"en", "zh-hans"}
    assert codes.codes[codes.unexplained].proposed_from == {Proposer.CLOSE}
    assert codes.codes[codes.late_after_close].means_here
    assert not codes.codes[codes.unexplained].means_here


def test_a_set_that_is_none_is_refused_by_name():
    with pytest.raises(LookupError, match="wales"):
        require_code_set("wales")


def test_no_camera_gate_or_till_may_propose_a_code():
    by_people = {"register", "leave", "illness", "trip", "calendar", "group", "timetable", "roll"}
    assert {str(one) for one in Proposer} == by_people | {"close"}


def test_only_what_the_set_lets_propose_proposes():
    assert proposed_code(ENGLAND, Proposer.ILLNESS, "I") == "I"
    assert proposed_code(ENGLAND, Proposer.LEAVE, "I") == ""
    assert proposed_code(ENGLAND, Proposer.LEAVE, "H") == ""


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-60, Arrival("/")),
        (0, Arrival("/")),
        (1, Arrival("L", 1)),
        (60, Arrival("L", 1)),
        (61, Arrival("L", 2)),
        (30 * 60 - 1, Arrival("L", 30)),
        (30 * 60, Arrival("U", 30)),
        (90 * 60, Arrival("U", 90)),
    ],
)
def test_who_comes_is_present_late_or_late_after_the_close(seconds, expected):
    at = OPENS + timedelta(seconds=seconds)
    assert decide_arrival(ENGLAND, opens_at=OPENS, closes_at=CLOSES, at=at, is_morning=True) == expected


def test_the_afternoon_has_a_code_of_its_own():
    found = decide_arrival(ENGLAND, opens_at=OPENS, closes_at=CLOSES, at=OPENS, is_morning=False)
    assert found == Arrival("\\")


GOOD = {"is_morning": True, "is_member": True, "has_begun": True, "is_correction": False}


@pytest.mark.parametrize(
    ("wanted", "otherwise", "fault"),
    [
        (WantedMark("/"), {}, MarkFault.NONE),
        (WantedMark("H"), {}, MarkFault.CODE_UNKNOWN),
        (WantedMark("\\"), {}, MarkFault.CODE_UNKNOWN),
        (WantedMark("/"), {"is_member": False}, MarkFault.NOT_IN_REGISTER),
        (WantedMark("/"), {"has_begun": False}, MarkFault.TOO_EARLY),
        (WantedMark("N"), {"has_begun": False}, MarkFault.TOO_EARLY),
        (WantedMark("M"), {"has_begun": False}, MarkFault.NONE),
        (WantedMark("/"), {"is_correction": True}, MarkFault.REASON_MISSING),
        (WantedMark("/", reason="Seen in class"), {"is_correction": True}, MarkFault.NONE),
        (WantedMark("Y7"), {}, MarkFault.REASON_MISSING),
        (WantedMark("Y7", reason="Flood"), {}, MarkFault.NONE),
        (WantedMark("L", 5), {}, MarkFault.NONE),
        (WantedMark("U", 45), {}, MarkFault.NONE),
        (WantedMark("L", 0), {}, MarkFault.MINUTES_NOT_VALID),
        (WantedMark("L", 721), {}, MarkFault.MINUTES_NOT_VALID),
        (WantedMark("/", 5), {}, MarkFault.MINUTES_NOT_VALID),
    ],
)
def test_a_mark_is_refused_by_its_cause(wanted, otherwise, fault):
    assert decide_mark(ENGLAND, wanted, **{**GOOD, **otherwise}) is fault


HELD = Held("N", None, 1, by=1)


@pytest.mark.parametrize(
    ("held", "wanted", "rest", "merge"),
    [
        (None, WantedMark("/"), {"seen": 0, "by": 2, "is_late_news": False}, MarkMerge.CURRENT),
        (None, WantedMark("/"), {"seen": 0, "by": 2, "is_late_news": True}, MarkMerge.CURRENT),
        (HELD, WantedMark("N"), {"seen": 0, "by": 2, "is_late_news": True}, MarkMerge.SAME),
        (HELD, WantedMark("/"), {"seen": 0, "by": 2, "is_late_news": False}, MarkMerge.DISPUTED),
        (HELD, WantedMark("/"), {"seen": 1, "by": 2, "is_late_news": False}, MarkMerge.CURRENT),
        (HELD, WantedMark("/"), {"seen": 0, "by": 1, "is_late_news": False}, MarkMerge.CURRENT),
        (HELD, WantedMark("/"), {"seen": 1, "by": 1, "is_late_news": True}, MarkMerge.DISPUTED),
        # The close of a register is nobody's word against a teacher's.
        (
            Held("N", None, 1, by=None),
            WantedMark("/"),
            {"seen": 0, "by": 2, "is_late_news": False},
            MarkMerge.CURRENT,
        ),
        (
            Held("L", 5, 1, by=1),
            WantedMark("L", 9),
            {"seen": 0, "by": 2, "is_late_news": False},
            MarkMerge.DISPUTED,
        ),
    ],
)
def test_two_people_who_have_not_seen_each_other_s_mark_disagree_and_nothing_is_lost(
    held, wanted, rest, merge
):
    assert decide_merge(held, wanted, **rest) is merge


@given(st.permutations([("/", 1), ("N", 2), ("L", 3)]))
def test_whatever_the_order_of_three_devices_one_mark_holds_and_the_others_are_kept(order):
    held, kept = None, []
    for number, (symbol, by) in enumerate(order, 1):
        merge = decide_merge(held, WantedMark(symbol), seen=0, by=by, is_late_news=False)
        kept.append(merge)
        if merge is MarkMerge.CURRENT:
            held = Held(symbol, None, number, by)
    assert held is not None
    assert held.symbol == order[0][0]
    assert kept.count(MarkMerge.DISPUTED) == 2


def test_sessions_are_counted_by_what_their_codes_count_as():
    found = counted(ENGLAND, {"/": 8, "L": 1, "I": 1, "N": 2, "Y2": 4, "#": 2})
    assert found == {
        CountsAs.ATTENDING: 9,
        CountsAs.AUTHORISED: 1,
        CountsAs.UNAUTHORISED: 2,
        CountsAs.NOT_POSSIBLE: 4,
        CountsAs.NOT_COUNTED: 2,
    }
    assert attendance_rate(found) == 0.75
    assert attendance_rate(counted(ENGLAND, {"#": 4})) is None
    with pytest.raises(KeyError):
        counted(ENGLAND, {"H": 1})


@pytest.mark.parametrize(
    ("minutes", "value"),
    [(300, DayValue.FULL), (299, DayValue.HALF), (150, DayValue.HALF), (149, DayValue.NONE)],
)
def test_minutes_decide_what_a_day_counts_as(minutes, value):
    assert day_value(minutes, full_from=300, half_from=150) is value


@pytest.mark.parametrize(
    ("codes", "opens", "rest", "fault"),
    [
        (ENGLAND, [530, 780], {"open_minutes": 30}, TimesFault.NONE),
        (ENGLAND, [], {"open_minutes": 30}, TimesFault.EMPTY),
        (ENGLAND, [530], {"open_minutes": 30}, TimesFault.NOT_HALVES),
        (ENGLAND, [530, 780], {"open_minutes": 31}, TimesFault.OPEN_TOO_LONG),
        (ENGLAND, [530, 780], {"open_minutes": 0}, TimesFault.OPEN_TOO_LONG),
        (ENGLAND, [530, 555], {"open_minutes": 30}, TimesFault.OVERLAP),
        (CHINA, [480, 530, 580], {"open_minutes": 10}, TimesFault.NONE),
        # openSIS: with such a setting everybody is absent, or present, for ever.
        (CHINA, [480], {"open_minutes": 10, "day_minutes": 250, "full_from": 300}, TimesFault.DAY_TOO_SHORT),
        (CHINA, [480], {"open_minutes": 10, "day_minutes": 300, "full_from": 300}, TimesFault.NONE),
        (CHINA, [480], {"open_minutes": 10, "day_minutes": 300, "full_from": None}, TimesFault.NONE),
    ],
)
def test_times_of_registers_are_refused_by_their_cause(codes, opens, rest, fault):
    assert decide_times(codes, opens, **rest) is fault


def test_a_register_closes_at_its_time_and_only_once_a_person_has_taken_it():
    assert decide_close(is_due=False, is_marked=True) is RegisterCloseFault.NOT_DUE
    assert decide_close(is_due=True, is_marked=False) is RegisterCloseFault.NOT_TAKEN
    assert decide_close(is_due=True, is_marked=True) is RegisterCloseFault.NONE


def test_codes_are_in_groups_that_the_pages_know():
    assert {one.group for one in ENGLAND.codes.values()} == set(Group)


def test_a_scanned_card_is_present_late_or_nothing_new():
    came = Arrival("L", 9)
    assert decide_scan(ENGLAND, held="", arrival=came, is_morning=True) == Arrival("/")
    assert decide_scan(ENGLAND, held="", arrival=came, is_morning=False) == Arrival("\\")
    assert decide_scan(ENGLAND, held="N", arrival=came, is_morning=True) == came
    assert decide_scan(ENGLAND, held="/", arrival=came, is_morning=True) is None
    assert decide_scan(ENGLAND, held="gone", arrival=came, is_morning=True) == came


def test_a_device_s_clock_knows_nothing_of_what_comes():
    now = datetime(2026, 11, 26, 9, tzinfo=UTC)
    assert device_time(None, now) is None
    assert device_time(now - timedelta(hours=1), now) == now - timedelta(hours=1)
    assert device_time(now + timedelta(hours=1), now) == now


def test_what_a_device_made_before_the_close_is_no_correction():
    closes = datetime(2026, 11, 26, 9, 20, tzinfo=UTC)
    same_day = {"changes_past_day": False}
    assert not is_correction(None, closes, None, **same_day)
    assert is_correction(closes, closes, None, **same_day)
    assert is_correction(closes, closes, closes, **same_day)
    assert not is_correction(closes, closes, closes - timedelta(minutes=1), **same_day)


def test_after_its_day_a_mark_is_corrected_also_where_nobody_took_the_register():
    closes = datetime(2026, 11, 26, 9, 20, tzinfo=UTC)
    assert is_correction(None, closes, None, changes_past_day=True)
    before = closes - timedelta(minutes=1)
    assert not is_correction(None, closes, before, changes_past_day=True), "a device made it on the day"


@pytest.mark.parametrize(("back", "may"), [(-1, False), (0, True), (1, True), (366, True), (367, False)])
def test_a_register_is_opened_on_its_day_and_as_far_back_as_the_lists_look(back, may):
    today = date(2026, 11, 26)
    assert may_open(today - timedelta(days=back), today) is may


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_day_that_there_is_have_no_register(day):
    assert not may_open(day, date(2026, 11, 26))
