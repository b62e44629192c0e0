"""Exact statistics of rates. Pure, and of no room: the face engine's evaluation uses them too."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, exp, floor, fsum, lgamma, log, log1p
from operator import itemgetter

# Of a 95 % interval, above and below.
TAIL = 0.025
HALF, NINE_IN_TEN = Fraction(1, 2), Fraction(9, 10)


def exact_interval(events: int, trials: int) -> tuple[float, float]:
    """Return both bounds of the 95 % interval of a rate (Clopper and Pearson, 1934); (0, 1) without trials.

    Two-sided, as docs/face-accuracy.md has it: 0 of 613 gives (0, 0.0060). events: 0 to trials.
    """
    if trials < 1:
        return 0.0, 1.0
    low = 0.0 if events == 0 else _rate_where(events - 1, trials, chance=1 - TAIL)
    high = 1.0 if events == trials else _rate_where(events, trials, chance=TAIL)
    return low, high


def rate_at_most(events: int, trials: int) -> float | None:
    """Return the upper end of the 95 % interval of a rate; None without trials."""
    return exact_interval(min(events, trials), trials)[1] if trials > 0 else None


def _rate_where(events: int, trials: int, *, chance: float) -> float:
    """Return the rate at which at most `events` of `trials` have this chance; events below trials."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(events, trials, middle) > chance else (low, middle)
    return high


def _at_most(events: int, trials: int, rate: float) -> float:
    """Return the chance of at most `events` in `trials`; by logarithms: 0.001 ** 100,000 is no float."""
    logs = (
        lgamma(trials + 1)
        - lgamma(k + 1)
        - lgamma(trials - k + 1)
        + (k * log(rate) if k else 0.0)
        + (trials - k) * log1p(-rate)
        for k in range(events + 1)
    )
    return fsum(exp(one) for one in logs)


def median_and_p90(counts: Mapping[int, int]) -> tuple[int, int]:
    """Return what half and nine in ten of some values do not exceed, each rounded to a whole one.

    counts: how often each value occurs, at least one in all; so a month of a large school needs no list of
    its payments or passages. Exact: `statistics.median`, and the ninth of `quantiles(n=10,
    method="inclusive")`.
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
