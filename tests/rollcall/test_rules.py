"""Who is expected, what becomes of a tick, whose word counts: without a database."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.rollcall.rules import (
    EXPECTED,
    FOUND,
    LATE_START_MAX,
    LATE_TICKS_MAX,
    MISSING,
    SAFE,
    ExpectedCause,
    KnownOfPupil,
    MarkMeaning,
    SeenFault,
    Ticked,
    TickFault,
    Trace,
    count,
    decide_last_seen,
    decide_printing,
    decide_pupil,
    decide_staff,
    decide_start_time,
    decide_tick,
    is_queue_name,
    is_red,
    latest,
    may_see_list,
    merge_ticks,
    merge_time,
    tick_time,
)

TEN = datetime(2026, 11, 26, 10, tzinfo=UTC)
NINE, ELEVEN = TEN - timedelta(hours=1), TEN + timedelta(hours=1)
HERE = {"mark": MarkMeaning.HERE, "marked_at": NINE}


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (HERE, ExpectedCause.PRESENT),
        ({"mark": MarkMeaning.ABSENT, "marked_at": NINE}, ExpectedCause.ABSENT),
        ({"mark": MarkMeaning.ELSEWHERE, "marked_at": NINE}, ExpectedCause.ELSEWHERE),
        ({"mark": MarkMeaning.UNEXPLAINED, "marked_at": NINE}, ExpectedCause.ABSENT),
        # Absent in the register and through the gate all the same: somebody looks for them.
        ({"mark": MarkMeaning.UNEXPLAINED, "marked_at": NINE, "came_in": True}, ExpectedCause.CAME_IN),
        ({"mark": MarkMeaning.ABSENT, "marked_at": NINE, "came_in": True}, ExpectedCause.ABSENT),
        ({}, ExpectedCause.UNMARKED),
        ({"is_school_day": False}, ExpectedCause.NO_SCHOOL),
        ({"is_school_day": False, "came_in": True}, ExpectedCause.CAME_IN),
        # Boarders: the evening list was the last to say something; without a word they are looked for.
        ({"is_boarder": True, "is_school_day": False}, ExpectedCause.BOARDER),
        ({"mark": MarkMeaning.IN_HOUSE, "marked_at": NINE, "is_boarder": True}, ExpectedCause.IN_HOUSE),
        (
            {"mark": MarkMeaning.NOT_IN_HOUSE, "marked_at": NINE, "is_boarder": True},
            ExpectedCause.NOT_IN_HOUSE,
        ),
        ({"mark": MarkMeaning.ON_LEAVE, "marked_at": NINE, "is_boarder": True}, ExpectedCause.LEAVE),
        (
            {"mark": MarkMeaning.IN_HOUSE, "marked_at": ELEVEN, "out_at": TEN, "is_boarder": True},
            ExpectedCause.IN_HOUSE,
        ),
        # The dentist: not gone before the desk says so, then gone, then back.
        ({**HERE, "away_since": TEN}, ExpectedCause.NOT_OUT),
        ({**HERE, "away_since": TEN, "out_at": TEN}, ExpectedCause.SIGNED_OUT),
        ({**HERE, "away_since": TEN, "out_at": TEN, "back_at": ELEVEN}, ExpectedCause.BACK),
        ({"mark": MarkMeaning.ABSENT, "marked_at": NINE, "out_at": NINE, "back_at": TEN}, ExpectedCause.BACK),
        (
            {"mark": MarkMeaning.ABSENT, "marked_at": ELEVEN, "out_at": NINE, "back_at": TEN},
            ExpectedCause.ABSENT,
        ),
        # Signed out in the morning and marked as here after that: seen again, whatever the desk forgot.
        ({"mark": MarkMeaning.HERE, "marked_at": ELEVEN, "out_at": TEN}, ExpectedCause.PRESENT),
        ({"mark": MarkMeaning.ABSENT, "marked_at": ELEVEN, "out_at": TEN}, ExpectedCause.SIGNED_OUT),
        # Away from the beginning of the day; on a trip that began after the register; left behind by it.
        ({"away_since": NINE}, ExpectedCause.LEAVE),
        ({"away_since": NINE, "is_trip": True}, ExpectedCause.TRIP),
        ({**HERE, "away_since": TEN, "is_trip": True}, ExpectedCause.TRIP),
        (
            {"mark": MarkMeaning.HERE, "marked_at": ELEVEN, "away_since": TEN, "is_trip": True},
            ExpectedCause.PRESENT,
        ),
        ({"mark": MarkMeaning.HERE, "marked_at": ELEVEN, "away_since": TEN}, ExpectedCause.PRESENT),
    ],
)
def test_a_pupil_is_expected_for_a_reason_and_in_doubt(known: dict[str, object], why: ExpectedCause) -> None:
    assert decide_pupil(KnownOfPupil(**known)) is why  # type: ignore[arg-type]


NIGHT = {"night_since": TEN}
BOARDS = {**NIGHT, "is_boarder": True}


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (NIGHT, ExpectedCause.DAY_PUPIL),
        ({**NIGHT, **HERE}, ExpectedCause.DAY_PUPIL),
        ({**NIGHT, "is_school_day": False, "came_in": True}, ExpectedCause.DAY_PUPIL),
        ({**NIGHT, **HERE, "away_since": NINE}, ExpectedCause.DAY_PUPIL),
        # Trace since: somebody saw them after all had gone home.
        ({**NIGHT, "mark": MarkMeaning.HERE, "marked_at": ELEVEN}, ExpectedCause.PRESENT),
        ({**NIGHT, "out_at": NINE, "back_at": ELEVEN}, ExpectedCause.BACK),
        # What the registers of the day said of a boarder is over, but for who was there.
        (BOARDS, ExpectedCause.BOARDER),
        ({**BOARDS, "mark": MarkMeaning.ABSENT, "marked_at": NINE}, ExpectedCause.BOARDER),
        ({**BOARDS, "mark": MarkMeaning.ELSEWHERE, "marked_at": NINE}, ExpectedCause.BOARDER),
        ({**BOARDS, **HERE}, ExpectedCause.PRESENT),
        ({**BOARDS, **HERE, "away_since": TEN}, ExpectedCause.NOT_OUT),
        ({**BOARDS, "away_since": NINE, "is_trip": True}, ExpectedCause.TRIP),
        ({**BOARDS, "out_at": NINE}, ExpectedCause.SIGNED_OUT),
        # What the evening list said holds, whenever it was taken.
        ({**BOARDS, "mark": MarkMeaning.ON_LEAVE, "marked_at": NINE}, ExpectedCause.LEAVE),
        ({**BOARDS, "mark": MarkMeaning.NOT_IN_HOUSE, "marked_at": NINE}, ExpectedCause.NOT_IN_HOUSE),
        ({**BOARDS, "mark": MarkMeaning.IN_HOUSE, "marked_at": ELEVEN}, ExpectedCause.IN_HOUSE),
    ],
)
def test_at_night_boarders_are_looked_for_and_who_goes_home_is_not(
    known: dict[str, object], why: ExpectedCause
) -> None:
    assert decide_pupil(KnownOfPupil(**known)) is why  # type: ignore[arg-type]


def test_staff_are_expected_who_signed_in_and_all_of_them_where_nobody_does() -> None:
    assert decide_staff(is_in=True, anyone_signs=True, is_school_day=True) is ExpectedCause.SIGNED_IN
    assert decide_staff(is_in=False, anyone_signs=True, is_school_day=True) is ExpectedCause.STAFF_OUT
    assert decide_staff(is_in=False, anyone_signs=False, is_school_day=True) is ExpectedCause.NO_SIGN_IN
    assert decide_staff(is_in=False, anyone_signs=False, is_school_day=False) is ExpectedCause.NO_SCHOOL
    at_night = {"anyone_signs": False, "is_school_day": True, "is_night": True}
    assert decide_staff(is_in=True, is_house_warden=True, **at_night) is ExpectedCause.SIGNED_IN
    assert decide_staff(is_in=False, is_house_warden=True, **at_night) is ExpectedCause.HOUSE_WARDEN
    assert decide_staff(is_in=False, **at_night) is ExpectedCause.STAFF_OUT, "also where nobody signs in"
    by_day = {**at_night, "is_night": False}
    assert decide_staff(is_in=False, is_house_warden=True, **by_day) is ExpectedCause.NO_SIGN_IN
    assert ExpectedCause.HOUSE_WARDEN in EXPECTED
    assert ExpectedCause.DAY_PUPIL not in EXPECTED
    assert ExpectedCause.NO_SIGN_IN in EXPECTED
    assert ExpectedCause.STAFF_OUT not in EXPECTED


def test_a_phone_says_when_it_began_but_neither_tomorrow_nor_last_week() -> None:
    assert decide_start_time(None, TEN) == TEN
    assert decide_start_time(NINE, TEN) == NINE
    assert decide_start_time(ELEVEN, TEN) == TEN
    assert decide_start_time(TEN - LATE_START_MAX - timedelta(seconds=1), TEN) == TEN


def test_a_clock_that_jumps_makes_no_tick_before_the_start_or_after_now() -> None:
    assert tick_time(ELEVEN + timedelta(days=400), NINE, TEN) == TEN
    assert tick_time(NINE - timedelta(days=400), NINE, TEN) == NINE
    assert tick_time(TEN, NINE, ELEVEN) == TEN


def test_a_tick_of_a_time_to_come_is_merged_as_one_of_now() -> None:
    soon, late = TEN + timedelta(seconds=60), TEN + timedelta(seconds=61)
    assert [merge_time(one, TEN) for one in (NINE, TEN, soon)] == [NINE, TEN, soon]
    assert merge_time(late, TEN.replace(microsecond=5)) == TEN
    assert merge_time(TEN.replace(year=2199), TEN) == TEN


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, TickFault.NONE),
        ({"is_valid": False}, TickFault.NOT_VALID),
        ({"is_listed": False}, TickFault.SUBJECT_UNKNOWN),
        ({"closed_at": NINE}, TickFault.AFTER_THE_END),
        ({"closed_at": TEN}, TickFault.NONE),
        # A day late it is taken, and after a week the record is closed.
        ({"closed_at": ELEVEN, "now": TEN + timedelta(days=1)}, TickFault.NONE),
        ({"closed_at": ELEVEN, "now": NINE + LATE_TICKS_MAX + timedelta(seconds=1)}, TickFault.TOO_LATE),
    ],
)
def test_a_tick_is_taken_however_late_it_comes_but_not_if_it_was_made_after_the_end(
    changed: dict[str, object], fault: TickFault
) -> None:
    facts: dict[str, object] = {
        "is_listed": True, "is_valid": True, "at": TEN, "started_at": NINE, "closed_at": None, "now": TEN
    }  # fmt: skip
    assert decide_tick(**{**facts, **changed}) is fault  # type: ignore[arg-type]


ONE, TWO = uuid4(), uuid4()
FIRST, SECOND = UUID(int=1), UUID(int=2)


def a_tick(state: str, seconds: int, device: UUID = FIRST, subject: UUID = ONE) -> Ticked:
    return Ticked(subject, state, TEN + timedelta(seconds=seconds), device, str(device.int))


SOME = [
    a_tick(state, seconds, device, subject)
    for state in (SAFE, FOUND, MISSING)
    for seconds in range(3)
    for device in (FIRST, SECOND)
    for subject in (ONE, TWO)
]


def test_two_wardens_who_tick_one_person_give_one_result_which_names_the_first() -> None:
    there = merge_ticks([a_tick(SAFE, 9, SECOND), a_tick(SAFE, 4), a_tick(SAFE, 4, SECOND)])
    assert there == {ONE: a_tick(SAFE, 4)}


def test_a_mistake_is_looked_for_again_and_a_later_tick_settles_it() -> None:
    wrong = [a_tick(SAFE, 1), a_tick(MISSING, 5, SECOND)]
    assert merge_ticks(wrong) == {}
    assert merge_ticks([*wrong, a_tick(SAFE, 5)]) == {}, "at the same second the mistake counts"
    assert merge_ticks([*wrong, a_tick(FOUND, 6)]) == {ONE: a_tick(FOUND, 6)}


@given(st.lists(st.sampled_from(SOME), max_size=5))
def test_ticks_merge_to_the_same_in_every_order_and_however_often(ticks: list[Ticked]) -> None:
    expected = merge_ticks(ticks)
    assert all(merge_ticks(order) == expected for order in permutations(ticks))
    assert merge_ticks([*ticks, *ticks]) == expected


def test_the_counts_say_who_is_missing_and_who_is_there_unexpectedly() -> None:
    counts = count([ONE, TWO], [TWO, FIRST])
    assert (counts.expected, counts.safe, counts.found, counts.missing) == (2, 1, 1, 1)


def test_not_yet_turns_red_after_the_minutes_of_the_school() -> None:
    assert not is_red(TEN, 5, TEN + timedelta(minutes=4, seconds=59))
    assert is_red(TEN, 5, TEN + timedelta(minutes=5))


def test_names_are_for_wardens_the_office_and_who_started_it() -> None:
    nobody = {"is_warden": False, "is_office": False, "has_started": False}
    assert not may_see_list(**nobody)
    assert all(may_see_list(**{**nobody, one: True}) for one in nobody)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, SeenFault.NONE),
        ({"kind": "drill"}, SeenFault.NONE),
        ({"kind": "test"}, SeenFault.TEST),
        ({"is_running": False}, SeenFault.NOT_RUNNING),
        ({"is_there": True}, SeenFault.THERE),
        ({"reason": ""}, SeenFault.NO_REASON),
        ({"now": TEN + timedelta(hours=23, minutes=59)}, SeenFault.NONE),
        ({"now": TEN + timedelta(hours=24)}, SeenFault.TOO_LATE),
        ({"now": TEN + timedelta(days=9), "is_running": False}, SeenFault.NOT_RUNNING),
    ],
)
def test_last_seen_opens_only_for_the_missing_of_a_running_roll_call_and_for_a_reason(
    changed: dict[str, object], fault: SeenFault
) -> None:
    facts: dict[str, object] = {"kind": "live", "is_running": True, "is_there": False, "reason": "fire"}
    facts |= {"started_at": TEN, "now": TEN}
    assert decide_last_seen(**{**facts, **changed}) is fault  # type: ignore[arg-type]


def test_last_seen_is_one_trace_and_never_two() -> None:
    assert latest([]) is None
    assert latest([Trace("mark", NINE, "7A"), Trace("sale", TEN, "Till"), Trace("out", NINE)]) == Trace(
        "sale", TEN, "Till"
    )


@pytest.mark.parametrize(
    ("closed_at", "printed_for", "is_due"),
    [
        (None, None, False),
        (NINE, None, True),
        (NINE, NINE, False),
        (TEN, NINE, False),  # another register may be about to close
        (TEN - timedelta(minutes=1), NINE, True),
    ],
)
def test_sheets_are_printed_a_minute_after_a_register_closed_that_they_do_not_hold(
    closed_at: datetime | None, printed_for: datetime | None, is_due: bool
) -> None:
    assert decide_printing(closed_at, printed_for, TEN) == is_due


def test_a_queue_s_name_holds_nothing_that_a_command_could_take_for_something_else() -> None:
    assert is_queue_name("Office_2.floor-1")
    assert not any(map(is_queue_name, ("-o raw", "a b", "a/b", "-raw")))
