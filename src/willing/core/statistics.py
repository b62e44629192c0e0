"""Exact statistics of rates. Pure, and of no room: the face engine's evaluation uses them too."""

from math import exp, fsum, lgamma, log, log1p

# Of a 95 % interval, above and below.
TAIL = 0.025


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
