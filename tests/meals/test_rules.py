"""What a forecast says, and when it says nothing. Values only."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.meals.rules import (
    CERTAIN_SECONDS,
    FORECAST_DAYS_MIN,
    SUSPECT_SECONDS,
    Bought,
    Expected,
    PastDay,
    Repetition,
    decide_duplicate,
    decide_forecast,
)

HALF = PastDay(100, 200)


@pytest.mark.parametrize(
    ("past", "roll", "absent", "expected"),
    [
        ([], 200, 0, None),
        ([HALF, HALF], 200, 0, None),  # two weeks are a guess
        ([HALF, HALF, PastDay(9, 0)], 200, 0, None),  # nobody was on the roll: no share
        ([HALF] * 3, 200, 0, Expected(100, 100, 100, 3)),
        ([HALF] * 3, 300, 0, Expected(150, 150, 150, 3)),  # the school has grown
        ([HALF, PastDay(80, 200), PastDay(20, 200)], 200, 0, Expected(80, 20, 100, 3)),  # an outing
        ([HALF] * 3, 200, 50, Expected(75, 75, 75, 3)),
        ([HALF] * 3, 200, 300, Expected(0, 0, 0, 3)),
    ],
)
def test_a_forecast_is_the_middle_share_of_the_same_weekdays(past, roll, absent, expected):
    assert decide_forecast(past, roll, absent) == expected


PAST = st.lists(st.builds(PastDay, st.integers(0, 900), st.integers(1, 900)), min_size=FORECAST_DAYS_MIN)


@given(past=PAST, roll=st.integers(0, 2000), absent=st.integers(0, 100))
def test_a_forecast_lies_between_its_fewest_and_its_most(past, roll, absent):
    found = decide_forecast(past, roll, absent)
    assert found is not None
    assert 0 <= found.fewest <= found.meals <= found.most
    assert found.days == len(past)


FIRST = Bought(
    at=datetime(2026, 11, 2, 12, 0, tzinfo=UTC),
    till="a till",
    total_minor=250,
    lines=(("a meal", 1),),
    is_checked=False,
)


@pytest.mark.parametrize(
    ("seconds", "changed", "likeness"),
    [
        (CERTAIN_SECONDS - 1, {}, Repetition.CERTAIN),
        (-(CERTAIN_SECONDS - 1), {}, Repetition.CERTAIN),  # a clock that was set back
        (CERTAIN_SECONDS, {}, Repetition.SUSPECT),
        (1, {"till": "another till"}, Repetition.SUSPECT),
        (1, {"lines": (("a drink", 1),)}, Repetition.SUSPECT),
        (SUSPECT_SECONDS - 1, {}, Repetition.SUSPECT),
        (SUSPECT_SECONDS, {}, Repetition.NONE),
        (1, {"is_checked": True}, Repetition.NONE),
        (1, {"total_minor": 260}, Repetition.NONE),
    ],
)
def test_only_the_same_again_at_once_is_certainly_a_duplicate(seconds, changed, likeness):
    second = replace(FIRST, at=FIRST.at + timedelta(seconds=seconds), **changed)
    assert decide_duplicate(FIRST, second) is likeness


def test_what_cost_nothing_is_no_duplicate():
    free = replace(FIRST, total_minor=0)
    assert decide_duplicate(free, free) is Repetition.NONE
