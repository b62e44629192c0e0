"""The writers of persons: pupils and staff who join, change and leave."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Max

from willing.audit.actions import NewEntry, record, record_many
from willing.core.clock import now
from willing.core.ids import derive_id, new_id
from willing.core.transactions import atomic, lock
from willing.people import errors
from willing.people.class_places import make_classes
from willing.people.models import Person, School, YearGroup
from willing.people.rules import read_name


@dataclass(frozen=True)
class NewPerson:
    """What is known of a person who joins."""

    given_name: str
    family_name: str = ""
    kind: str = Person.Kind.PUPIL
    year: str = ""
    external_id: str = ""
    birth_date: date | None = None  # None: not known, so what is known stays
    is_invented: bool = False


def add_person(school: School, new: NewPerson) -> Person:
    """Add a pupil or a member of staff, with the next free till number."""
    return add_persons(school, [new])[0]


@atomic
def add_person_once(school: School, new: NewPerson, *, key: UUID, by: int | None) -> Person:
    """Add a person by hand. key: the form's own, so that a double press adds one; by: the user's number.

    Raises Refused name_missing.
    """
    lock(School.objects).get(pk=school.pk)
    person_id = derive_id(school.id, "person", str(key))
    found = Person.objects.filter(pk=person_id).first()
    return found or add_persons(school, [_read(new)], by=by, ids=[person_id])[0]


@atomic
def add_person_unless_there(school: School, new: NewPerson) -> tuple[Person, bool]:
    """Add a person who is not here yet. Return them, and whether they are new.

    Anyone with the same id of the register is here already; without an id, anyone present with the same
    names, kind and class. Raises Refused name_missing.
    """
    lock(School.objects).get(pk=school.pk)
    new = _read(new)
    rows = Person.objects.filter(school=school)
    if new.external_id:
        found = rows.filter(external_id=new.external_id).first()
    else:
        found = rows.filter(
            given_name=new.given_name,
            family_name=new.family_name,
            kind=new.kind,
            year_group__name=new.year or None,
            left_at=None,
        ).first()
    return (found, False) if found else (add_persons(school, [new])[0], True)


def _read(new: NewPerson) -> NewPerson:
    """Return what the office typed, as it is kept."""
    given = read_name(new.given_name)
    if not given:
        raise errors.name_missing()
    return replace(new, given_name=given, family_name=read_name(new.family_name), year=read_name(new.year))


@atomic
def edit_person(school: School, person_id: UUID, new: NewPerson, *, by: int | None) -> Person:
    """Correct what is known of a person, a birth date that is gone included; whether they left stays.

    What permission is left afterwards, `biometrics.people_changes` decides. Raises Refused unknown_person,
    name_missing.
    """
    lock(School.objects).get(pk=school.pk)  # a new class is made once
    person = lock(Person.objects).filter(school=school, pk=person_id).first()
    if person is None:
        raise errors.unknown_person()
    new = _read(new)
    year = classes_named(school, {new.year}).get(new.year)
    fields = _assign(person, {**_wanted(new, year), "birth_date": new.birth_date})
    if fields:
        person.save(update_fields=fields)
        facts = {"fields": fields, "by": by}
        record("person.changed", subject=person.id, facts=facts, personal={"name": person.full_name})
    return person


@atomic
def bring_back(person_id: UUID, *, by: int | None) -> bool:
    """Record that a person who had left is back. Return whether they had; what they lost, they get anew."""
    person = lock(Person.objects).get(pk=person_id)
    if person.left_at is None:
        return False
    if person.merged_into_id is not None:
        raise errors.merged_already()
    person.left_at = None
    person.save(update_fields=["left_at"])
    record("person.returned", subject=person.id, facts={"by": by}, personal={"name": person.full_name})
    return True


@atomic
def mark_merged(gone_id: UUID, kept_id: UUID, *, by: int) -> None:
    """Record that one person's record goes on as another, which also takes its id of the register.

    Raises Refused merged_already where the first has gone on as a third, merge_two_register_ids where the
    register knows both.
    """
    held = lock(Person.objects).in_bulk([gone_id, kept_id])
    gone, kept = held[gone_id], held[kept_id]
    if gone.merged_into_id is not None or kept.merged_into_id is not None:
        raise errors.merged_already()
    if gone.external_id and kept.external_id:
        raise errors.merge_two_register_ids()
    moved, gone.external_id, gone.merged_into = gone.external_id, "", kept
    gone.save(update_fields=["external_id", "merged_into"])
    if moved:
        kept.external_id = moved
        kept.save(update_fields=["external_id"])
    facts = {"merged": str(gone.id), "by": by}
    record("person.merged", subject=kept.id, facts=facts, personal={"name": gone.full_name})


@atomic
def require_present(person: Person) -> None:
    """Lock a person against leaving until the transaction ends. Raises Refused has_left."""
    if lock(Person.objects).get(pk=person.pk).left_at is not None:
        raise errors.has_left()


@atomic
def add_persons(
    school: School, new: Sequence[NewPerson], *, by: int | None = None, ids: Sequence[UUID] = ()
) -> list[Person]:
    """Add several persons, in the order given, with the next free till numbers.

    ids: theirs, where the caller knows them beforehand.
    """
    lock(School.objects).get(pk=school.pk)  # two at once must not take one number
    last = Person.objects.filter(school=school).aggregate(last=Max("till_number"))["last"] or 1000
    years = classes_named(school, {one.year for one in new})
    own_ids = ids or [new_id() for _ in new]
    persons = Person.objects.bulk_create(
        Person(
            id=own_id,
            school=school,
            kind=one.kind,
            given_name=one.given_name,
            family_name=one.family_name,
            year_group=years.get(one.year),
            till_number=number,
            external_id=one.external_id,
            birth_date=one.birth_date,
            is_invented=one.is_invented,
        )
        for number, (one, own_id) in enumerate(zip(new, own_ids, strict=True), last + 1)
    )
    record_many(
        [
            NewEntry("person.added", person.id, {"kind": person.kind, "by": by}, {"name": person.full_name})
            for person in persons
        ]
    )
    return persons


def classes_named(school: School, names: set[str]) -> dict[str, YearGroup]:
    """Return the classes with these names, made where there were none."""
    names = names - {""}
    found = {year.name: year for year in YearGroup.objects.filter(school=school, name__in=names)}
    missing = sorted(names - found.keys())
    return found | ({one.name: one for one in make_classes(school, missing)} if missing else {})


@dataclass(frozen=True)
class PersonChange:
    """What a person is from now on; someone who had left is back with it."""

    person_id: UUID
    new: NewPerson


@atomic
def change_persons(school: School, changes: Sequence[PersonChange]) -> None:
    """Change names, kinds and years of several persons, and bring back those among them who had left."""
    years = classes_named(school, {change.new.year for change in changes})
    ids = [change.person_id for change in changes]
    held = lock(Person.objects).filter(school=school).in_bulk(ids)
    entries = []
    for change in changes:
        person = held[change.person_id]
        if person.left_at is not None:
            entries.append(NewEntry("person.returned", person.id, {}, {"name": person.full_name}))
        fields = _set_person(person, change.new, years.get(change.new.year))
        if fields:
            facts = {"fields": fields}
            entries.append(NewEntry("person.changed", person.id, facts, {"name": person.full_name}))
    columns = ["given_name", "family_name", "kind", "year_group", "left_at", "birth_date"]
    Person.objects.bulk_update(held.values(), columns, batch_size=200)
    record_many(entries)


def _set_person(person: Person, new: NewPerson, year: YearGroup | None) -> list[str]:
    changed = _assign(person, {"birth_date": new.birth_date or person.birth_date, **_wanted(new, year)})
    person.left_at = None
    return changed


def _wanted(new: NewPerson, year: YearGroup | None) -> dict[str, object]:
    return {
        "family_name": new.family_name,
        "given_name": new.given_name,
        "kind": new.kind,
        "year_group_id": year.pk if year else None,
    }


def _assign(person: Person, wanted: dict[str, object]) -> list[str]:
    """Give a person these values. Return the names of those that changed."""
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    for field in changed:
        setattr(person, field, wanted[field])
    return changed


@atomic
def mark_left(person_ids: Sequence[UUID]) -> list[UUID]:
    """Record that persons have left. Return those who had not left before."""
    rows = lock(Person.objects).filter(pk__in=person_ids, left_at=None).order_by("id")
    leaving = [row.pk for row in rows.only("pk")]
    Person.objects.filter(pk__in=leaving).update(left_at=now())
    record_many([NewEntry("person.left", person_id, {}, {}) for person_id in leaving])
    return leaving


@atomic
def link_person_to_roster(person: Person, external_id: str) -> None:
    """Let someone who was added by hand be the register's `external_id` from now on; twice changes nothing.

    external_id: 1 to 255 characters. Raises Refused external_id_taken.
    """
    assert external_id
    locked = lock(Person.objects).get(pk=person.pk)
    if locked.external_id == external_id:
        return
    taken = Person.objects.filter(school=locked.school_id, external_id=external_id).exists()
    if taken or locked.external_id:
        raise errors.external_id_taken()
    locked.external_id = external_id
    locked.save(update_fields=["external_id"])
    facts = {"fields": ["external_id"]}
    record("person.changed", subject=person.id, facts=facts, personal={"external_id": external_id})
