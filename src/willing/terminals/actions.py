"""The writers of terminals."""

from dataclasses import dataclass

from willing.audit.actions import record
from willing.consent.purposes import served_purposes
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.terminals.errors import (
    location_not_for_faces,
    terminal_name_taken,
    terminal_needs_another_way,
    terminal_purpose_not_served,
)
from willing.terminals.models import Location, Terminal, Way
from willing.terminals.rules import LOCATIONS_WITHOUT_FACE


@dataclass(frozen=True)
class NewTerminal:
    """A till to be set up: its name, what for, which ways it takes, and where it is."""

    name: str
    purpose: str = "canteen"
    ways: tuple[str, ...] = (Way.CARD.value, Way.PIN.value, Way.STAFF.value)
    location: str = Location.CANTEEN.value


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
