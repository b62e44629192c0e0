"""The writers of the desk: signed out, back, and undone within ten minutes."""

from uuid import UUID

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.leave import errors
from willing.leave.asking import log
from willing.leave.desk_queries import at_desk
from willing.leave.models import Leave
from willing.leave.rules import DeskFault, decide_desk_undo, decide_return, decide_sign_out
from willing.people.models import School


@atomic
def sign_out(school: School, leave_id: UUID, *, by: User) -> Leave:
    """Let a pupil go.

    Raises Refused leave_unknown, sign_out_not_agreed, sign_out_not_now, signed_out_already, back_already.
    """
    leave = _require(school, leave_id)
    _refuse(decide_sign_out(at_desk(leave), now()))
    leave.signed_out_at, leave.signed_out_by = now(), by
    leave.save(update_fields=["signed_out_at", "signed_out_by"])
    log("leave.signed_out", leave, by)
    return leave


@atomic
def sign_back(school: School, leave_id: UUID, *, by: User) -> Leave:
    """Note that a pupil is back, with which the leave is over.

    Raises Refused leave_unknown, back_already, sign_out_not_agreed, not_signed_out.
    """
    leave = _require(school, leave_id)
    _refuse(decide_return(at_desk(leave), now()))
    leave.back_at, leave.back_by = now(), by
    leave.save(update_fields=["back_at", "back_by"])
    log("leave.returned", leave, by)
    return leave


@atomic
def undo(school: School, leave_id: UUID, *, by: User) -> Leave:
    """Undo what the desk noted last. Raises Refused leave_unknown, not_signed_out, desk_undo_too_late."""
    leave = _require(school, leave_id)
    _refuse(decide_desk_undo(at_desk(leave), now()))
    if leave.back_at is not None:
        leave.back_at = leave.back_by = None
    else:
        leave.signed_out_at = leave.signed_out_by = None
    leave.save(update_fields=["signed_out_at", "signed_out_by", "back_at", "back_by"])
    log("leave.desk_undone", leave, by)
    return leave


def _refuse(fault: DeskFault) -> None:
    if fault is not DeskFault.NONE:
        raise errors.desk_refuses(fault)


def _require(school: School, leave_id: UUID) -> Leave:
    rows = lock(Leave.objects).select_related("person__school")
    leave = rows.filter(person__school=school, pk=leave_id).first()
    if leave is None:
        raise errors.leave_unknown()
    return leave
