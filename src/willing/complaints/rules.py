"""What a complaint needs, and by when it is answered. Pure."""

from calendar import monthrange
from datetime import datetime

# A charge or a use of the camera says by itself what is wrong; a request has to be put into words, but for
# the two that stop something: those are granted first and asked about later.
ABOUT_A_LINE = ("wrong_charge", "wrong_recognition")


PAUSING = ("objection", "restriction")


# How much one voice may have waiting about one person; a stuck key must not fill the office's list.
OPEN_MAX = 20


def needs_words(kind: str) -> bool:
    """Say whether a complaint of this kind is nothing without words."""
    return kind not in (*ABOUT_A_LINE, *PAUSING)


def due_at(raised_at: datetime) -> datetime:
    """Return until when a request has to be answered: within one month (GDPR article 12(3))."""
    year, month = divmod(raised_at.year * 12 + raised_at.month, 12)
    days = monthrange(year, month + 1)[1]
    return raised_at.replace(year=year, month=month + 1, day=min(raised_at.day, days))
