"""What a forecast says, and when it says nothing. Values only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.meals.rules import FORECAST_DAYS_MIN, Expected, PastDay, decide_forecast

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
