"""When statistics are worth a warning, and when too small to show. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from willing.gate.reports import WayWait
from willing.till.reports import Wait

# A way is notably slower than another from a quarter and five seconds more on: less is the queue's noise.
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
    return [way for way, seconds in known.items() if _is_slower(seconds, fastest)]


def slower_than_face(waits: Sequence[WayWait]) -> list[str]:
    """Return the ways through the gate whose middle wait is notably longer than the face's.

    Beside that of a card, which is held to a reader once, every way is slow: a number and a PIN are typed.
    """
    known = {wait.way: wait.median_tenths / 10 for wait in waits if wait.median_tenths is not None}
    if "face" not in known:
        return []
    return [way for way, seconds in known.items() if _is_slower(seconds, known["face"])]


def _is_slower(seconds: float, than: float) -> bool:
    return seconds >= max(than * SLOWER_BY_FACTOR, than + SLOWER_BY_SECONDS)


@dataclass(frozen=True)
class ClassUse:
    """Payments of one class by one way; None where fewer than SHOWN_AT_LEAST, which might name a person."""

    name: str
    way: str
    payments: int | None


def shown_use(counts: Mapping[str, Mapping[str, int]]) -> list[ClassUse]:
    """Return the use by class and way, with small counts hidden."""
    return [
        ClassUse(name, way, count if count >= SHOWN_AT_LEAST else None)
        for name, ways in counts.items()
        for way, count in ways.items()
    ]


def classes_with_faces_only(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the classes in which everyone pays with a face: are the other ways really open to them?"""
    return [
        name
        for name, ways in counts.items()
        if name and set(ways) == {"face"} and ways["face"] >= SHOWN_AT_LEAST
    ]


def permille(part: int, whole: int, *, at_least: int) -> int | None:
    """Return part of whole in thousandths, rounded; None where whole is under `at_least`."""
    return round(1000 * part / whole) if whole >= max(at_least, 1) else None
