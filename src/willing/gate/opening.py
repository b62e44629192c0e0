"""What opens a door after a passage. Outside of any transaction: it speaks with devices."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.transactions import atomic
from willing.gate.device_errors import device_failed, door_by_hand
from willing.gate.door_models import DoorOpening, DoorWiring
from willing.gate.doors.protocol import DoorFault
from willing.gate.drivers import door_of
from willing.gate.models import Door
from willing.gate.queries import is_passage_from_before

OPENINGS_KEPT = timedelta(days=1)


def open_for_passage(door: Door, passage_id: UUID) -> str:
    """Open a door once for a passage; return "" where it is open, else a code of what went wrong.

    A door to which nothing is wired is opened by hand: there is nothing to do. The same passage again opens
    nothing a second time, whichever process asks and however late; only one that a device did not answer may
    be tried again.
    """
    wiring = _find_wiring(door)
    failed = _let_go(wiring, passage_id) if wiring is not None else None
    return failed.fault.value if failed is not None else ""


def _find_wiring(door: Door) -> DoorWiring | None:
    return DoorWiring.objects.select_related("device", "door").filter(pk=door.pk).first()


def _let_go(wiring: DoorWiring, passage_id: UUID) -> DoorFault | None:
    # So old that nothing says any more whether it has had its pulse.
    if is_passage_from_before(passage_id, now() - OPENINGS_KEPT) or not _claim(wiring.door, passage_id):
        return None
    try:
        door_of(wiring).pulse(wiring.open_seconds, passage_id)
    except DoorFault as failed:
        DoorOpening.objects.filter(pk=passage_id).update(fault=failed.fault.value)
        return failed
    return None


def _claim(door: Door, passage_id: UUID) -> bool:
    """Write down that this passage gets its pulse, before it is sent; False where it has had it."""
    try:
        _note(door, passage_id)
    except IntegrityError:
        return bool(DoorOpening.objects.filter(pk=passage_id).exclude(fault="").update(fault="", at=now()))
    return True


@atomic
def _note(door: Door, passage_id: UUID) -> None:
    DoorOpening.objects.create(id=passage_id, door=door)


def purge_openings() -> int:
    """Delete what was noted so that no passage opens twice, a day later. Return how many rows."""
    return DoorOpening.objects.filter(at__lt=now() - OPENINGS_KEPT).delete()[0]


def try_door(door: Door, *, by: User, key: UUID | None = None) -> None:
    """Let a lock go once, to try it, and say in the log who did. Raises Refused device_failed, door_by_hand.

    key: of the form that was pressed; pressed twice, it lets the lock go once.
    """
    wiring = _find_wiring(door)
    if wiring is None:
        raise door_by_hand()
    failed = _let_go(wiring, key or new_id())
    if failed is not None:
        raise device_failed(failed.fault.value, failed.detail)
    _record_test(door, by)


@atomic
def _record_test(door: Door, by: User) -> None:
    record("door.tested", subject=door.pk, facts={"by": by.pk}, personal={})
