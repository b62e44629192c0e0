"""Decisions about visits. Pure: values in, decision out.

Sources: ATTENDANCE.md sections 1.3, 1.7 and 1.9 (visits without a face and without a photograph).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

NAME_CHARS_MAX = 100
WORDS_CHARS_MAX = 120
# So far ahead a visit is announced; so many badges a school numbers.
AHEAD_DAYS_MAX = 180
BADGE_NUMBER_MAX = 999
# How long the desk's last press can be undone.
UNDO_MINUTES = 10


class VisitFault(StrEnum):
    """Why something can't be done with a visit."""

    NONE = ""
    NAME_MISSING = "name_missing"
    NAMED_AS_PUPIL = "named_as_pupil"
    DAY_OVER = "day_over"
    TOO_FAR = "too_far"
    NOT_TODAY = "not_today"
    CANCELLED = "cancelled"
    IN_ALREADY = "in_already"
    NOT_IN = "not_in"
    OUT_ALREADY = "out_already"
    BADGE_TAKEN = "badge_taken"
    BADGE_NUMBER = "badge_number"
    DAY_NOT_OVER = "day_not_over"
    UNDO_TOO_LATE = "undo_too_late"


class VisitStage(StrEnum):
    """How far a visit has come."""

    EXPECTED = "expected"
    CANCELLED = "cancelled"
    # On the site.
    IN = "in"
    OUT = "out"
    # Never signed out, and a person has closed it since.
    CLOSED = "closed"


@dataclass(frozen=True)
class VisitAtDesk:
    """A visit as the desk's rules read it."""

    stage: VisitStage
    day: date
    in_at: datetime | None = None
    out_at: datetime | None = None


def decide_new(
    *, name: str, day: date, today: date, is_named_as_pupil: bool, is_namesake: bool
) -> VisitFault:
    """Return what speaks against a new visit.

    is_named_as_pupil: whether a pupil bears that name. is_namesake: whether a person said that the visitor
    is another person; without it a pupil would be in a roll call twice, once where nobody looks for a pupil.
    """
    if not name:
        return VisitFault.NAME_MISSING
    if day < today:
        return VisitFault.DAY_OVER
    if day - today > timedelta(days=AHEAD_DAYS_MAX):
        return VisitFault.TOO_FAR
    if is_named_as_pupil and not is_namesake:
        return VisitFault.NAMED_AS_PUPIL
    return VisitFault.NONE


def decide_sign_in(
    visit: VisitAtDesk, *, today: date, badge_number: int | None, taken: Collection[int]
) -> VisitFault:
    """Return what speaks against signing a visitor in. taken: the badges of those on the site."""
    if visit.stage is VisitStage.CANCELLED:
        return VisitFault.CANCELLED
    if visit.stage is not VisitStage.EXPECTED:
        return VisitFault.IN_ALREADY
    if visit.day != today:
        return VisitFault.NOT_TODAY
    return decide_badge(badge_number, taken)


def decide_badge(badge_number: int | None, taken: Collection[int]) -> VisitFault:
    """Return what speaks against giving a badge; None for no badge."""
    if badge_number is None:
        return VisitFault.NONE
    if not 1 <= badge_number <= BADGE_NUMBER_MAX:
        return VisitFault.BADGE_NUMBER
    return VisitFault.BADGE_TAKEN if badge_number in taken else VisitFault.NONE


def next_badge(taken: Collection[int]) -> int | None:
    """Return the lowest number that no visitor on the site has; None where all are given away."""
    return next((one for one in range(1, BADGE_NUMBER_MAX + 1) if one not in taken), None)


def decide_sign_out(visit: VisitAtDesk) -> VisitFault:
    """Return what speaks against signing a visitor out."""
    if visit.stage is VisitStage.IN:
        return VisitFault.NONE
    return VisitFault.OUT_ALREADY if visit.stage in (VisitStage.OUT, VisitStage.CLOSED) else VisitFault.NOT_IN


def decide_close(visit: VisitAtDesk, *, today: date) -> VisitFault:
    """Return what speaks against closing the visit of one who never signed out: only its day, while it lasts.

    Who is on the site is on the list of a roll call; nothing takes anyone off it but a person.
    """
    fault = decide_sign_out(visit)
    if fault is not VisitFault.NONE:
        return fault
    return VisitFault.DAY_NOT_OVER if visit.day >= today else VisitFault.NONE


def decide_cancel(visit: VisitAtDesk) -> VisitFault:
    """Return what speaks against cancelling a visit; cancelling twice is once."""
    is_open = visit.stage in (VisitStage.EXPECTED, VisitStage.CANCELLED)
    return VisitFault.NONE if is_open else VisitFault.IN_ALREADY


def decide_undo(visit: VisitAtDesk, now: datetime) -> VisitFault:
    """Return what speaks against undoing the desk's last press; a closed visit stays closed."""
    last = {VisitStage.IN: visit.in_at, VisitStage.OUT: visit.out_at}.get(visit.stage)
    if last is None:
        return VisitFault.NOT_IN
    is_soon = timedelta(0) <= now - last <= timedelta(minutes=UNDO_MINUTES)
    return VisitFault.NONE if is_soon else VisitFault.UNDO_TOO_LATE


def is_badge_valid(visit: VisitAtDesk, *, today: date) -> bool:
    """Say whether a visitor's badge passes a gate: on its day, between signing in and signing out."""
    return visit.stage is VisitStage.IN and visit.day == today
