"""The only writers of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Max

from willing.audit.actions import NewEntry, record, record_many
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people import errors
from willing.people.models import Guardian, GuardianLink, Person, Role, School, User, YearGroup


@dataclass(frozen=True)
class NewPerson:
    """What is known of a person who joins."""

    given_name: str
    family_name: str = ""
    kind: str = Person.Kind.PUPIL
    year: str = ""
    external_id: str = ""
    birth_date: date | None = None  # None: not known, so what is known stays


@atomic
def create_school(name: str, *, currency: str = "GBP", time_zone: str = "Europe/London") -> School:
    """Set up the school of this installation."""
    school = School.objects.create(name=name, currency=currency, time_zone=time_zone)
    record("school.created", subject=school.id, facts={"currency": currency}, personal={})
    return school


def add_person(school: School, new: NewPerson) -> Person:
    """Add a pupil or a member of staff, with the next free till number."""
    return add_persons(school, [new])[0]


@atomic
def add_persons(school: School, new: Sequence[NewPerson]) -> list[Person]:
    """Add several persons, in the order given, with the next free till numbers."""
    lock(School.objects).get(pk=school.pk)  # two at once must not take one number
    last = Person.objects.filter(school=school).aggregate(last=Max("till_number"))["last"] or 1000
    years = _year_groups(school, {one.year for one in new})
    persons = Person.objects.bulk_create(
        Person(
            school=school,
            kind=one.kind,
            given_name=one.given_name,
            family_name=one.family_name,
            year_group=years.get(one.year),
            till_number=number,
            external_id=one.external_id,
            birth_date=one.birth_date,
        )
        for number, one in enumerate(new, last + 1)
    )
    record_many(
        [
            NewEntry("person.added", person.id, {"kind": person.kind}, {"name": person.full_name})
            for person in persons
        ]
    )
    return persons


def _year_groups(school: School, names: set[str]) -> dict[str, YearGroup]:
    names = names - {""}
    found = {year.name: year for year in YearGroup.objects.filter(school=school, name__in=names)}
    for name in sorted(names - found.keys()):
        found[name] = YearGroup.objects.create(school=school, name=name)
    return found


@dataclass(frozen=True)
class PersonChange:
    """What a person is from now on; someone who had left is back with it."""

    person_id: UUID
    new: NewPerson


@atomic
def change_persons(school: School, changes: Sequence[PersonChange]) -> None:
    """Change names, kinds and years of several persons, and bring back those among them who had left."""
    years = _year_groups(school, {change.new.year for change in changes})
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
    wanted = {
        "birth_date": new.birth_date or person.birth_date,
        "family_name": new.family_name,
        "given_name": new.given_name,
        "kind": new.kind,
        "year_group_id": year.pk if year else None,
    }
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    for field in changed:
        setattr(person, field, wanted[field])
    person.left_at = None
    return changed


@atomic
def add_guardian(person: Person, name: str, *, email: str = "", relationship: str = "") -> Guardian:
    """Add a guardian and link them to a person."""
    guardian = Guardian.objects.create(school=person.school, name=name, email=email)
    link_guardian(guardian, person, relationship=relationship)
    return guardian


@atomic
def link_guardian(guardian: Guardian, person: Person, *, relationship: str = "") -> None:
    """Say that a guardian has a say about a person; saying it twice changes nothing."""
    link_guardians([NewLink(guardian.id, person.id, relationship)], from_roster=False)


@dataclass(frozen=True)
class NewGuardian:
    """What a school's register tells of a guardian."""

    name: str
    email: str = ""
    external_id: str = ""


@atomic
def add_guardians(school: School, new: Sequence[NewGuardian]) -> list[Guardian]:
    """Add several guardians, in the order given. Linking them is what the log tells of."""
    return Guardian.objects.bulk_create(
        Guardian(school=school, name=one.name, email=one.email, external_id=one.external_id) for one in new
    )


@atomic
def change_guardians(school: School, changes: Mapping[UUID, NewGuardian]) -> None:
    """Change names and addresses of several guardians.

    A new address makes earlier consent links invalid: the mailbox they went to may be someone else's.
    """
    held = lock(Guardian.objects).filter(school=school).in_bulk(list(changes))
    entries = []
    for guardian_id, new in changes.items():
        guardian, fields = held[guardian_id], []
        if guardian.name != new.name:
            guardian.name, fields = new.name, ["name"]
        if guardian.email != new.email:
            guardian.email = new.email
            guardian.link_version += 1
            fields = ["email", *fields]
        entries.append(NewEntry("guardian.changed", guardian_id, {"fields": fields}, {"name": new.name}))
    Guardian.objects.bulk_update(held.values(), ["name", "email", "link_version"], batch_size=200)
    record_many(entries)


@dataclass(frozen=True)
class NewLink:
    """A guardian who has a say about a person."""

    guardian_id: UUID
    person_id: UUID
    relationship: str = ""


@atomic
def link_guardians(new: Sequence[NewLink], *, from_roster: bool) -> None:
    """Say that guardians have a say about persons, again where it had ended; twice changes nothing."""
    by_pair = {(one.guardian_id, one.person_id): one for one in new}
    persons = {one.person_id for one in new}
    for link in lock(GuardianLink.objects).filter(person_id__in=persons):
        if (link.guardian_id, link.person_id) not in by_pair:
            continue
        if link.ended_at is None:
            del by_pair[link.guardian_id, link.person_id]
            continue
        link.ended_at, link.from_roster = None, from_roster
        link.save(update_fields=["ended_at", "from_roster"])
    names = dict(
        Guardian.objects.filter(pk__in={one.guardian_id for one in by_pair.values()}).values_list(
            "id", "name"
        )
    )
    GuardianLink.objects.bulk_create(
        (
            GuardianLink(
                guardian_id=one.guardian_id,
                person_id=one.person_id,
                relationship=one.relationship,
                from_roster=from_roster,
            )
            for one in by_pair.values()
        ),
        ignore_conflicts=True,  # the ones that had ended and were brought back above
    )
    record_many(
        [
            NewEntry(
                "guardian.linked",
                one.person_id,
                {"guardian": str(one.guardian_id)},
                {"name": names[one.guardian_id]},
            )
            for one in by_pair.values()
        ]
    )


@atomic
def end_guardian_links(link_ids: Sequence[int]) -> None:
    """Record that guardians no longer have a say. What permission is left, `biometrics.actions` looks at."""
    links = lock(GuardianLink.objects).filter(pk__in=link_ids, ended_at=None)
    ended = list(links.select_related("guardian"))
    links.update(ended_at=now())
    record_many(
        [
            NewEntry(
                "guardian.unlinked",
                link.person_id,
                {"guardian": str(link.guardian_id)},
                {"name": link.guardian.name},
            )
            for link in ended
        ]
    )


@atomic
def renew_consent_links(guardian: Guardian) -> None:
    """Make every consent link that a guardian was sent so far invalid."""
    locked = lock(Guardian.objects).get(pk=guardian.pk)
    locked.link_version += 1
    locked.save(update_fields=["link_version"])
    guardian.link_version = locked.link_version
    record("guardian.links_renewed", subject=guardian.id, facts={}, personal={})


def end_person(person: Person) -> None:
    """Record that a person has left. What else ends with it, `till.actions.end_persons` ends at once."""
    end_persons([person.pk])


@atomic
def end_persons(person_ids: Sequence[UUID]) -> list[UUID]:
    """Record that persons have left. Return those who had not left before."""
    rows = lock(Person.objects).filter(pk__in=person_ids, left_at=None).order_by("id")
    leaving = [row.pk for row in rows.only("pk")]
    Person.objects.filter(pk__in=leaving).update(left_at=now())
    record_many([NewEntry("person.left", person_id, {}, {}) for person_id in leaving])
    return leaving


@atomic
def adopt_person(person: Person, external_id: str) -> None:
    """Let somebody who was added by hand be the register's `external_id` from now on; twice changes nothing.

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


@atomic
def name_school(school: School, external_id: str) -> None:
    """Keep which organisation of the school's register this school is."""
    School.objects.filter(pk=school.pk).update(external_id=external_id)
    school.external_id = external_id
    record("school.named", subject=school.id, facts={}, personal={"external_id": external_id})


@dataclass(frozen=True)
class NewUser:
    """A member of staff who signs in."""

    username: str
    password: str
    display_name: str
    roles: tuple[str, ...]
    email: str = ""


@atomic
def add_user(school: School, new: NewUser) -> User:
    """Add someone who signs in, with the roles they have."""
    user = User.objects.create_user(
        new.username, email=new.email, password=new.password, display_name=new.display_name
    )
    for kind in new.roles:
        Role.objects.create(user=user, school=school, kind=kind)
    facts = {"user": user.pk, "roles": sorted(new.roles)}
    record("user.added", subject=school.id, facts=facts, personal={"name": new.display_name})
    return user
