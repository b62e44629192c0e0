"""Hold what all protocols share: rates with their exact intervals, and how many errors a report lists."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating]
Flags = NDArray[np.bool_]

# The wrong-person rates that every report states.
FPIRS = (0.01, 0.003, 0.001)
# How many of the worst errors a report lists.
WORST = 20


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of errors with its count, its number of trials and its exact 95 % interval."""

    errors: int
    trials: int
    rate: float
    low: float
    high: float

    @classmethod
    def of(cls, errors: int, trials: int) -> Rate:
        """Return the rate with its Clopper-Pearson interval."""
        low, high = interval(errors, trials)
        return cls(errors, trials, errors / trials if trials else 0.0, low, high)


def interval(errors: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval of a share; (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if errors == 0 else _solve(lambda p: 1 - _binomial_cdf(errors - 1, trials, p), tail)
    high = 1.0 if errors == trials else _solve(lambda p: 1 - _binomial_cdf(errors, trials, p), 1 - tail)
    return low, high


def _solve(rising: Callable[[float], float], target: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return (low + high) / 2


def _binomial_cdf(successes: int, trials: int, share: float) -> float:
    if share <= 0 or successes >= trials:
        return 1.0
    if share >= 1:
        return 0.0
    logs = (
        math.lgamma(trials + 1)
        - math.lgamma(k + 1)
        - math.lgamma(trials - k + 1)
        + k * math.log(share)
        + (trials - k) * math.log1p(-share)
        for k in range(successes + 1)
    )
    return min(1.0, math.fsum(math.exp(value) for value in logs))
