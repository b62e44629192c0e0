"""Exact statistics of rates. Pure."""

from math import exp, lgamma, log, log1p

# Of a 95 % interval, above and below.
TAIL = 0.025


def rate_at_most(events: int, trials: int) -> float | None:
    """Return the upper end of the 95 % interval of a rate (Clopper and Pearson, 1934); None for no trials.

    Two-sided, as docs/face-accuracy.md has it: 0 of 613 gives 0.0060.
    """
    if trials < 1:
        return None
    if events >= trials:
        return 1.0
    low, high = events / trials, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(events, trials, middle) > TAIL else (low, middle)
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
    return sum(exp(one) for one in logs)
