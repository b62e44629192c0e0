"""The writers of roll calls: started by anyone of the staff, closed once, never two at a time."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.doorbell import DOORBELL
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.rollcall import errors
from willing.rollcall.models import Listed, RollCall
from willing.rollcall.presence import PresenceLine, who_is_expected
from willing.rollcall.queries import find_running, progress_of
from willing.rollcall.rules import Headcount, decide_start_time


def ring_for(school: School) -> None:
    """Let who waits for news of the roll call look, once what is written now can be read."""
    transaction.on_commit(partial(DOORBELL.ring, str(school.pk)))


@atomic
def start_roll_call(
    school: School, kind: str, *, by: User, roll_call_id: UUID | None = None, at: datetime | None = None
) -> RollCall:
    """Start a roll call, or return the one that is running: of two presses at once there is one.

    roll_call_id: chosen by the page or phone. at: when a phone without connection began it. One that had
    been started under this id comes back as it is, also after its end. Raises Refused roll_call_kind_unknown.
    """
    if kind not in RollCall.Kind.values:
        raise errors.roll_call_kind_unknown()
    lock(School.objects).get(pk=school.pk)
    key = roll_call_id or new_id()
    known = RollCall.objects.filter(school=school, pk=key).first() or find_running(school)
    if known is not None:
        return known
    started = decide_start_time(at, now())
    roll_call = RollCall.objects.create(id=key, school=school, kind=kind, started_at=started, started_by=by)
    entries = who_is_expected(school, started)
    write_list(roll_call, entries)
    facts = {"kind": kind, "by": by.pk, "expected": sum(one.is_expected for one in entries)}
    record("roll_call.started", subject=roll_call.id, facts=facts, personal={})
    ring_for(school)
    return roll_call


def write_list(roll_call: RollCall, entries: Sequence[PresenceLine]) -> None:
    """Write down who is on the list and why; in the caller's transaction."""
    Listed.objects.bulk_create(
        [
            Listed(
                roll_call=roll_call,
                subject=one.subject,
                person_id=one.person_id,
                staff_id=one.staff_id,
                point_id=one.point,
                is_expected=one.is_expected,
                why=one.why.value,
            )
            for one in entries
        ],
        batch_size=500,
    )


def write_counts(roll_call: RollCall) -> Headcount:
    """Write down how many were expected and there; in the caller's transaction."""
    counts = progress_of(roll_call).counts
    RollCall.objects.filter(pk=roll_call.pk).update(
        expected=counts.expected, safe=counts.safe, found=counts.found
    )
    return counts


@atomic
def close_roll_call(school: School, roll_call_id: UUID, *, by: User) -> RollCall:
    """End a roll call. Ending it again changes nothing. Raises Refused roll_call_unknown."""
    roll_call = lock(RollCall.objects).filter(school=school, pk=roll_call_id).first()
    if roll_call is None:
        raise errors.roll_call_unknown()
    if roll_call.ended_at is not None:
        return roll_call
    roll_call.ended_at, roll_call.ended_by = max(now(), roll_call.started_at), by
    roll_call.save(update_fields=["ended_at", "ended_by"])
    counts = write_counts(roll_call)
    facts = {
        "kind": roll_call.kind,
        "by": by.pk,
        "expected": counts.expected,
        "safe": counts.safe,
        "found": counts.found,
    }
    record("roll_call.ended", subject=roll_call.id, facts=facts, personal={})
    ring_for(school)
    return roll_call
