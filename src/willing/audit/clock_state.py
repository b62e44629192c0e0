"""Whether the computer's clock can be believed: it is never behind what it has already written.

A clock that was set back, or one that ran ahead and was put right, is behind the newest entry of the log.
Nothing that decides an order looks at a clock (`core.numbers`); but what is asked for by the day (an age, a
review date, a time of keeping) would be answered wrongly, so faces and the nightly deletion wait. It is over
when the clock has passed the newest entry, or when the operator says that it is right as it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q

from willing.audit import errors
from willing.audit.models import Entry, Head
from willing.core.clock import STEP, now

FOUND_BEHIND, RECOVERED, ACCEPTED = "clock.fault_detected", "clock.recovered", "clock.accepted"


@dataclass(frozen=True)
class ClockState:
    """How the clock compares with the log. While it is behind: by how much, and the newest entry's time."""

    is_behind: bool
    behind: timedelta = timedelta(0)
    newest_at: datetime | None = None


def clock_state() -> ClockState:
    """Return how the clock compares with the log at this moment. One row is read."""
    head = Head.objects.filter(id=1).only("newest_at", "found_behind_at").first()
    return state_of(head, now()) if head else ClockState(is_behind=False)


def state_of(head: Head, at: datetime) -> ClockState:
    """Return how a clock that shows `at` compares with a log with this end.

    Found behind, it stays so until it has passed the newest entry, not only come within a minute of it.
    """
    newest_at = head.newest_at or newest_time()
    if newest_at is None or at >= newest_at:
        return ClockState(is_behind=False)
    behind = newest_at - at
    if behind <= STEP and head.found_behind_at is None:
        return ClockState(is_behind=False)
    return ClockState(True, behind, newest_at)


def newest_time() -> datetime | None:
    """Return the latest time that an entry bears since the operator last vouched for the clock."""
    accepted = _last_accepted()
    since = Entry.objects.filter(sequence__gte=accepted.sequence) if accepted else Entry.objects.all()
    newest: datetime | None = since.aggregate(newest=Max("at"))["newest"]
    return newest


def require_clock() -> None:
    """Raise Refused clock_behind while the clock is behind the newest entry of the log."""
    if clock_state().is_behind:
        raise errors.clock_behind()


def believed(at: datetime) -> datetime:
    """Return a recorded time as far as it can be true: never later than now.

    One that lies ahead was written by a clock that ran ahead; its row is no younger than the operator's word
    that took that clock back.
    """
    present = now()
    if at <= present:
        return at
    accepted = _last_accepted()
    return min(accepted.at, present) if accepted else present


def recorded_before(field: str, moment: datetime) -> Q:
    """Return the condition that the time in `field` is before `moment`, for deleting what is old.

    A time that lies ahead counts as the operator's word that took back the clock that wrote it; otherwise
    what was recorded in a wrong year would stay until that year.
    """
    accepted, present = _last_accepted(), now()
    past = Q(**{f"{field}__lt": moment})
    if accepted is None or accepted.at >= moment:
        return past
    return past | Q(**{f"{field}__gt": present + STEP})


def _last_accepted() -> Entry | None:
    found = Entry.objects.filter(event=ACCEPTED).only("sequence", "at")
    return found.order_by("-sequence").first()
