"""The writers of doors and lanes: set up, changed, closed for a while, taken out of use."""

from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, inside, lock
from willing.gate import errors
from willing.gate.devices import unwire_door
from willing.gate.models import Door, Lane
from willing.gate.queries import require_door
from willing.gate.rules import DOOR_NAME_CHARS_MAX
from willing.gate.wording import in_gate_words
from willing.people.models import School
from willing.people.queries import today
from willing.terminals.actions import NewTerminal, add_terminal, edit_terminal, retire_terminal
from willing.terminals.models import Location, Terminal, Way

PURPOSE = "gate"


@atomic
def add_door(school: School, name: str, *, by: User) -> Door:
    """Add a door. Raises Refused door_name_missing, door_name_taken."""
    lock(School.objects).get(pk=school.pk)  # two at once must not take one name
    _require_name(school, name)
    door = Door.objects.create(school=school, name=name.strip())
    record("door.added", subject=door.id, facts={"by": by.pk}, personal={})
    return door


@atomic
def rename_door(door: Door, name: str, *, by: User) -> None:
    """Give a door another name. Raises Refused door_unknown, door_name_missing, door_name_taken."""
    lock(School.objects).get(pk=door.school_id)
    live = require_door(door.school, door.id)
    if live.name == name.strip():
        return
    _require_name(door.school, name)
    Door.objects.filter(pk=door.pk).update(name=name.strip())
    record("door.renamed", subject=door.id, facts={"by": by.pk}, personal={})


@atomic
def retire_door(door: Door, *, by: User) -> None:
    """Take a door out of use for good, and its lock off its device. Raises Refused door_has_lanes.

    Twice changes nothing.
    """
    lock(School.objects).get(pk=door.school_id)
    live = lock(Door.objects).filter(pk=door.pk, retired_at=None).first()
    if live is None:
        return
    if Lane.objects.filter(door=live, terminal__retired_at=None).exists():
        raise errors.door_has_lanes()
    inside(unwire_door)(live, by=by)
    mark = f" ({today(door.school).isoformat()}, {str(live.id)[:4]})"
    Door.objects.filter(pk=live.pk).update(
        retired_at=now(), name=live.name[: DOOR_NAME_CHARS_MAX - len(mark)] + mark
    )
    record("door.retired", subject=live.id, facts={"by": by.pk}, personal={})


def _require_name(school: School, name: str) -> None:
    if not name.strip() or len(name.strip()) > DOOR_NAME_CHARS_MAX:
        raise errors.door_name_missing()
    if Door.objects.filter(school=school, name=name.strip()).exists():
        raise errors.door_name_taken()


@dataclass(frozen=True)
class NewLane:
    """A lane as the office sets it up. ways, face_kinds: as of any terminal (`NewTerminal`)."""

    name: str
    door_id: UUID
    use: str
    ways: tuple[str, ...] = (Way.CARD.value, Way.PIN.value, Way.STAFF.value)
    face_kinds: tuple[str, ...] = ("central", "card")

    def as_terminal(self) -> NewTerminal:
        """Return the terminal that it is."""
        return NewTerminal(self.name, PURPOSE, self.ways, Location.GATE.value, self.face_kinds)


@in_gate_words
@atomic
def add_lane(school: School, new: NewLane, *, by: User) -> Lane:
    """Set up a lane with its terminal. Raises Refused door_unknown, and as `add_terminal` does."""
    door = require_door(school, new.door_id)
    terminal = inside(add_terminal)(school, new.as_terminal())
    lane = Lane.objects.create(terminal=terminal, door=door, use=Lane.Use(new.use))
    facts = {"door": str(door.id), "use": lane.use, "by": by.pk}
    record("lane.added", subject=lane.pk, facts=facts, personal={})
    return lane


@in_gate_words
@atomic
def edit_lane(lane: Lane, new: NewLane, *, by: User) -> None:
    """Let a lane be as the office has changed it. Raises Refused as `add_lane` does, and terminal_unknown."""
    door = require_door(lane.terminal.school, new.door_id)
    inside(edit_terminal)(lane.terminal, new.as_terminal(), by=by.pk)
    held = lock(Lane.objects).get(pk=lane.pk)
    if (held.door_id, held.use) == (door.id, new.use):
        return
    Lane.objects.filter(pk=lane.pk).update(door=door, use=Lane.Use(new.use))
    facts = {"door": str(door.id), "use": new.use, "by": by.pk}
    record("lane.changed", subject=lane.pk, facts=facts, personal={})


@atomic
def close_lane(lane: Lane, *, by: User) -> None:
    """Send people to another lane for now. Its page says so; the lock hears nothing. Twice is once."""
    if Lane.objects.filter(pk=lane.pk, closed_at=None).update(closed_at=now()):
        record("lane.closed", subject=lane.pk, facts={"by": by.pk}, personal={})


@atomic
def reopen_lane(lane: Lane, *, by: User) -> None:
    """Let a lane be used again. Twice is once."""
    if Lane.objects.filter(pk=lane.pk, closed_at__isnull=False).update(closed_at=None):
        record("lane.reopened", subject=lane.pk, facts={"by": by.pk}, personal={})


@in_gate_words
@atomic
def retire_lane(lane: Lane, *, by: User) -> None:
    """Take a lane out of use for good: its device is unpaired at once. Twice changes nothing."""
    terminal = Terminal.objects.select_related("school").get(pk=lane.pk)
    inside(retire_terminal)(terminal, by=by.pk)
