"""Rates have the exact intervals that statisticians expect."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willing.face.evaluation.statistics import Rate, interval


@pytest.mark.parametrize(
    ("errors", "trials", "low", "high"),
    # From R's binom.test, the usual reference for exact intervals.
    [
        (0, 100, 0.0, 0.03622),
        (3, 100, 0.006230, 0.08518),
        (100, 100, 0.96378, 1.0),
        (2, 2022, 0.00011979, 0.0035684),
    ],
)
def test_intervals_are_exact(errors: int, trials: int, low: float, high: float) -> None:
    assert interval(errors, trials) == pytest.approx((low, high), rel=2e-3, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(trials=st.integers(1, 400), share=st.floats(0, 1))
def test_an_interval_holds_its_rate(trials: int, share: float) -> None:
    rate = Rate.of(int(share * trials), trials)
    assert 0 <= rate.low <= rate.rate <= rate.high <= 1


def test_no_trials_say_nothing() -> None:
    assert Rate.of(0, 0) == Rate(0, 0, 0.0, 0.0, 1.0)
