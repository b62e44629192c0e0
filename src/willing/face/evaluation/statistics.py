"""Hold what all protocols share: rates with their exact intervals, and how many errors a report lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from willing.core.statistics import exact_interval

Scores = NDArray[np.floating]
Flags = NDArray[np.bool_]

# The wrong-person rates that every report states.
FPIRS = (0.01, 0.003, 0.001)
# How many of the worst errors a report lists.
WORST = 20


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """A share of errors with its count, its number of trials and its exact 95 % interval."""

    errors: int
    trials: int
    rate: float
    low: float
    high: float

    @classmethod
    def of(cls, errors: int, trials: int) -> ErrorRate:
        """Return the rate with its Clopper-Pearson interval."""
        low, high = exact_interval(errors, trials)
        return cls(errors, trials, errors / trials if trials else 0.0, low, high)
