"""Decisions about planned absence. Pure: values in, decision out. Days and times are the school's own.

Sources: ATTENDANCE.md sections 1.1, 1.3 and 1.9.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

# Why a pupil is away, in the words of the family. It may be about health: it is deleted soon.
WORDS_CHARS_MAX = 200
TITLE_CHARS_MAX = 80
# No leave is longer, and none is asked for further ahead; staff enter what is known late for so many days.
DAYS_MAX, AHEAD_DAYS_MAX, LATE_DAYS_MAX = 120, 400, 14
# A pupil who asks again and again does not fill their guardians' mailbox.
MAILS_A_DAY_MAX = 3
# A pupil may be signed out so long before the leave begins; a press by mistake is undone for as long.
EARLY, UNDO_WITHIN = timedelta(minutes=30), timedelta(minutes=10)
# So long after the time on which they should be back a pupil is on the list of those overdue.
OVERDUE_AFTER = timedelta(minutes=15)
# When lunch is where a school has set no hours.
LUNCH = (time(12), time(13))


class AbsenceSource(StrEnum):
    """What an absence is known from. The names are those that propose codes in a register."""

    LEAVE = "leave"
    ILLNESS = "illness"
    TRIP = "trip"


class LeaveState(StrEnum):
    """How far a leave has come."""

    # By a pupil: a guardian has said nothing yet.
    ASKED = "asked"
    # By a guardian: staff have said nothing yet, or not all who must.
    CONFIRMED = "confirmed"
    AGREED = "agreed"
    # One guardian says yes, another says no: it does not hold until they agree.
    DISPUTED = "disputed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = (LeaveState.ASKED, LeaveState.CONFIRMED, LeaveState.AGREED, LeaveState.DISPUTED)


def decide_state(answers: Collection[bool], approvals: int, needed: int) -> LeaveState:
    """Return the state of a leave that nobody has refused or withdrawn.

    answers: a yes or no for each guardian who said something. approvals: how many of the staff agreed.
    """
    if not any(answers):
        # After a no alone there is no leave; while nothing was said it is asked for.
        return LeaveState.WITHDRAWN if answers else LeaveState.ASKED
    if not all(answers):
        return LeaveState.DISPUTED
    return LeaveState.AGREED if approvals >= needed else LeaveState.CONFIRMED


@dataclass(frozen=True)
class WantedLeave:
    """When a pupil will be away. Both days count.

    from_time: when on the first day; None from its beginning. until_time: until when on the last day; None
    until its end.
    """

    first_day: date
    last_day: date
    from_time: time | None = None
    until_time: time | None = None


def span(wanted: WantedLeave, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first moment of an absence, and the first after it, in UTC.

    Where the clock shows an hour twice the first is meant, of its beginning and of its end.
    """
    begin = datetime.combine(wanted.first_day, wanted.from_time or time.min, zone)
    if wanted.until_time is None:
        end = datetime.combine(wanted.last_day + timedelta(days=1), time.min, zone)
    else:
        end = datetime.combine(wanted.last_day, wanted.until_time, zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


class TimeFault(StrEnum):
    """Why an absence can't be at that time."""

    NONE = ""
    BACKWARDS = "backwards"
    TOO_LONG = "too_long"
    TOO_FAR = "too_far"
    OVER = "over"
    NO_SCHOOL = "no_school"


def decide_time(wanted: WantedLeave, *, today: date, school_days: int, late_days: int) -> TimeFault:
    """Return what is wrong with the time of an absence.

    school_days: how many of its days have school. late_days: so many days after its end it can still be
    entered: none by families, who write a note on the mark instead, a few by staff.
    """
    if wanted.last_day < wanted.first_day or _is_reversed(wanted):
        return TimeFault.BACKWARDS
    if (wanted.last_day - wanted.first_day).days >= DAYS_MAX:
        return TimeFault.TOO_LONG
    if (wanted.last_day - today).days > AHEAD_DAYS_MAX:
        return TimeFault.TOO_FAR
    if (today - wanted.last_day).days > late_days:
        return TimeFault.OVER
    return TimeFault.NONE if school_days else TimeFault.NO_SCHOOL


def _is_reversed(wanted: WantedLeave) -> bool:
    if wanted.first_day != wanted.last_day or wanted.from_time is None or wanted.until_time is None:
        return False
    return wanted.until_time <= wanted.from_time


def overlaps(one: tuple[datetime, datetime], others: Collection[tuple[datetime, datetime]]) -> bool:
    """Say whether a time shares a moment with one of the others."""
    return any(one[0] < end and begin < one[1] for begin, end in others)


class ApprovalFault(StrEnum):
    """Why a member of staff can't agree to a leave now."""

    NONE = ""
    NOT_CONFIRMED = "not_confirmed"
    DISPUTED = "disputed"
    NOT_OPEN = "not_open"
    SAME_PERSON = "same_person"
    NEEDS_OFFICE = "needs_office"


def decide_approval(
    state: LeaveState, *, given: int, needed: int, has_acted: bool, is_office: bool
) -> ApprovalFault:
    """Return what speaks against a member of staff agreeing.

    given: how many of the staff have agreed. has_acted: whether this one has agreed, or wrote down what the
    guardian said: so no pupil leaves on the word of one person. Of two the last is the office.
    """
    if state is LeaveState.ASKED:
        return ApprovalFault.NOT_CONFIRMED
    if state is LeaveState.DISPUTED:
        return ApprovalFault.DISPUTED
    if state is not LeaveState.CONFIRMED:
        return ApprovalFault.NOT_OPEN
    if has_acted:
        return ApprovalFault.SAME_PERSON
    if given + 1 == needed > 1 and not is_office:
        return ApprovalFault.NEEDS_OFFICE
    return ApprovalFault.NONE


class Withdrawal(StrEnum):
    """What withdrawing a leave does: all of it, or the days that are left; or nothing any more."""

    WHOLE = "whole"
    REST = "rest"
    OVER = "over"


def decide_withdrawal(wanted: WantedLeave, today: date) -> Withdrawal:
    """Return what is withdrawn of a leave: days that are past were away, and stay so."""
    if wanted.last_day < today:
        return Withdrawal.OVER
    return Withdrawal.REST if wanted.first_day < today else Withdrawal.WHOLE


class DeskFault(StrEnum):
    """Why the desk can't sign a pupil out, or back in."""

    NONE = ""
    NOT_AGREED = "not_agreed"
    NOT_NOW = "not_now"
    OUT_ALREADY = "out_already"
    BACK_ALREADY = "back_already"
    NOT_OUT = "not_out"
    TOO_LATE = "too_late"


@dataclass(frozen=True)
class LeaveAtDesk:
    """A leave, as far as the desk is concerned."""

    state: LeaveState
    starts_at: datetime
    ends_at: datetime
    signed_out_at: datetime | None = None
    back_at: datetime | None = None


def decide_sign_out(leave: LeaveAtDesk, now: datetime) -> DeskFault:
    """Return what speaks against letting a pupil go: no exit before everyone has agreed."""
    if leave.state is not LeaveState.AGREED:
        return DeskFault.NOT_AGREED
    if leave.back_at is not None:
        return DeskFault.BACK_ALREADY
    if leave.signed_out_at is not None:
        return DeskFault.OUT_ALREADY
    return DeskFault.NONE if leave.starts_at - EARLY <= now < leave.ends_at else DeskFault.NOT_NOW


def decide_return(leave: LeaveAtDesk, now: datetime) -> DeskFault:
    """Return what speaks against noting that a pupil is back; one who never signed out may report back."""
    if leave.back_at is not None:
        return DeskFault.BACK_ALREADY
    if leave.state is not LeaveState.AGREED:
        return DeskFault.NOT_AGREED
    return DeskFault.NONE if leave.signed_out_at is not None or leave.starts_at <= now else DeskFault.NOT_OUT


def decide_desk_undo(leave: LeaveAtDesk, now: datetime) -> DeskFault:
    """Return what speaks against undoing the last thing that the desk noted."""
    last = leave.back_at or leave.signed_out_at
    if last is None:
        return DeskFault.NOT_OUT
    return DeskFault.NONE if now - last <= UNDO_WITHIN else DeskFault.TOO_LATE


def due_back(leave: LeaveAtDesk, *, is_part_of_a_day: bool, report_by: datetime | None) -> datetime | None:
    """Return when a pupil should be back; None where nobody waits for them.

    is_part_of_a_day: whether the leave is over while school goes on. report_by: until when, on the next
    school day after the leave, pupils report back where the school asks for it.
    """
    if leave.state is not LeaveState.AGREED or leave.back_at is not None:
        return None
    if is_part_of_a_day:
        return leave.ends_at if leave.signed_out_at is not None else None
    return report_by


def is_overdue(due_at: datetime | None, now: datetime) -> bool:
    """Say whether a pupil should have been back for a while."""
    return due_at is not None and now - due_at >= OVERDUE_AFTER


def misses_lunch(absence: tuple[datetime, datetime], lunches: Sequence[tuple[datetime, datetime]]) -> bool:
    """Say whether an absence leaves no moment of any of the day's lunches: only then a meal is not cooked."""
    return all(absence[0] <= begin and end <= absence[1] for begin, end in lunches)
