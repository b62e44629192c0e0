"""When figures are worth a warning and when too small to show; what a complaint needs, and by when. Pure."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import exp, lgamma, log, log1p

from willing.till.figures import Wait

# A way is notably slower than the fastest from a quarter and five seconds more on: less is the queue's noise.
SLOWER_BY_FACTOR = 1.25
SLOWER_BY_SECONDS = 5
# Fewer than this could tell who it was.
SHOWN_AT_LEAST = 5


def slower_ways(waits: Sequence[Wait]) -> list[str]:
    """Return the ways whose middle wait is notably longer than the fastest one's."""
    known = {wait.way: wait.median_s for wait in waits if wait.median_s is not None}
    if not known:
        return []
    fastest = min(known.values())
    longest = max(fastest * SLOWER_BY_FACTOR, fastest + SLOWER_BY_SECONDS)
    return [way for way, seconds in known.items() if seconds >= longest and seconds > fastest]


@dataclass(frozen=True)
class ClassUse:
    """Payments of one class by one way; None where fewer than SHOWN_AT_LEAST, so that nobody is told."""

    name: str
    way: str
    payments: int | None


def shown_use(counts: Mapping[str, Mapping[str, int]]) -> list[ClassUse]:
    """Return the use by class and way, with small figures hidden."""
    return [
        ClassUse(name, way, count if count >= SHOWN_AT_LEAST else None)
        for name, ways in counts.items()
        for way, count in ways.items()
    ]


def classes_with_faces_only(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the classes in which everybody pays with a face: are the other ways really open to them?"""
    return [
        name
        for name, ways in counts.items()
        if name and set(ways) == {"face"} and ways["face"] >= SHOWN_AT_LEAST
    ]


def permille(part: int, whole: int, *, at_least: int) -> int | None:
    """Return part of whole in thousandths, rounded; None where whole is under `at_least`."""
    return round(1000 * part / whole) if whole >= max(at_least, 1) else None


# --- Complaints

# A charge or a use of the camera says by itself what is wrong; a request has to be put into words, but for
# the two that stop something: those are granted first and asked about later.
ABOUT_A_LINE = ("wrong_charge", "wrong_recognition")
PAUSING = ("objection", "restriction")
# How much one voice may have waiting about one person; a stuck key must not fill the office's list.
OPEN_MAX = 20
# Of a 95 % interval, above and below.
TAIL = 0.025


def needs_words(kind: str) -> bool:
    """Say whether a complaint of this kind is nothing without words."""
    return kind not in (*ABOUT_A_LINE, *PAUSING)


def due_at(raised_at: datetime) -> datetime:
    """Return until when a request has to be answered: within one month (GDPR article 12(3))."""
    year, month = divmod(raised_at.year * 12 + raised_at.month, 12)
    days = monthrange(year, month + 1)[1]
    return raised_at.replace(year=year, month=month + 1, day=min(raised_at.day, days))


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
