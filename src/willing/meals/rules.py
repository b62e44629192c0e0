"""Decisions about counted meals. Pure: values in, decision out."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# How far back a forecast reads, and how many days of a weekday it needs before it says anything.
FORECAST_WEEKS, FORECAST_DAYS_MIN = 8, 3
DAYS_FORECAST = 5


@dataclass(frozen=True)
class PastDay:
    """A day on which meals were sold: how many, and how many persons were on the roll."""

    meals: int
    roll: int


@dataclass(frozen=True)
class Expected:
    """How many main meals a day will need: probably, and between which of the days that it is based on."""

    meals: int
    fewest: int
    most: int
    days: int


def decide_forecast(past: Sequence[PastDay], roll: int, absent: int = 0) -> Expected | None:
    """Return how many meals a day needs, after the same weekdays before it; None after too few of them.

    The share of the roll that ate on each of those days is taken of today's roll without those who are known
    to be absent: the median of the shares, so that a single feast or outing changes nothing.
    """
    shares = sorted(one.meals / one.roll for one in past if one.roll > 0)
    if len(shares) < FORECAST_DAYS_MIN:
        return None
    present = max(0, roll - absent)
    fewest, likely, most = (round(share * present) for share in (shares[0], median(shares), shares[-1]))
    return Expected(likely, fewest, most, len(shares))
