"""A lane of a gate, and a passage through it."""

from uuid import uuid4

from willing.accounts.models import User
from willing.gate.models import Lane, Passage, PassageWay
from willing.gate.passages import Press, record_passage
from willing.gate.queries import require_lane
from willing.gate.set_up import NewLane, add_door, add_lane
from willing.people.models import Person, School


def a_lane(school: School, *, by: User, name: str = "Lane 1", use: str = "both") -> Lane:
    """Set up a door and a lane before it."""
    door = add_door(school, name.replace("Lane", "Door"), by=by)
    return require_lane(school, add_lane(school, NewLane(name, door.id, use), by=by).pk)


def a_passage(school: School, person: Person, *, by: User) -> Passage:
    """Let a person go through a lane by card."""
    return record_passage(a_lane(school, by=by), Press(uuid4()), person, PassageWay.CARD)
