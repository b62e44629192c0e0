"""How long payments take. Pure: values in, decision out."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from operator import itemgetter

HALF, NINE_IN_TEN = Fraction(1, 2), Fraction(9, 10)


def wait_seconds(opened_at: datetime, settled_at: datetime) -> int | None:
    """Return how long a payment took, rounded to a second; None where nobody can say: the clock was set.

    Nobody pays before the basket was opened, or waits at a till for a day.
    """
    waited = settled_at - opened_at
    return round(waited.total_seconds()) if timedelta(0) <= waited < timedelta(days=1) else None


def median_and_p90(counts: Mapping[int, int]) -> tuple[int, int]:
    """Return what half and nine in ten of some values do not exceed, each rounded to a whole one.

    counts: how often each value occurs, at least one in all; so a month of a large school needs no list of
    its payments. Exact: `statistics.median`, and the ninth of `quantiles(n=10, method="inclusive")`.
    """
    reached, ends = 0, []
    for value in sorted(counts):
        reached += counts[value]
        ends.append((reached, value))
    return _quantile(ends, HALF), _quantile(ends, NINE_IN_TEN)


def _quantile(ends: Sequence[tuple[int, int]], share: Fraction) -> int:
    """Return the value at a share of the way from the first to the last, between two where it falls there.

    ends: each value, ascending, after how many are at most as large.
    """
    place = (ends[-1][0] - 1) * share
    below, above = _at(ends, floor(place)), _at(ends, ceil(place))
    return round(below + (above - below) * (place - floor(place)))


def _at(ends: Sequence[tuple[int, int]], place: int) -> int:
    return ends[bisect_right(ends, place, key=itemgetter(0))][1]
