"""How long payments take, by the rule alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.till.wait_rules import median_and_p90, wait_seconds

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DAY = 86_400


@pytest.mark.parametrize(
    ("waited", "seconds"),
    [(0, 0), (1.4, 1), (1.6, 2), (120, 120), (-1, None), (-7200, None), (DAY - 1, DAY - 1), (DAY, None),
     (10**8, None)],
    ids=str,
)  # fmt: skip
def test_a_wait_during_which_the_clock_was_set_is_none(waited, seconds):
    assert wait_seconds(NOW, NOW + timedelta(seconds=waited)) == seconds


@given(st.lists(st.integers(0, 120), min_size=2, max_size=200))
def test_counted_values_have_the_median_and_the_ninth_decile_of_a_list_of_all_of_them(values):
    ninth = quantiles(values, n=10, method="inclusive")[8]
    assert median_and_p90(Counter(values)) == (round(median(values)), round(ninth))


def test_a_single_value_is_both():
    assert median_and_p90({7: 1}) == (7, 7)
