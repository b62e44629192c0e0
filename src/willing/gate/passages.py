"""The writers of passages: each once, whether pressed twice, read twice, or sent late and out of order."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Q

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.credentials.models import Card
from willing.gate import errors
from willing.gate.family_messages import message_guardians
from willing.gate.models import Direction, Door, Lane, Passage, PassageWay
from willing.gate.rules import (
    ONE_PASSAGE,
    REASON_CHARS_MAX,
    BelievedTime,
    believe_time,
    decide_direction,
    decide_wait,
    is_one_passage,
)
from willing.people.models import Person
from willing.people.queries import local_day
from willing.visits.models import Visit


@dataclass(frozen=True)
class Press:
    """One try to go through a lane. id: made where the way was pressed, so that twice is once.

    device_time: of the page's own clock. waited_ms: from the press until it was sent, as the page measured.
    """

    id: UUID
    device_time: datetime | None = None
    waited_ms: int | None = None


@atomic
def record_passage(
    lane: Lane, press: Press, who: Person | Visit, way: PassageWay, *, by: User | None = None
) -> Passage:
    """Write down that a person, or a visitor with a badge, went through a lane: once a press.

    So is a card that is read twice within two seconds: the earlier passage is returned. by: who of the staff
    looked the person up.
    """
    lock(Door.objects).get(pk=lane.door_id)  # two reads at once are one after the other
    known = Passage.objects.filter(pk=press.id).first()
    if known is not None:
        return known
    received_at = now()
    # Both clocks are kept; a press comes at once, so ours says when it was.
    at, day = received_at, local_day(lane.terminal.school, received_at)
    named = {"visit" if isinstance(who, Visit) else "person": who}
    around = Passage.objects.filter(
        **named, door_id=lane.door_id, at__gte=at - ONE_PASSAGE, at__lte=at + ONE_PASSAGE
    )
    earlier = around.order_by("-at", "id").first()
    if earlier is not None:
        return earlier
    passage = Passage.objects.create(
        id=press.id,
        door_id=lane.door_id,
        lane=lane,
        person=who if isinstance(who, Person) else None,
        visit=who if isinstance(who, Visit) else None,
        direction=_direction(lane.use, Q(**named), at, day),
        way=way,
        device_time=press.device_time,
        received_at=received_at,
        at=at,
        day=day,
        by=by,
        waited_tenths=decide_wait(press.waited_ms),
    )
    message_guardians([passage])
    return passage


@atomic
def note_wait(passage: Passage, waited_ms: int | None) -> None:
    """Write down how long a passage took from the first press on, once the page knows: the camera's too."""
    tenths = decide_wait(waited_ms)
    if tenths is not None:
        Passage.objects.filter(pk=passage.pk).update(waited_tenths=tenths)


@atomic
def record_opening(lane: Lane, press: Press, *, by: User, reason: str) -> Passage:
    """Write down that a member of staff opened a lane, and why; who went through nobody asked.

    Raises Refused opening_reason_missing.
    """
    said = reason.strip()[:REASON_CHARS_MAX]
    if not said:
        raise errors.opening_reason_missing()
    lock(Door.objects).get(pk=lane.door_id)
    known = Passage.objects.filter(pk=press.id).first()
    if known is not None:
        return known
    at = now()
    return Passage.objects.create(
        id=press.id,
        door_id=lane.door_id,
        lane=lane,
        direction=lane.use if lane.use != Lane.Use.BOTH else Direction.UNKNOWN,
        way=PassageWay.GUARD,
        device_time=press.device_time,
        received_at=at,
        at=at,
        day=local_day(lane.terminal.school, at),
        by=by,
        reason=said,
        waited_tenths=decide_wait(press.waited_ms),
    )


def _direction(use: str, of: Q, at: datetime, day: date) -> str:
    if use != Lane.Use.BOTH:
        return use
    today = Passage.objects.filter(of, day=day)
    before = today.filter(at__lte=at).order_by("-at", "id").values_list("direction", flat=True).first()
    return decide_direction(use, before, is_latest=not today.filter(at__gt=at).exists())


@dataclass(frozen=True)
class DevicePassage:
    """A passage that a device at a door has decided by itself and kept. no: as Passage.device_event_no.

    is_in: as the device knows it; None where it does not say.
    """

    no: int
    at: datetime
    card: Card
    is_in: bool | None


@atomic
def record_device_passages(door: Door, sent: Sequence[DevicePassage]) -> int:
    """Write down what a device has kept, in whatever order and however often it sends it.

    Return how many are new. At most some hundred at a time. Raises nothing about what a device says: what
    can't be true is kept with its doubt.
    """
    lock(Door.objects).get(pk=door.pk)
    known = set(
        Passage.objects.filter(door=door, device_event_no__in=[one.no for one in sent]).values_list(
            "device_event_no", flat=True
        )
    )
    received_at, use = now(), _use_of(door)
    seen, days = _times_at(door, sent, received_at), _days_of(door, sent, received_at)
    made = []
    for one in sorted(sent, key=lambda passage: (passage.at, passage.no)):
        if one.no in known:
            continue
        known.add(one.no)
        believed = believe_time(one.at, received_at)
        times, at = seen[one.card.person_id, believed.is_doubtful], _compared_at(one, believed)
        if any(is_one_passage(time, at) for time in times):
            continue
        times.append(at)
        passage = _from_device(door, one, received_at, use)
        that_day = days[one.card.person_id, passage.day]
        passage.direction = _direction_among(passage.direction, that_day, passage.at)
        that_day.append((passage.at, passage.direction))
        made.append(passage)
    Passage.objects.bulk_create(made)
    message_guardians(made)
    return len(made)


def _from_device(door: Door, one: DevicePassage, received_at: datetime, use: str) -> Passage:
    """Return a passage that is not kept yet. Its direction: as the device says, else as the door is used."""
    believed = believe_time(one.at, received_at)
    was_revoked = one.card.revoked_at is not None and one.card.revoked_at <= believed.at
    doubt = Passage.Doubt.CARD_REVOKED if was_revoked else Passage.Doubt.CLOCK if believed.is_doubtful else ""
    if one.is_in is not None:
        use = Direction.IN if one.is_in else Direction.OUT
    return Passage(
        id=derive_id(door.id, "event", str(one.no)),
        door=door,
        person_id=one.card.person_id,
        direction=use,
        way=PassageWay.CARD,
        device_time=one.at,
        received_at=received_at,
        at=believed.at,
        day=local_day(door.school, believed.at),
        doubt=doubt,
        device_event_no=one.no,
    )


# When a person went through any door on a day, and which way.
_Day = list[tuple[datetime, str]]


def _direction_among(use: str, day: _Day, at: datetime) -> str:
    before = [one for one in day if one[0] <= at]
    latest = max(before, key=lambda one: one[0])[1] if before else None
    return decide_direction(use, latest, is_latest=len(before) == len(day))


def _days_of(
    door: Door, sent: Sequence[DevicePassage], received_at: datetime
) -> dict[tuple[UUID, date], _Day]:
    """Return what is known of the days of these passages, of all doors: a device may send late."""
    found: dict[tuple[UUID, date], _Day] = defaultdict(list)
    if all(one.is_in is not None for one in sent):
        return found
    days = {local_day(door.school, believe_time(one.at, received_at).at) for one in sent}
    rows = Passage.objects.filter(person_id__in={one.card.person_id for one in sent}, day__in=days)
    for person_id, day, at, direction in rows.order_by("at", "id").values_list(
        "person_id", "day", "at", "direction"
    ):
        assert person_id is not None
        found[person_id, day].append((at, direction))
    return found


def _use_of(door: Door) -> str:
    """Return which way people go through a door: that of its lanes where they agree, else both."""
    uses = set(Lane.objects.filter(door=door, terminal__retired_at=None).values_list("use", flat=True))
    return uses.pop() if len(uses) == 1 else Lane.Use.BOTH.value


def _compared_at(one: DevicePassage, believed: BelievedTime) -> datetime:
    """Return by which time a passage is compared with others of the person.

    Where the device's is not believed, by its own clock all the same, or all that come at once would be one.
    """
    return _bounded(one.at) if believed.is_doubtful else believed.at


def _bounded(at: datetime) -> datetime:
    return min(max(at, datetime(1980, 1, 1, tzinfo=UTC)), datetime(9000, 1, 1, tzinfo=UTC))


def _times_at(
    door: Door, sent: Sequence[DevicePassage], received_at: datetime
) -> dict[tuple[UUID, bool], list[datetime]]:
    """Return when these people went through this door around the times that were sent.

    Of each, apart from the others, those whose time by the device is doubted.
    """
    found: dict[tuple[UUID, bool], list[datetime]] = defaultdict(list)
    if not sent:
        return found
    believed: list[datetime] = []
    said: list[datetime] = []
    for one in sent:
        known = believe_time(one.at, received_at)
        (said if known.is_doubtful else believed).append(_compared_at(one, known))
    near = Q(pk=None)
    if believed:
        near |= Q(at__gte=min(believed) - ONE_PASSAGE, at__lte=max(believed) + ONE_PASSAGE)
    if said:
        near |= Q(device_time__gte=min(said) - ONE_PASSAGE, device_time__lte=max(said) + ONE_PASSAGE)
    rows = Passage.objects.filter(near, door=door, person_id__in={one.card.person_id for one in sent})
    for person_id, at, told, no in rows.values_list("person_id", "at", "device_time", "device_event_no"):
        assert person_id is not None
        if no is not None and told is not None and told != at:
            found[person_id, True].append(_bounded(told))
        else:
            found[person_id, False].append(at)
    return found


@atomic
def move_passages(gone: Person, kept: Person) -> None:
    """Let the passages of one record be another's: both are one person."""
    Passage.objects.filter(person=gone).update(person=kept)
