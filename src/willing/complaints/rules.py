"""What a complaint needs, and by when it is answered. Pure."""

from calendar import monthrange
from datetime import datetime, timedelta

# A charge or a use of the camera says by itself what is wrong; a request has to be put into words, but for
# the two that stop something: those are granted first and asked about later.
ABOUT_A_LINE = ("wrong_charge", "wrong_recognition")


PAUSING = ("objection", "restriction")


# What a name asks for, too: what is handed out or deleted is another's where nobody looks who asks.
NAMED = ("access", "portability", "erasure")
SATURDAY = 6


# How much one voice may have waiting about one person; a stuck key must not fill the office's list.
OPEN_MAX = 20


def needs_words(kind: str) -> bool:
    """Say whether a complaint of this kind is nothing without words."""
    return kind not in (*ABOUT_A_LINE, *PAUSING, *NAMED)


def needs_identity(kind: str, raised_by: str) -> bool:
    """Say whether it has to be on record how the person was recognised: not where they were signed in."""
    return raised_by == "office" and kind in (*NAMED, "correction")


def due_at(received_at: datetime, period: str = "1 month", extension: str = "") -> datetime:
    """Return until when a request has to be answered (GDPR article 12(3)).

    period, extension: as a legal profile says them ("1 month", "45 days", "15 working days"; "" is none).
    """
    due = received_at
    for one in (period, extension):
        if one:
            due = _add(due, one)
    return due


def _add(at: datetime, period: str) -> datetime:
    count, _space, unit = period.partition(" ")
    if unit.startswith("month"):
        return _add_months(at, int(count))
    if unit.startswith("working"):
        for _day in range(int(count)):
            at += timedelta(days=1)
            while at.isoweekday() >= SATURDAY:
                at += timedelta(days=1)
        return at
    return at + timedelta(days=int(count))


def _add_months(at: datetime, count: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + count, 12)
    days = monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, days))


def may_extend(extension: str, *, is_open: bool, is_extended: bool, is_overdue: bool) -> bool:
    """Say whether the time may be extended: once, where the law lets it, and said before it has passed."""
    return bool(extension) and is_open and not is_extended and not is_overdue
