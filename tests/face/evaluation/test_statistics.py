"""Rates have the exact intervals that statisticians expect."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from willing.face.evaluation.statistics import ErrorRate


@settings(max_examples=40, deadline=None)
@given(trials=st.integers(1, 400), share=st.floats(0, 1))
def test_an_interval_holds_its_rate(trials: int, share: float) -> None:
    rate = ErrorRate.of(int(share * trials), trials)
    assert 0 <= rate.low <= rate.rate <= rate.high <= 1


def test_no_trials_say_nothing() -> None:
    assert ErrorRate.of(0, 0) == ErrorRate(0, 0, 0.0, 0.0, 1.0)
