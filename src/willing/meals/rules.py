"""Decisions about counted meals. Pure: values in, decision out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median

# How far back a forecast reads, and how many days of a weekday it needs before it says anything.
FORECAST_WEEKS, FORECAST_DAYS_MIN = 8, 3
DAYS_FORECAST = 5
# Two purchases of one person with one sum: listed below the first, refunded by itself below the second where
# nothing else is different either. Asked about at the till: till.rules.ASKED_SECONDS.
SUSPECT_SECONDS, CERTAIN_SECONDS = 600, 20


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


@dataclass(frozen=True)
class Bought:
    """A purchase, as far as a duplicate is concerned. lines: product and quantity, sorted."""

    at: datetime
    till: str
    total_minor: int
    lines: tuple[tuple[str, int], ...]
    is_checked: bool = False


class Repetition(StrEnum):
    """Whether the second of two purchases of one person repeats the first: not, maybe, or certainly."""

    NONE = ""
    SUSPECT = "suspect"
    CERTAIN = "certain"


def decide_duplicate(first: Bought, second: Bought) -> Repetition:
    """Return whether the second of two purchases of one person is a duplicate: certainly, maybe, or not.

    Certain: the same lines at the same till within 20 seconds, and no cashier said that it was meant. Nobody
    eats and comes back in that time; everything else within ten minutes a person decides. What the cashier
    confirmed is no suspect at all, and neither is what cost nothing.
    """
    seconds = abs((second.at - first.at).total_seconds())
    alike = first.total_minor == second.total_minor > 0
    if not alike or second.is_checked or seconds >= SUSPECT_SECONDS:
        return Repetition.NONE
    same = first.till == second.till and first.lines == second.lines
    return Repetition.CERTAIN if same and seconds < CERTAIN_SECONDS else Repetition.SUSPECT
