"""The writers of who lives in which house, from which night on.

A change counts from the coming night: who moves at noon, or at two in the morning, was in the old house in
the night before. The log counts boarders; who they are is in no entry of it.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.boarding import errors
from willing.boarding.models import Boarder, House
from willing.boarding.queries import require_house
from willing.boarding.rules import ROOM_CHARS_MAX
from willing.core.transactions import atomic, lock
from willing.people.models import Person, School
from willing.people.queries import present_persons, today


@atomic
def move_in(
    school: School,
    house_id: UUID,
    person_ids: Collection[UUID],
    *,
    by: User,
    room: str = "",
    first_night: date | None = None,
) -> int:
    """Let pupils live in a house from the coming night on; who lives in another one moves. Return how many.

    first_night: an earlier one, for a house whose list is taken before the next evening.

    Raises Refused house_unknown, boarder_not_valid.
    """
    lock(School.objects).get(pk=school.pk)
    house = require_house(school, house_id)
    pupils = present_persons(school).filter(kind=Person.Kind.PUPIL, merged_into=None, pk__in=person_ids)
    persons = list(pupils.order_by("id"))
    if len(persons) < len(set(person_ids)):
        raise errors.not_boarders()
    night = first_night or today(school)
    held = {
        one.person_id: one
        for one in lock(Boarder.objects).filter(last_night=None, person__in=persons).order_by("id")
    }
    moved: dict[UUID, int] = {}
    done = 0
    for person in persons:
        before = held.get(person.id)
        if before is not None and before.house_id == house.id:
            continue
        if before is not None:
            _close(before, night)
            moved[before.house_id] = moved.get(before.house_id, 0) + 1
        Boarder.objects.create(house=house, person=person, room=_room(room), first_night=night)
        done += 1
    for other, number in moved.items():
        _log("house.boarders_removed", other, number, by)
    if done:
        _log("house.boarders_added", house.id, done, by)
    return done


@atomic
def move_out(school: School, house_id: UUID, person_ids: Collection[UUID], *, by: User) -> int:
    """Let boarders live in a house no more, from the coming night on. Return how many.

    Raises Refused house_unknown.
    """
    lock(School.objects).get(pk=school.pk)
    house = require_house(school, house_id)
    rows = lock(Boarder.objects).filter(house=house, last_night=None, person_id__in=person_ids)
    held = list(rows.order_by("id"))
    for one in held:
        _close(one, today(school))
    if held:
        _log("house.boarders_removed", house.id, len(held), by)
    return len(held)


@atomic
def close_stays(house: House) -> None:
    """Let nobody live in a house any more, nor those who left the school and may come back."""
    for one in lock(Boarder.objects).filter(house=house, last_night=None).order_by("id"):
        _close(one, today(house.school))


def _close(row: Boarder, night: date) -> None:
    """End a stay before a night; one that had not begun leaves nothing behind."""
    if row.first_night >= night:
        row.delete()
        return
    row.last_night = night - timedelta(days=1)
    row.save(update_fields=["last_night"])


@atomic
def set_rooms(school: School, house_id: UUID, rooms: Mapping[UUID, str], *, by: User) -> int:
    """Set in which rooms boarders of a house live. Return how many changed. Raises Refused house_unknown."""
    house = require_house(school, house_id)
    rows = lock(Boarder.objects).filter(house=house, last_night=None, person_id__in=list(rooms))
    changed = 0
    for one in rows.order_by("id"):
        room = _room(rooms[one.person_id])
        if room != one.room:
            one.room = room
            one.save(update_fields=["room"])
            changed += 1
    if changed:
        record("house.rooms_set", subject=house.id, facts={"boarders": changed, "by": by.pk}, personal={})
    return changed


def _room(text: str) -> str:
    return " ".join(text.split())[:ROOM_CHARS_MAX]


def _log(event: str, house_id: UUID, boarders: int, by: User) -> None:
    record(event, subject=house_id, facts={"boarders": boarders, "by": by.pk}, personal={})


@atomic
def move_boarder(gone: Person, kept: Person) -> None:
    """Let a record's nights go on with the kept one; where both live in a house, the kept one's stays.

    Marks never change, and so stay with the record that is gone: in an open list the kept one is marked anew.
    """
    if Boarder.objects.filter(person=kept, last_night=None).exists():
        for one in Boarder.objects.filter(person=gone, last_night=None):
            _close(one, today(gone.school))
    Boarder.objects.filter(person=gone).update(person=kept)
