"""Whose limit stands, which one a basket would pass, and when a week begins; by table."""

from dataclasses import FrozenInstanceError
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.till.limit_rules import (
    Limit,
    NewLimits,
    Owners,
    PersonLimits,
    Spent,
    decide_limit,
    decide_limits,
    left_to_spend,
    stricter,
    week_begin,
)
from willing.till.rules import Item, total_minor

MEAL, EXTRA = Item(250, 1, is_main_meal=True), Item(90, 1, is_main_meal=False)
GUS, GWEN = UUID(int=1), UUID(int=2)
SCHOOL = NewLimits(None, 1500)


@pytest.mark.parametrize(
    ("own", "school", "expected"),
    [
        ((None, None), (None, 1500), (None, 1500)),
        ((None, None), (800, 1500), (800, 800)),
        ((500, None), (800, 1500), (500, 500)),
        ((900, 850), (800, 1500), (800, 800)),
        ((500, 300), (None, 200), (500, 200)),
        ((0, None), (None, 1500), (0, 0)),
    ],
)
def test_the_lower_limit_holds_and_a_face_alone_pays_no_more_than_all_ways(own, school, expected):
    held = decide_limits(NewLimits(*school), [(GUS, NewLimits(*own))])
    assert (held.daily_minor, held.face_daily_minor) == expected


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([], PersonLimits(None, 1500)),
        ([(GUS, NewLimits())], PersonLimits(None, 1500)),
        ([(GUS, NewLimits(500))], PersonLimits(500, 500, owners=Owners(GUS, GUS))),
        # Two guardians: of each limit the strictest, whoever set it.
        (
            [(GUS, NewLimits(500, 300, 200)), (GWEN, NewLimits(600, 250, None, 2000))],
            PersonLimits(500, 250, 200, 2000, Owners(GUS, GWEN, GUS, GWEN)),
        ),
        # The week is less than the day: a face alone pays no more than that.
        (
            [(GWEN, NewLimits(weekly_minor=400))],
            PersonLimits(None, 400, None, 400, Owners(None, GWEN, None, GWEN)),
        ),
        ([(GUS, NewLimits(face_daily_minor=1500))], PersonLimits(None, 1500)),  # the same: the school's
        ([(None, NewLimits(700))], PersonLimits(700, 700)),  # the office for this person is the school
        ([(GUS, NewLimits(700)), (GWEN, NewLimits(700))], PersonLimits(700, 700, owners=Owners(GUS, GUS))),
        ([(GUS, NewLimits(0, 0, 0, 0))], PersonLimits(0, 0, 0, 0, Owners(GUS, GUS, GUS, GUS))),
    ],
)
def test_the_strictest_stands_and_says_whose_it_is(own, expected):
    assert decide_limits(SCHOOL, own) == expected


@pytest.mark.parametrize(
    ("new", "is_consistent"),
    [
        (NewLimits(), True),
        (NewLimits(5, 5, 1, 5), True),
        (NewLimits(5, 6), False),
        (NewLimits(None, 6, None, 5), False),
        (NewLimits(6, 6, 5), True),  # several purchases a day
    ],
)
def test_a_face_alone_is_let_pay_no_more_than_all_ways_in_a_day_and_a_week(new, is_consistent):
    assert new.is_consistent is is_consistent


SUMS = st.none() | st.integers(0, 9)
LIMITS = st.builds(NewLimits, SUMS, SUMS, SUMS, SUMS)


@given(LIMITS, LIMITS)
def test_of_two_records_the_stricter_of_each_limit_is_kept(one, other):
    kept = stricter(one, other)
    assert kept == stricter(other, one)
    assert kept.is_consistent
    assert decide_limits(SCHOOL, [(GUS, kept)]) == decide_limits(SCHOOL, [(GUS, one), (GUS, other)])


@pytest.mark.parametrize(
    ("basket", "wallet", "spent", "limits", "limit"),
    [
        ([EXTRA], 90, Spent(), PersonLimits(None, 0), Limit.NONE),
        ([EXTRA], 90, Spent(), PersonLimits(None, 0, 90), Limit.NONE),
        ([EXTRA], 90, Spent(), PersonLimits(None, 0, 89), Limit.PURCHASE),
        ([EXTRA], 90, Spent(500, week_wallet_minor=500), PersonLimits(None, 0, 90), Limit.NONE),
        ([EXTRA], 90, Spent(0, week_wallet_minor=410), PersonLimits(None, 0, None, 500), Limit.NONE),
        ([EXTRA], 90, Spent(0, week_wallet_minor=411), PersonLimits(None, 0, None, 500), Limit.WEEK),
        (
            [EXTRA],
            0,
            Spent(0, week_wallet_minor=900),
            PersonLimits(0, 0, 0, 500),
            Limit.NONE,
        ),  # the school pays
        ([MEAL], 250, Spent(500, week_wallet_minor=900), PersonLimits(0, 0, 0, 0), Limit.NONE),
        ([MEAL, EXTRA], 340, Spent(), PersonLimits(0, 0, 0, 0), Limit.PURCHASE),
        ([MEAL, EXTRA], 340, Spent(), PersonLimits(0, 0, None, 0), Limit.DAY),
        ([MEAL, EXTRA], 90, Spent(0, week_wallet_minor=411), PersonLimits(90, 0, 90, 500), Limit.WEEK),
        ([Item(250, 2, is_main_meal=True)], 500, Spent(), PersonLimits(None, 0, 499), Limit.PURCHASE),
    ],
)
def test_a_basket_is_within_purchase_day_and_week_or_is_one_main_meal(basket, wallet, spent, limits, limit):
    assert decide_limit(basket, wallet, spent, limits, by_face_alone=False) is limit


def test_a_face_alone_is_asked_about_before_the_others():
    limits = PersonLimits(0, 300, 0, 0)
    assert decide_limit([MEAL, EXTRA], 340, Spent(), limits, by_face_alone=True) is Limit.FACE
    assert decide_limit([MEAL], 250, Spent(), limits, by_face_alone=True) is Limit.NONE
    assert total_minor([MEAL]) == 250
    with pytest.raises(FrozenInstanceError):
        limits.daily_minor = 2  # type: ignore[misc]  # frozen for mypy as well


@pytest.mark.parametrize(
    ("weekdays", "first"),
    [
        ("", 23),
        ("12345", 23),
        ("123456", 23),
        ("1234567", 23),
        ("12347", 22),  # Sunday to Thursday
        ("12367", 21),  # Saturday to Wednesday
        ("135", 23),
        ("3", 25),
    ],
)
def test_a_week_begins_after_the_longest_break(weekdays, first):
    assert week_begin(date(2026, 11, 26), weekdays) == date(2026, 11, first)
    assert week_begin(date(2026, 11, first), weekdays) == date(2026, 11, first)
    assert week_begin(date(2026, 11, first - 1), weekdays) == date(2026, 11, first - 7)


@given(*[st.integers(0, 3000)] * 4)
def test_what_is_left_of_a_day_and_a_week_is_the_highest_sum_that_passes(daily, weekly, today, before):
    limits, spent = PersonLimits(daily, 0, None, weekly), Spent(today, week_wallet_minor=today + before)
    left = left_to_spend(limits, spent)
    assert left.daily_minor is not None
    assert left.weekly_minor is not None
    most = min(left.daily_minor, left.weekly_minor)
    found = [
        decide_limit([Item(one, 1, is_main_meal=False)], one, spent, limits, by_face_alone=False)
        for one in (most, most + 1)
    ]
    assert found[0] is Limit.NONE
    assert found[1] in (Limit.DAY, Limit.WEEK)


@given(*[st.integers(0, 3000)] * 2)
def test_what_is_left_for_the_face_alone_is_the_highest_sum_that_it_pays(most, before):
    limits, spent = PersonLimits(None, most), Spent(by_face_alone_minor=before)
    left = left_to_spend(limits, spent).face_daily_minor
    found = [
        decide_limit([Item(one, 1, is_main_meal=False)], one, spent, limits, by_face_alone=True)
        for one in (left, left + 1)
    ]
    assert (found[0] is Limit.NONE) == (before <= most)
    assert found[1] is Limit.FACE


def test_nothing_is_left_of_what_nothing_limits():
    left = left_to_spend(PersonLimits(None, 500), Spent(wallet_minor=900, by_face_alone_minor=600))
    assert (left.daily_minor, left.weekly_minor, left.face_daily_minor) == (None, None, 0)
