"""The writers of what is said to a leave: by guardians, by staff, by the pupil who asked."""

from datetime import timedelta
from uuid import UUID

from willing.accounts.models import User
from willing.accounts.queries import roles_of
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.leave import errors
from willing.leave.asking import answer, log, settle, words
from willing.leave.models import Leave, LeaveAnswer, LeaveApproval
from willing.leave.queries import needed_for, wanted_of
from willing.leave.rules import (
    OPEN,
    ApprovalFault,
    LeaveState,
    Withdrawal,
    decide_approval,
    decide_withdrawal,
)
from willing.people.models import Person, School
from willing.people.queries import require_guardian_of, today


@atomic
def answer_as_guardian(
    person: Person, leave_id: UUID, *, is_yes: bool, by: User, on_pupils_device: bool
) -> Leave:
    """Take a guardian's yes or no; a later one replaces it, until the leave begins or the pupil is out.

    Raises Refused leave_device, leave_unknown, leave_not_open, leave_begun, leave_is_out.
    """
    if on_pupils_device:
        raise errors.leave_device()
    if by.guardian_id is None:
        raise errors.leave_unknown()
    guardian = require_guardian_of(person, by.guardian_id)
    leave = _require_open(person.school, leave_id, person=person)
    _require_not_begun(leave, is_yes=is_yes)
    answer(leave, guardian, is_yes=is_yes)
    return leave


@atomic
def record_answer(
    school: School, leave_id: UUID, *, guardian_id: UUID, is_yes: bool, reached: str, by: User
) -> Leave:
    """Write down what a guardian said to staff, and how they were reached.

    Raises Refused leave_unknown, leave_not_open, leave_begun, leave_is_out, unknown_guardian,
    leave_how_reached.
    """
    leave = _require_open(school, leave_id)
    guardian = require_guardian_of(leave.person, guardian_id)
    said = words(reached)
    if not said:
        raise errors.leave_how_reached()
    _require_not_begun(leave, is_yes=is_yes)
    answer(leave, guardian, is_yes=is_yes, recorded_by=by, reached=said)
    return leave


@atomic
def approve(school: School, leave_id: UUID, *, by: User) -> Leave:
    """Agree to a leave for the school, or confirm an illness.

    Raises Refused leave_unknown, leave_not_confirmed, leave_disputed, leave_not_open, leave_same_person,
    leave_needs_office.
    """
    leave = _require(school, leave_id)
    given = list(LeaveApproval.objects.filter(leave=leave).values_list("user_id", flat=True))
    recorded = LeaveAnswer.objects.filter(leave=leave, recorded_by=by).exists()
    fault = decide_approval(
        LeaveState(leave.state),
        given=len(given),
        needed=needed_for(school, leave.kind),
        has_acted=by.pk in given or (recorded and leave.kind != Leave.Kind.ILLNESS),
        is_office="office" in roles_of(by, school),
    )
    if fault is not ApprovalFault.NONE:
        raise errors.not_approved(fault)
    LeaveApproval.objects.create(leave=leave, user=by, approved_at=now())
    settle(leave)
    log("leave.approved", leave, by, state=leave.state)
    return leave


@atomic
def refuse(school: School, leave_id: UUID, *, reason: str, by: User) -> Leave:
    """Refuse a leave, also one that was agreed, with a reason that the family reads.

    Raises Refused leave_unknown, leave_not_open, leave_is_out, leave_refusal_missing.
    """
    leave = _require_open(school, leave_id)
    said = words(reason)
    if not said:
        raise errors.leave_refusal_missing()
    _require_in(leave)
    leave.state, leave.refusal = Leave.State.REFUSED, said
    leave.closed_by, leave.closed_at = by, now()
    leave.save(update_fields=["state", "refusal", "closed_by", "closed_at"])
    log("leave.refused", leave, by)
    return leave


@atomic
def withdraw(person: Person, leave_id: UUID, *, by: User) -> Leave:
    """Withdraw a leave: all of it, or the days from today on where it has begun.

    A pupil withdraws what they asked for while the school has not agreed. Raises Refused leave_unknown,
    leave_not_open, leave_over, leave_is_out, leave_agreed_already.
    """
    leave = _require_open(person.school, leave_id, person=person)
    if by.guardian_id is None and not _is_pupils_own(leave, by):
        raise errors.leave_agreed_already()
    return _withdraw(leave, by)


@atomic
def withdraw_for_family(school: School, leave_id: UUID, *, by: User) -> Leave:
    """Withdraw a leave because the family said so to staff; see `withdraw`."""
    return _withdraw(_require_open(school, leave_id), by)


def _is_pupils_own(leave: Leave, by: User) -> bool:
    return leave.asked_by_id == by.pk and leave.state != Leave.State.AGREED


def _withdraw(leave: Leave, by: User) -> Leave:
    day = today(leave.person.school)
    what = decide_withdrawal(wanted_of(leave), day)
    if what is Withdrawal.OVER:
        raise errors.leave_not_open()
    if what is Withdrawal.REST:
        leave.last_day, leave.until_time = day - timedelta(days=1), None
        leave.save(update_fields=["last_day", "until_time"])
        log("leave.shortened", leave, by, last_day=leave.last_day.isoformat())
        return leave
    _require_in(leave)
    leave.state, leave.closed_by, leave.closed_at = Leave.State.WITHDRAWN, by, now()
    leave.save(update_fields=["state", "closed_by", "closed_at"])
    log("leave.withdrawn", leave, by)
    return leave


def _require_in(leave: Leave) -> None:
    if leave.signed_out_at is not None or leave.back_at is not None:
        raise errors.leave_is_out()


def _require_not_begun(leave: Leave, *, is_yes: bool) -> None:
    """Raise Refused where a no comes too late to undo anything."""
    if is_yes and leave.signed_out_at is None:
        return
    _require_in(leave)
    if leave.first_day < today(leave.person.school):
        raise errors.leave_begun()


def _require_open(school: School, leave_id: UUID, *, person: Person | None = None) -> Leave:
    leave = _require(school, leave_id, person=person)
    if leave.state not in OPEN:
        raise errors.leave_not_open()
    return leave


def _require(school: School, leave_id: UUID, *, person: Person | None = None) -> Leave:
    rows = lock(Leave.objects).select_related("person__school").filter(person__school=school, pk=leave_id)
    leave = rows.filter(person=person).first() if person is not None else rows.first()
    if leave is None:
        raise errors.leave_unknown()
    return leave
