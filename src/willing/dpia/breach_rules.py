"""A breach of personal data: how long there is to notify it, and what is left to decide. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

AUTHORITY, FAMILIES = "authority", "families"
# Who may have to be notified: GDPR articles 33 and 34.
RECIPIENTS = (AUTHORITY, FAMILIES)
NOTIFY, LEAVE, NOTIFIED = "notify", "leave", "notified"
STEPS = (NOTIFY, LEAVE, NOTIFIED)


@dataclass(frozen=True)
class Clock:
    """How long there is to notify the authority.

    due_at: None where the law names no hours. left: until then; negative once it has passed.
    """

    due_at: datetime | None
    left: timedelta | None

    @property
    def is_overdue(self) -> bool:
        """Whether the time has passed."""
        return self.left is not None and self.left <= timedelta(0)


def clock_of(known_at: datetime, hours: int | None, at: datetime) -> Clock:
    """Return the clock of a breach at a moment. Hours are hours, whatever clocks on the wall are put to."""
    if hours is None:
        return Clock(None, None)
    due_at = known_at + timedelta(hours=hours)
    return Clock(due_at, due_at - at)


def is_settled(steps: Sequence[str]) -> bool:
    """Say whether nothing is left to do for one recipient: notified, or decided not to. steps: in order."""
    return NOTIFIED in steps or (bool(steps) and steps[-1] == LEAVE)


def may_add(steps: Sequence[str], step: str) -> bool:
    """Say whether a step may follow the earlier ones of its recipient: what was sent is not decided anew."""
    return NOTIFIED not in steps and (step != NOTIFIED or (bool(steps) and steps[-1] == NOTIFY))


def needs_why_late(step: str, recipient: str, known_at: datetime, hours: int | None, at: datetime) -> bool:
    """Say whether the reason for a delay has to be given: article 33(1), last sentence."""
    return step == NOTIFIED and recipient == AUTHORITY and clock_of(known_at, hours, at).is_overdue


def whole_hours(left: timedelta) -> tuple[int, int]:
    """Return hours and minutes of a time, whichever side of nothing it is."""
    minutes = int(abs(left).total_seconds()) // 60
    return minutes // 60, minutes % 60
