"""Fuses of voluntariness: which numbers say that a face is no longer a free choice, and what follows. Pure.

Nobody presses anything for a fuse to blow. It warns first, blows on a morning before service, and only the
data protection officer's decision puts faces on again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from willing.core.statistics import exact_interval, rate_at_most


class FuseKind(StrEnum):
    """What a fuse watches."""

    MOSTLY_FACES = "mostly_faces"
    FASTER_FACE = "faster_face"
    WRONG_PERSON = "wrong_person"
    OUT_OF_DATE = "out_of_date"
    ATTACKS = "attacks"


# So long before the assessment's review, or before a consultation counts no longer, it warns.
OUT_OF_DATE_AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Bounds:
    """At which numbers the fuses of a school blow; signed with the assessment.

    uses_min, pupils_min: of so many payments by so many pupils at least in thirty days. faces_permille: this
    share of them by face. wait_permille: the face's median wait below this part of the card's, on wait_days
    days in a row on which both are known. wrong_permille: of the uses, the upper end of the 95 % interval
    above it. consultation_days: so old is the last consultation of families.
    """

    uses_min: int = 50
    pupils_min: int = 10
    faces_permille: int = 950
    wait_permille: int = 600
    wait_days: int = 10
    wrong_permille: int = 10
    consultation_days: int = 730


# Within which a school may set each. Fewer than ten pupils are never told apart from others.
RANGES: Mapping[str, tuple[int, int]] = {
    "uses_min": (20, 500),
    "pupils_min": (10, 100),
    "faces_permille": (500, 1000),
    "wait_permille": (300, 900),
    "wait_days": (3, 30),
    "wrong_permille": (1, 50),
    "consultation_days": (90, 1100),
}


def bounds_within(bounds: Bounds) -> bool:
    """Say whether all are within their ranges."""
    return all(low <= getattr(bounds, name) <= high for name, (low, high) in RANGES.items())


@dataclass(frozen=True)
class GroupPayments:
    """Payments of a group of pupils: how many, by how many pupils, how many of them by face."""

    uses: int
    pupils: int
    faces: int
    has_cards: bool


def is_mostly_faces(use: GroupPayments, bounds: Bounds) -> bool:
    """Say whether nearly all pay with a face although they have cards: is the card still a way?

    A group of fewer than pupils_min is left to the school as a whole, so that no fuse tells who pays how.
    """
    is_weighed = use.has_cards and use.uses >= bounds.uses_min and use.pupils >= bounds.pupils_min
    return is_weighed and 1000 * use.faces >= bounds.faces_permille * use.uses


def is_much_faster(days: Sequence[tuple[int, int]], bounds: Bounds) -> bool:
    """Say whether those who use no face wait so much longer that the choice is not free.

    days: the median waits of face and card in whole seconds, by day, on which both are known, oldest first.
    """
    last = days[-bounds.wait_days :]
    return len(last) >= bounds.wait_days and all(
        1000 * face < bounds.wait_permille * card for face, card in last
    )


def is_often_wrong(confirmed: int, uses: int, bounds: Bounds) -> bool:
    """Say whether the true rate of wrong persons may lie above the bound, with 95 % certainty.

    Of nobody mistaken nothing follows: the interval of a school that has just begun is wide.
    """
    most = rate_at_most(confirmed, uses)
    return confirmed > 0 and most is not None and most > bounds.wrong_permille / 1000


def lapses_on(review_on: date, consulted_on: date | None, bounds: Bounds) -> date:
    """Return on which day the assessment or the consultation of families is out of date."""
    if consulted_on is None:
        return review_on
    return min(review_on, consulted_on + timedelta(days=bounds.consultation_days))


def is_out_of_date(lapses: date, today: date) -> bool:
    """Say whether that day has come, or is so near that the officer should know."""
    return lapses - today <= OUT_OF_DATE_AHEAD


@dataclass(frozen=True)
class Pictures:
    """In how many sessions or tries the check looked, and in how many it found a picture, or let one pass."""

    sessions: int
    found: int


def is_attacked_more(signed: Pictures, lately: Pictures) -> bool:
    """Say whether more pictures are held up, or pass, than when the assessment was signed, chance left aside.

    The 95 % intervals must not overlap. Where nothing was known then there is nothing to compare with.
    """
    if signed.sessions == 0:
        return False
    return exact_interval(lately.found, lately.sessions)[0] > exact_interval(signed.found, signed.sessions)[1]


class FuseStep(StrEnum):
    """What becomes of a fuse."""

    WARN = "warn"
    CLEAR = "clear"
    BLOW = "blow"
    STAY = "stay"


@dataclass(frozen=True)
class FuseSituation:
    """Where a fuse is. blows_on: None where nothing was warned of. accepted_until: of the last decision.

    is_quiet: nothing was sold today yet, and no sitting is under way.
    """

    holds: bool
    today: date
    blows_on: date | None = None
    is_blown: bool = False
    accepted_until: date | None = None
    is_quiet: bool = True


def decide_step(kind: FuseKind, situation: FuseSituation) -> FuseStep:
    """Return what happens to a fuse now.

    It warns once, and blows on the morning that it named, if the numbers still say so. What is blown stays
    so until a decision; but what only was out of date is in date again with a signature, which is one.
    """
    if situation.is_blown:
        is_mended = kind is FuseKind.OUT_OF_DATE and not situation.holds
        return FuseStep.CLEAR if is_mended else FuseStep.STAY
    if situation.blows_on is None:
        is_accepted = situation.accepted_until is not None and situation.today < situation.accepted_until
        return FuseStep.WARN if situation.holds and not is_accepted else FuseStep.STAY
    if not situation.holds:
        return FuseStep.CLEAR
    is_due = situation.today >= situation.blows_on and situation.is_quiet
    return FuseStep.BLOW if is_due else FuseStep.STAY


def blows_on(today: date, next_days: Sequence[date], lapses: date | None = None) -> date:
    """Return on which morning a fuse blows of which is warned today: after a whole day with school.

    next_days: the two days with school that come next, today among them if it is one; none where no calendar
    knows. lapses: not before that day.
    """
    day = next_days[1] if len(next_days) > 1 else today + timedelta(days=1)
    return max(day, lapses) if lapses is not None else day
