"""Whether faces may be used at a school at all. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

# A review lies a year ahead at the most; the day more lets a school sign on the same date each year.
REVIEW_DAYS_MAX = 366

# The keys of the reasons, in the order in which a page lists them.
REASONS = ("locked_by_hand", "fuse_blown", "families_not_asked", "not_signed", "review_due", "clock_behind")


@dataclass(frozen=True)
class Situation:
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


def decide_lock(situation: Situation) -> Lock:
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
