"""Reads about gates. Of one person never more than that, which day, and by which ways: no door, no minute."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from willing.gate import errors
from willing.gate.door_models import DoorWiring
from willing.gate.message_models import MessageChoice
from willing.gate.models import Direction, Door, Lane, Passage
from willing.people.models import Guardian, Person, School
from willing.people.queries import today


def doors(school: School) -> list[Door]:
    """Return the doors of a school that are in use."""
    return list(Door.objects.filter(school=school, retired_at=None))


def find_door(school: School, door_id: UUID | None) -> Door | None:
    """Return a door of this school that is in use, or None."""
    return Door.objects.filter(school=school, pk=door_id, retired_at=None).first() if door_id else None


def require_door(school: School, door_id: UUID) -> Door:
    """Return a door of this school. Raises Refused door_unknown."""
    found = find_door(school, door_id)
    if found is None:
        raise errors.door_unknown()
    return found


@dataclass(frozen=True)
class AlarmContact:
    """The alarm contact of a door that reports alarm. is_silent: its device does not answer now."""

    door_id: UUID
    door: str
    since: datetime
    is_silent: bool


def alarms_of(school: School) -> list[AlarmContact]:
    """Return the alarm contacts that report alarm, the earliest first. They are read, and start nothing."""
    rows = DoorWiring.objects.filter(door__school=school, door__retired_at=None, alarm_since__isnull=False)
    return [
        AlarmContact(one.door_id, one.door.name, one.alarm_since, bool(one.device.fault))
        for one in rows.select_related("door", "device").order_by("alarm_since", "door__name")
        if one.alarm_since is not None
    ]


def lanes(school: School) -> list[Lane]:
    """Return the lanes of a school that are in use, closed ones among them, by name."""
    rows = Lane.objects.select_related("terminal", "door")
    return list(rows.filter(terminal__school=school, terminal__retired_at=None).order_by("terminal__name"))


def require_lane(school: School, lane_id: UUID) -> Lane:
    """Return a lane of this school. Raises Refused lane_unknown."""
    rows = Lane.objects.select_related("terminal__school", "door")
    found = rows.filter(terminal__school=school, pk=lane_id, terminal__retired_at=None).first()
    if found is None:
        raise errors.lane_unknown()
    return found


def has_lanes(school: School) -> bool:
    """Say whether a school has a lane in use, whose passages may stop messages about absence."""
    return Lane.objects.filter(terminal__school=school, terminal__retired_at=None).exists()


def came_in(school: School, day: date, person_ids: Collection[UUID]) -> set[UUID]:
    """Return who of these came in through a gate on a day: a yes or a no for each, and nothing more.

    A passage about which there is a doubt says nothing, nor does one out or of an unknown direction.
    """
    rows = Passage.objects.filter(door__school=school, day=day, direction=Direction.IN, doubt="")
    return set(rows.filter(person_id__in=person_ids).values_list("person_id", flat=True).distinct())


def days_of(person: Person) -> list[tuple[date, list[str]]]:
    """Return the days of the last week on which a person used a gate, the newest first, and by which ways.

    Those that are over, whoever asks: one that appeared as the person goes through would tell the minute.
    """
    ways: dict[date, set[str]] = defaultdict(set)
    over = Passage.objects.filter(person=person, day__lt=today(person.school))
    for day, way in over.values_list("day", "way").distinct():
        ways[day].add(way)
    return [(day, sorted(ways[day])) for day in sorted(ways, reverse=True)]


def is_passage_from_before(passage_id: UUID, moment: datetime) -> bool:
    """Say whether a passage with this id was received at that moment or earlier; nothing else of it."""
    return Passage.objects.filter(pk=passage_id, received_at__lte=moment).exists()


def message_choice(guardian: Guardian, person: Person) -> MessageChoice | None:
    """Return about which passages of a child a guardian wants a message; None: about none."""
    return MessageChoice.objects.filter(guardian=guardian, person=person).first()


def message_choices(person: Person) -> list[MessageChoice]:
    """Return which guardians want messages about a child's passages."""
    return list(MessageChoice.objects.filter(person=person).select_related("guardian").order_by("pk"))
