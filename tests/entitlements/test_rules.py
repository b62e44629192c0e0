"""What free and reduced meals give on a day, and what happens to what is left of a sum. Values only."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.entitlements.rules import (
    BREAKFAST_UNTIL,
    Grant,
    Period,
    SumOfDay,
    breakfast_left_minor,
    decide_breakfast,
    decide_grant,
    decide_kept,
    is_due,
    overlaps,
    sum_left_minor,
)

DAY, BEFORE, AFTER = date(2026, 11, 26), date(2026, 11, 25), date(2026, 11, 27)
FREE, REDUCED = Period(BEFORE, None, 0), Period(DAY, DAY, 40)
SUM, MORE = Period(BEFORE, AFTER, None, 260), Period(DAY, None, None, 100)


@pytest.mark.parametrize(
    ("periods", "day", "grant"),
    [
        ([], DAY, Grant()),
        ([FREE], DAY, Grant(0)),
        ([FREE], date(2026, 11, 24), Grant()),
        ([REDUCED], AFTER, Grant()),
        ([REDUCED, FREE], DAY, Grant(0)),  # the better of two meals, not both
        ([SUM, MORE], DAY, Grant(None, 360)),  # sums of two sources add up
        ([SUM, MORE], date(2026, 11, 28), Grant(None, 100)),
        ([SUM, REDUCED], DAY, Grant(40, 260)),
    ],
)
def test_several_entitlements_give_the_best_meal_and_all_the_sums(periods, day, grant):
    assert decide_grant(periods, day) == grant


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (date(2026, 11, 1), date(2026, 11, 24), False),
        (date(2026, 11, 1), BEFORE, True),
        (date(2026, 11, 1), None, True),
        (AFTER, AFTER, True),
        (date(2026, 11, 28), None, False),
        (DAY, DAY, True),
    ],
)
def test_two_times_overlap_when_they_share_a_day(first, last, found):
    assert overlaps(first, last, [(BEFORE, AFTER)]) is found


def test_a_time_without_an_end_overlaps_everything_after_its_begin():
    assert overlaps(AFTER, date(2030, 1, 1), [(BEFORE, None)])
    assert not overlaps(date(2026, 1, 1), date(2026, 11, 24), [(BEFORE, None)])


@pytest.mark.parametrize(
    ("past", "kept"),
    [
        ([], 0),
        ([SumOfDay(260, 200)], 60),
        ([SumOfDay(260, 0)] * 9, 520),  # two days' sums at the most
        ([SumOfDay(260, 0), SumOfDay(260, 300)], 220),  # a day that spent more takes it off
        ([SumOfDay(260, 400)], 0),
        ([SumOfDay(260, 0), SumOfDay(260, 0, is_school_day=False)], 260),  # no school: nothing is added
        ([SumOfDay(260, 0), SumOfDay(260, 300, is_school_day=False)], 220),  # but what is spent comes off
        ([SumOfDay(260, 0), SumOfDay(0, 0), SumOfDay(260, 200)], 60),  # it ends with the sum
        ([SumOfDay(260, 0), SumOfDay(100, 100)], 200),  # a lower sum, a lower bound
    ],
)
def test_what_is_not_spent_is_kept_up_to_a_bound(past, kept):
    assert decide_kept(past, 2) == kept


DAYS = st.builds(SumOfDay, st.integers(0, 500), st.integers(0, 900), st.just(0), st.booleans())


@given(past=st.lists(DAYS, max_size=12), days_max=st.integers(1, 60))
def test_nothing_is_kept_that_was_not_granted_and_never_more_than_the_bound(past, days_max):
    kept = decide_kept(past, days_max)
    assert 0 <= kept <= sum(one.granted_minor for one in past if one.is_school_day)
    assert not past or kept <= days_max * past[-1].granted_minor


def test_breakfast_is_what_the_last_school_day_left():
    weekend = [SumOfDay(260, 0, is_school_day=False)] * 2
    assert decide_breakfast([SumOfDay(260, 0), SumOfDay(260, 200), *weekend]) == 60
    assert decide_breakfast([SumOfDay(260, 300)]) == 0
    assert decide_breakfast(weekend) == 0


@pytest.mark.parametrize(
    ("spent", "early", "is_breakfast", "left"),
    [
        (0, 0, True, 320),
        (0, 0, False, 260),  # nobody had breakfast: it is gone
        (50, 50, True, 270),
        (50, 50, False, 260),  # breakfast was of yesterday's, so today's is whole
        (100, 100, False, 220),
        (150, 100, False, 170),
        (400, 100, False, 0),
    ],
)
def test_breakfast_spends_what_was_left_first(spent, early, is_breakfast, left):
    assert breakfast_left_minor(SumOfDay(260, spent, early), 60, is_breakfast=is_breakfast) == left


def test_what_is_left_of_a_sum_is_never_below_nothing():
    assert sum_left_minor(SumOfDay(260, 100)) == 160
    assert sum_left_minor(SumOfDay(260, 300), 100) == 60
    assert sum_left_minor(SumOfDay(260, 300)) == 0


@pytest.mark.parametrize(
    ("check_on", "last_day", "due"),
    [
        (None, None, False),
        (date(2026, 12, 26), None, True),
        (date(2026, 12, 27), None, False),
        (date(2026, 9, 1), None, True),  # long overdue
        (None, date(2026, 12, 1), True),
        (None, date(2026, 11, 25), False),  # over
        (date(2026, 9, 1), date(2026, 11, 25), False),
        (date(2027, 9, 1), date(2027, 8, 1), False),
    ],
)
def test_the_office_is_reminded_a_month_before_a_check_or_an_end(check_on, last_day, due):
    assert is_due(check_on, last_day, DAY) is due


def test_breakfast_is_until_nine_where_a_school_says_nothing():
    assert time(9) == BREAKFAST_UNTIL


def test_a_day_that_was_released_leaves_nothing_and_what_was_kept_before_stays() -> None:
    monday, tuesday = SumOfDay(300, 0), SumOfDay(300, 100, is_released=True)
    assert decide_kept([monday, tuesday], 5) == 300
    assert decide_breakfast([monday, tuesday]) == 0
