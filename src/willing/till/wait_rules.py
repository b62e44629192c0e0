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
    reached, last = 0, []
    for value in sorted(counts):
        reached += counts[value]
        last.append((reached, value))
    return _quantile(last, HALF), _quantile(last, NINE_IN_TEN)


def _quantile(last: Sequence[tuple[int, int]], share: Fraction) -> int:
    """Return the value at a share of the way from the first to the last, between two where it falls there.

    last: each value, ascending, after how many are at most as large.
    """
    place = (last[-1][0] - 1) * share
    below, above = _at(last, floor(place)), _at(last, ceil(place))
    return round(below + (above - below) * (place - floor(place)))


def _at(last: Sequence[tuple[int, int]], place: int) -> int:
    return last[bisect_right(last, place, key=itemgetter(0))][1]
