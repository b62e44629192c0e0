"""Decisions about evening lists, with every branch."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from willing.boarding.rules import (
    CHECKS_MAX,
    NAME_CHARS_MAX,
    Abnormal,
    EveningAnswer,
    ReadMark,
    alerted_after,
    decide_abnormal,
    decide_alert,
    decide_checks,
    decide_close,
    decide_mark,
    decide_merge,
    decide_open,
    due_at,
    holds,
    is_correction,
    is_missing,
    is_tonight,
    is_undecided,
    last_untaken,
    may_take,
    night_of,
    night_since,
    order_of,
    room_order,
)

LONDON = ZoneInfo("Europe/London")
NIGHT = date(2026, 11, 26)


def local(day, hour, minute=0, second=0, month=11):
    return datetime(2026, month, day, hour, minute, second, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("at", "night"),
    [
        (local(26, 21), NIGHT),
        (local(26, 12), NIGHT),
        (local(26, 11, 59, 59), NIGHT - timedelta(days=1)),
        (local(27, 0, 30), NIGHT),
        (local(27, 11, 59), NIGHT),
    ],
)
def test_the_night_begins_at_noon(at, night):
    assert night_of(at) == night


@pytest.mark.parametrize(
    ("at", "first", "since"),
    [
        (local(26, 20, 59), time(21), None),
        (local(26, 21), time(21), local(26, 21)),
        (local(27, 5, 59), time(21), local(26, 21)),
        (local(27, 6), time(21), None),
        # A list at supper, late, after midnight, or none.
        (local(26, 19), time(18), None),
        (local(26, 20), time(18), local(26, 20)),
        (local(26, 22), time(23), local(26, 22)),
        (local(26, 21, 59), time(0, 30), None),
        (local(27, 0, 30), time(0, 30), local(26, 22)),
        (local(27, 3), None, local(26, 22)),
    ],
)
def test_day_pupils_have_gone_home_by_the_first_list_of_the_night_until_six(at, first, since):
    assert night_since(at, first) == since


@pytest.mark.parametrize(
    ("at", "opened", "due"),
    [
        (local(26, 21, 29), (), None),
        (local(26, 21, 30), (), local(26, 21)),
        (local(26, 21, 30), (21,), None),
        (local(26, 23), (), local(26, 22)),
        # The last one was opened: somebody looks after the house.
        (local(26, 23), (22,), None),
        (local(26, 23), (21,), local(26, 22)),
    ],
)
def test_of_the_lists_that_nobody_opened_wardens_get_a_mail_about_the_last(at, opened, due):
    half = timedelta(minutes=30)
    lists = [(local(26, hour), local(26, hour) + half, hour in opened) for hour in (21, 22)]
    assert last_untaken(lists, at) == due


def test_a_clock_that_jumps_back_over_noon_refuses_nothing_that_a_page_showed_a_moment_before():
    assert is_tonight(NIGHT, local(26, 11, 59, 30)), "the page was made after noon, the clock put back"
    assert is_tonight(NIGHT, local(27, 12, 0, 30)), "the page was made just before noon"
    assert not is_tonight(NIGHT, local(26, 11, 58))
    assert not is_tonight(NIGHT, local(27, 12, 2))


@pytest.mark.parametrize(
    ("night", "at", "due"),
    [
        (date(2026, 11, 26), time(21), datetime(2026, 11, 26, 21, tzinfo=UTC)),
        (date(2026, 11, 26), time(0, 30), datetime(2026, 11, 27, 0, 30, tzinfo=UTC)),
        # Summer time begins on 29 March at one: half past one is not on the clock.
        (date(2026, 3, 28), time(1, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (date(2026, 3, 28), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # It is over on 25 October at two: half past one comes twice, and the first counts.
        (date(2026, 10, 24), time(1, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_list_is_due_by_the_schools_own_clock_whatever_it_does_in_that_night(night, at, due):
    assert due_at(night, at, LONDON) == due


def test_lists_after_midnight_come_last_and_rooms_are_sorted_as_people_count():
    assert sorted([time(0, 30), time(23), time(21)], key=order_of) == [time(21), time(23), time(0, 30)]
    rooms = ["", "B2", "10", "2", "b10", "A1"]
    assert sorted(rooms, key=room_order) == ["2", "10", "A1", "B2", "b10", ""]


@pytest.mark.parametrize(
    ("names", "times", "minutes", "fault"),
    [
        (["Evening"], [time(21)], 30, ""),
        ([], [], 30, "empty"),
        (["n"] * (CHECKS_MAX + 1), [time(one) for one in range(CHECKS_MAX + 1)], 30, "too_many"),
        ([""], [time(21)], 30, "name"),
        (["n" * (NAME_CHARS_MAX + 1)], [time(21)], 30, "name"),
        (["a", "b"], [time(21), time(21)], 30, "same_time"),
        (["a"], [time(21)], 0, "alert"),
        (["a"], [time(21)], 241, "alert"),
    ],
)
def test_times_of_lists_that_cannot_be_are_named(names, times, minutes, fault):
    assert decide_checks(names, times, alert_minutes=minutes) == fault


def test_wardens_and_the_office_take_lists_and_nobody_else():
    assert may_take(is_warden=True, is_office=False)
    assert may_take(is_warden=False, is_office=True)
    assert not may_take(is_warden=False, is_office=False)


@pytest.mark.parametrize(
    ("at", "retired", "fault"),
    [
        (local(26, 21), False, ""),
        (local(26, 20), False, ""),
        (local(27, 8), False, ""),
        (local(26, 19, 59), False, "too_early"),
        (local(27, 13), False, "not_tonight"),
        (local(26, 9), False, "not_tonight"),
        (local(26, 21), True, "retired"),
    ],
)
def test_only_tonights_list_is_opened_from_an_hour_before_its_time(at, retired, fault):
    due = datetime(2026, 11, 26, 21, tzinfo=UTC)
    assert decide_open(NIGHT, due, at=at, is_retired=retired) == fault


def test_a_mark_is_a_known_word_for_a_boarder_with_a_reason_where_it_is_a_correction():
    assert decide_mark("here", "", is_boarder=True, is_correction=False) == ""
    assert decide_mark("asleep", "", is_boarder=True, is_correction=False) == "word_unknown"
    assert decide_mark("here", "", is_boarder=False, is_correction=False) == "not_a_boarder"
    assert decide_mark("here", "", is_boarder=True, is_correction=True) == "reason_missing"
    assert decide_mark("here", "came at ten", is_boarder=True, is_correction=True) == ""
    assert is_correction(is_closed=True, is_over=False)
    assert is_correction(is_closed=False, is_over=True)
    assert not is_correction(is_closed=False, is_over=False)


def said(*marks):
    """Return marks from words; one with "?" at its end is disputed. Odd ones are by 1, even ones by 2."""
    return [
        ReadMark(one.rstrip("?!"), number, number % 2 or 2, one.endswith("?"), one.endswith("!"))
        for number, one in enumerate(marks, 1)
    ]


@pytest.mark.parametrize(
    ("marks", "word"),
    [
        ([], None),
        (["here"], "here"),
        (["absent", "late"], "late"),
        (["absent", "here?"], "absent"),
        (["here", "absent?"], "absent"),
        (["here", "leave?"], "here"),
        (["here", "absent?", "here"], "here"),
    ],
)
def test_where_two_disagree_the_boarder_is_missing_until_a_person_decides(marks, word):
    found = holds(said(*marks))
    assert (found.word if found else None) == word
    assert is_undecided(said(*marks)) == bool(marks and marks[-1].endswith("?"))


@pytest.mark.parametrize(
    ("marks", "word", "seen", "by", "merge"),
    [
        ([], "here", 0, 1, "current"),
        (["here"], "here", 0, 2, "same"),
        (["here"], "absent", 1, 2, "current"),
        (["here"], "absent", 0, 1, "current"),
        (["here"], "absent", 0, 2, "disputed"),
        # Undecided: who has seen both decides, also for what holds; who has not, does not.
        (["here", "absent?"], "absent", 2, 1, "current"),
        (["here", "absent?"], "absent", 1, 2, "same"),
        (["here", "absent?"], "here", 1, 1, "disputed"),
        (["here", "absent?"], "here", 1, 2, "disputed"),
    ],
)
def test_what_a_person_had_not_seen_they_do_not_overrule(marks, word, seen, by, merge):
    assert decide_merge(said(*marks), word, seen=seen, by=by) == merge


def test_a_list_closes_once_everyone_has_one_mark_that_nobody_contradicts():
    assert decide_close(blanks=0, undecided=0) == ""
    assert decide_close(blanks=1, undecided=1) == "blank"
    assert decide_close(blanks=0, undecided=1) == "undecided"


def test_who_is_missing_and_when_wardens_get_a_mail():
    assert [
        is_missing(one) for one in (None, EveningAnswer.ABSENT, EveningAnswer.HERE, EveningAnswer.LEAVE)
    ] == [
        True,
        True,
        False,
        False,
    ]
    at = datetime(2026, 11, 26, 21, 30, tzinfo=UTC)

    def alerts(missing, alerted, now=at, *, is_tonight=True):
        return decide_alert(missing, alerted, alert_at=at, now=now, is_tonight=is_tonight)

    assert alerts(1, 0)
    assert not alerts(1, 1), "told once"
    assert not alerts(0, 0)
    assert not alerts(1, 0, at - timedelta(seconds=1))
    assert not alerts(1, 0, is_tonight=False)
    assert (alerted_after(1, 1), alerted_after(0, 2), alerted_after(3, 1)) == (0, 0, 2)


@pytest.mark.parametrize(
    ("marks", "what"),
    [
        ([], Abnormal.BLANK),
        (["here"], Abnormal.NONE),
        (["leave"], Abnormal.NONE),
        (["absent"], Abnormal.MISSING),
        (["absent", "here"], Abnormal.FOUND),
        (["late"], Abnormal.LATE),
        (["here", "leave!"], Abnormal.CORRECTED),
    ],
)
def test_the_next_days_list_names_what_was_out_of_the_ordinary(marks, what):
    assert decide_abnormal(said(*marks)) is what
