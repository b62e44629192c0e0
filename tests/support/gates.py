"""A lane of a gate, and a passage through it."""

from datetime import timedelta
from uuid import uuid4

from tests.support.clocks import stopped_at

from willing.accounts.models import User
from willing.core.clock import now
from willing.gate.models import Lane, Passage, PassageWay
from willing.gate.passages import Press, record_passage
from willing.gate.queries import require_lane
from willing.gate.set_up import NewLane, add_door, add_lane
from willing.people.models import Person, School


def a_lane(school: School, *, by: User, name: str = "Lane 1", use: str = "both") -> Lane:
    """Set up a door and a lane before it."""
    door = add_door(school, name.replace("Lane", "Door"), by=by)
    return require_lane(school, add_lane(school, NewLane(name, door.id, use), by=by).pk)


def a_passage(school: School, person: Person, *, by: User, days_ago: int = 0) -> Passage:
    """Let a person go through a lane by card."""
    lane = a_lane(school, by=by)
    with stopped_at(now() - timedelta(days=days_ago)):
        return record_passage(lane, Press(uuid4()), person, PassageWay.CARD)


def walk_through(lane: Lane, person: Person, way: str, *, waited_ms: int, times: int) -> None:
    """Let a person go through a lane so many times until now, a minute apart, each after the same wait."""
    at = now()
    for minutes in range(times, 0, -1):
        with stopped_at(at - timedelta(minutes=minutes)):
            record_passage(lane, Press(uuid4(), waited_ms=waited_ms), person, PassageWay(way))
