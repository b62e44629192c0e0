"""The writers of terminals."""

from dataclasses import dataclass

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
)
from willing.terminals.models import NAME_LENGTH_MAX, Location, Terminal, Way
from willing.terminals.pairing import unpair_terminal
from willing.terminals.rules import LOCATIONS_WITHOUT_FACE


@dataclass(frozen=True)
class NewTerminal:
    """A till to be set up: its name, what for, which ways it takes, and where it is."""

    name: str
    purpose: str = "canteen"
    ways: tuple[str, ...] = (Way.CARD.value, Way.PIN.value, Way.STAFF.value)
    location: str = Location.CANTEEN.value


@atomic
def rename_terminal(terminal: Terminal, name: str, *, by: int) -> None:
    """Give a terminal another name; the one that it has is no change. Raises Refused terminal_name_taken."""
    lock(School.objects).get(pk=terminal.school_id)
    others = Terminal.objects.filter(school_id=terminal.school_id, name=name).exclude(pk=terminal.pk)
    if others.exists():
        raise terminal_name_taken()
    if Terminal.objects.filter(pk=terminal.pk).exclude(name=name).update(name=name):
        record("terminal.renamed", subject=terminal.id, facts={"by": by}, personal={})
    terminal.name = name


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


@atomic
def add_terminal(school: School, new: NewTerminal) -> Terminal:
    """Set up a till.

    Raises Refused terminal_purpose_not_served, terminal_needs_another_way without a card or a PIN
    (promise 2), place_not_for_faces, terminal_name_taken.
    """
    if new.purpose not in served_purposes():
        raise terminal_purpose_not_served()
    if not {Way.CARD, Way.PIN} & set(new.ways):
        raise terminal_needs_another_way()
    if Way.FACE in new.ways and new.location in LOCATIONS_WITHOUT_FACE:
        raise location_not_for_faces()
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
    )
    facts = {"ways": sorted(new.ways), "location": terminal.location}
    record("terminal.added", subject=terminal.id, facts=facts, personal={})
    return terminal
