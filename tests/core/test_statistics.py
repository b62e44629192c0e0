"""Rates have the exact intervals that statisticians expect, and counted values their quantiles."""

from collections import Counter
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.core.statistics import exact_interval, median_and_p90, rate_at_most


@pytest.mark.parametrize(
    ("events", "trials", "low", "high"),
    # From R's binom.test, the usual reference for exact intervals.
    [
        (0, 100, 0.0, 0.03622),
        (3, 100, 0.006230, 0.08518),
        (100, 100, 0.96378, 1.0),
        (2, 2022, 0.00011979, 0.0035684),
    ],
)
def test_intervals_are_exact(events: int, trials: int, low: float, high: float) -> None:
    assert exact_interval(events, trials) == pytest.approx((low, high), rel=2e-3, abs=1e-6)


def test_without_trials_every_rate_is_possible() -> None:
    assert exact_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("events", "trials", "rate"),
    [
        (0, 0, None),
        (0, -1, None),
        (0, 1, 0.975),
        (1, 1, 1.0),
        (2, 1, 1.0),
        (0, 613, 0.0060),
        (1, 100, 0.0545),
        (5, 10, 0.8129),
        (9, 10, 0.9975),
        (3, 100_000, 0.0000877),
    ],
)
def test_the_upper_end_of_a_rate_is_clopper_and_pearson_s(
    events: int, trials: int, rate: float | None
) -> None:
    found = rate_at_most(events, trials)
    assert found == (rate if rate is None else pytest.approx(rate, rel=0.005))


def test_the_upper_end_is_exact_to_the_last_of_its_halvings() -> None:
    assert rate_at_most(0, 10) == pytest.approx(1 - 0.025**0.1, abs=1e-15)


# Golden figures: scipy.stats.beta.ppf(0.975, k + 1, n - k).
@pytest.mark.parametrize(
    ("events", "trials", "upper"),
    [(0, 613, 0.0060), (1, 1000, 0.005558), (3, 20, 0.378927), (2, 100_000, 0.0000722), (5, 5, 1.0)],
)
def test_the_upper_end_is_a_quantile_of_the_beta_distribution(events: int, trials: int, upper: float) -> None:
    assert rate_at_most(events, trials) == pytest.approx(upper, rel=5e-3)


@given(st.lists(st.integers(0, 120), min_size=2, max_size=200))
def test_counted_values_have_the_median_and_the_ninth_decile_of_a_list_of_all_of_them(
    values: list[int],
) -> None:
    ninth = quantiles(values, n=10, method="inclusive")[8]
    assert median_and_p90(Counter(values)) == (round(median(values)), round(ninth))


def test_a_single_value_is_both() -> None:
    assert median_and_p90({7: 1}) == (7, 7)
