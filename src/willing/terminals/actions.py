"""The writers of terminals: set up, changed, taken out of use."""

from dataclasses import dataclass

from django.dispatch import Signal

from willing.audit.actions import record
from willing.consent.purposes import served_purposes
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.people.queries import today
from willing.terminals.errors import (
    location_not_for_faces,
    terminal_name_taken,
    terminal_needs_another_way,
    terminal_purpose_not_served,
    terminal_purpose_stays,
    terminal_takes_no_face,
    terminal_unknown,
)
from willing.terminals.models import NAME_LENGTH_MAX, Location, Terminal, Way
from willing.terminals.pairing import unpair_terminal
from willing.terminals.rules import WaysFault, find_ways_fault, may_become

# Sent inside the transaction in which a terminal loses a way or gets another purpose, so that what was begun
# under the earlier ones is closed with them. An app that uses terminals listens in its `apps.ready`.
set_up_changed = Signal()


@dataclass(frozen=True)
class NewTerminal:
    """A till as the office sets it up: its name, what for, which ways it takes, and where it is."""

    name: str
    purpose: str = "canteen"
    ways: tuple[str, ...] = (Way.CARD.value, Way.PIN.value, Way.STAFF.value)
    location: str = Location.CANTEEN.value
    face_kinds: tuple[str, ...] = ("central", "card")


@atomic
def add_terminal(school: School, new: NewTerminal) -> Terminal:
    """Set up a till.

    Raises Refused terminal_purpose_not_served, terminal_needs_another_way without a card or a PIN
    (promise 2), place_not_for_faces, terminal_name_taken, terminal_takes_no_face.
    """
    _require_possible(new)
    lock(School.objects).get(pk=school.pk)  # two at once must not take one name
    if Terminal.objects.filter(school=school, name=new.name).exists():
        raise terminal_name_taken()
    terminal = Terminal.objects.create(
        school=school,
        name=new.name,
        purpose=new.purpose,
        location=Location(new.location),
        takes_card=Way.CARD in new.ways,
        takes_pin=Way.PIN in new.ways,
        takes_staff=Way.STAFF in new.ways,
        takes_face=Way.FACE in new.ways,
        takes_central="central" in new.face_kinds,
        takes_card_held="card" in new.face_kinds,
    )
    facts = {"ways": sorted(new.ways), "location": terminal.location}
    record("terminal.added", subject=terminal.id, facts=facts, personal={})
    return terminal


@atomic
def edit_terminal(terminal: Terminal, new: NewTerminal, *, by: int) -> None:
    """Let a till be as the office has changed it; what it is already changes nothing.

    It counts from the next press on. Where a way is taken away, or it sells for something else, what is
    unpaid there is closed and its camera with it. Raises Refused as `add_terminal` does, terminal_unknown,
    terminal_purpose_stays.
    """
    _require_possible(new)
    lock(School.objects).get(pk=terminal.school_id)
    row = lock(Terminal.objects).filter(pk=terminal.pk, retired_at=None).first()
    if row is None:
        raise terminal_unknown()
    if not may_become(row.purpose, new.purpose):
        raise terminal_purpose_stays()
    others = Terminal.objects.filter(school_id=row.school_id, name=new.name).exclude(pk=row.pk)
    if others.exists():
        raise terminal_name_taken()
    before = NewTerminal(row.name, row.purpose, row.ways, row.location, row.face_kinds)
    if _as_one(before) == _as_one(new):
        return
    row.name, row.purpose, row.location = new.name, new.purpose, Location(new.location)
    row.takes_card, row.takes_pin = Way.CARD in new.ways, Way.PIN in new.ways
    row.takes_staff, row.takes_face = Way.STAFF in new.ways, Way.FACE in new.ways
    row.takes_central, row.takes_card_held = "central" in new.face_kinds, "card" in new.face_kinds
    row.save(
        update_fields=[
            "name", "purpose", "location", "takes_card", "takes_pin", "takes_staff", "takes_face",
            "takes_central", "takes_card_held",
        ]
    )  # fmt: skip
    if before.purpose != new.purpose or _has_lost(before, new):
        set_up_changed.send(Terminal, terminal=row)
    facts = {
        "ways": sorted(new.ways),
        "location": row.location,
        "purpose": row.purpose,
        "faces": sorted(new.face_kinds),
        "by": by,
    }
    record("terminal.changed", subject=row.id, facts=facts, personal={})


def _has_lost(before: NewTerminal, new: NewTerminal) -> bool:
    return bool(set(before.ways) - set(new.ways) or set(before.face_kinds) - set(new.face_kinds))


def _as_one(of: NewTerminal) -> tuple[object, ...]:
    return of.name, str(of.purpose), str(of.location), frozenset(map(str, of.ways)), frozenset(of.face_kinds)


def _require_possible(new: NewTerminal) -> None:
    if new.purpose not in served_purposes():
        raise terminal_purpose_not_served()
    fault = find_ways_fault(new.ways, new.location, new.face_kinds)
    if fault is WaysFault.NO_FACE:
        raise terminal_takes_no_face()
    if fault is WaysFault.NEEDS_ANOTHER_WAY:
        raise terminal_needs_another_way()
    if fault is WaysFault.NOT_FOR_FACES:
        raise location_not_for_faces()


@atomic
def retire_terminal(terminal: Terminal, *, by: int) -> None:
    """Take a terminal out of use for good: its device is unpaired at once. Twice changes nothing.

    What was sold there stays under its name with the day, so that a new till may have the name again.
    """
    lock(School.objects).get(pk=terminal.school_id)
    live = Terminal.objects.filter(pk=terminal.pk, retired_at=None).first()
    if live is None:
        return
    unpair_terminal(live)
    mark = f" ({today(live.school).isoformat()}, {str(live.id)[:4]})"
    Terminal.objects.filter(pk=live.pk).update(
        retired_at=now(), name=live.name[: NAME_LENGTH_MAX - len(mark)] + mark
    )
    record("terminal.retired", subject=live.id, facts={"by": by}, personal={})
