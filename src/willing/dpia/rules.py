"""Whether faces may be used at a school at all, and what comes before the signature. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

# A review lies a year ahead at the most; the day more lets a school sign on the same date each year.
REVIEW_DAYS_MAX = 366

# The keys of the reasons, in the order in which a page lists them.
REASONS = ("locked_by_hand", "fuse_blown", "families_not_asked", "not_signed", "review_due", "clock_behind")


@dataclass(frozen=True)
class LockSituation:
    """Everything that the lock follows from. review_on: of the newest signed version; None without one.

    clock_behind: nobody knows what day it is, so neither ages nor the review can be reckoned. fuse_blown: one
    of the whole school's (fuse_rules) has blown, and nothing is decided about it.
    """

    today: date
    review_on: date | None
    families_asked: bool
    locked_by_hand: bool
    clock_behind: bool = False
    fuse_blown: bool = False


@dataclass(frozen=True)
class Lock:
    """Whether faces may be used, and why not."""

    reasons: tuple[str, ...]

    @property
    def is_unlocked(self) -> bool:
        """True where nothing keeps the lock shut."""
        return not self.reasons


def decide_lock(situation: LockSituation) -> Lock:
    """Return the lock that follows from `situation`. On the review date itself it shuts.

    It also shuts where the date lies further ahead than a review may: it was set while the clock ran ahead.
    The day more is for a clock that is put back over midnight.
    """
    reasons = set()
    if situation.locked_by_hand:
        reasons.add("locked_by_hand")
    if situation.fuse_blown:
        reasons.add("fuse_blown")
    if not situation.families_asked:
        reasons.add("families_not_asked")
    if situation.review_on is None:
        reasons.add("not_signed")
    elif not 0 < (situation.review_on - situation.today).days <= REVIEW_DAYS_MAX + 1:
        reasons.add("review_due")
    if situation.clock_behind:
        reasons.add("clock_behind")
    return Lock(tuple(reason for reason in REASONS if reason in reasons))


def is_review_date(review_on: date, today: date) -> bool:
    """Say whether a review may be set for that day: after today, and at most REVIEW_DAYS_MAX ahead."""
    return today < review_on <= today + timedelta(days=REVIEW_DAYS_MAX)


def next_review(today: date) -> date:
    """Return the day that is offered for the next review: a year ahead."""
    return today + timedelta(days=365)


# What the officer does before faces may be used, in this order, and again once it no longer holds.
STEPS = ("families", "risks", "read", "sign")


@dataclass(frozen=True)
class Preparation:
    """What is on record of the steps.

    is_consultation_old: older than the school's fuse allows (`fuse_rules.Bounds.consultation_days`).
    is_review_near: its review is due, or will be in two weeks. is_changed: since the newest signature
    something changed that was signed, statistics aside. are_risks_reviewed: since that signature. is_read:
    the text as it is at this moment, by the person who would sign; was_read: an earlier one, since then.
    """

    families_asked: bool = False
    is_consultation_old: bool = False
    has_risk: bool = False
    are_risks_reviewed: bool = False
    is_read: bool = False
    was_read: bool = False
    is_signed: bool = False
    is_review_near: bool = False
    is_changed: bool = False

    @property
    def is_signature_good(self) -> bool:
        """Whether the newest signature says what is so, and its review lies ahead."""
        return self.is_signed and not self.is_review_near and not self.is_changed


@dataclass(frozen=True)
class LockStep:
    """A step, and why it is to be done; no reason where it is done."""

    name: str
    why: str = ""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do here."""
        return not self.why


def decide_steps(found: Preparation) -> tuple[LockStep, ...]:
    """Return the steps in their order; the first that is not done is the next one."""
    whys = (_why_families(found), _why_risks(found), _why_read(found), _why_sign(found))
    return tuple(LockStep(name, why) for name, why in zip(STEPS, whys, strict=True))


def next_step(steps: tuple[LockStep, ...]) -> LockStep | None:
    """Return the first step that is not done, or None."""
    return next((step for step in steps if not step.is_done), None)


def _why_families(found: Preparation) -> str:
    if not found.families_asked:
        return "families_never"
    return "families_old" if found.is_consultation_old else ""


def _why_risks(found: Preparation) -> str:
    if not found.has_risk:
        return "risks_none"
    return "risks_review" if found.is_review_near and not found.are_risks_reviewed else ""


def _why_read(found: Preparation) -> str:
    if found.is_read or found.is_signature_good:
        return ""
    if found.was_read:
        return "read_changed"
    return _since_signature(found, "read")


def _why_sign(found: Preparation) -> str:
    return "" if found.is_signature_good else _since_signature(found, "sign")


def _since_signature(found: Preparation, step: str) -> str:
    if not found.is_signed:
        return f"{step}_never"
    return f"{step}_settings" if found.is_changed else f"{step}_review"


def why_not_signed(found: Preparation) -> str:
    """Return which step keeps a signature from being made, or "".

    Whether families were asked, the lock asks by itself: where that is not on record, faces stay locked.
    """
    if _why_risks(found):
        return "risks"
    return "" if found.is_read else "read"
