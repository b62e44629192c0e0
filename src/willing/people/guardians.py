"""The writers of guardians, and of who is a guardian of whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willing.audit.actions import NewEntry, record, record_many
from willing.audit.clock_state import recorded_before
from willing.core.clock import now
from willing.core.ids import derive_id, new_id
from willing.core.transactions import atomic, lock
from willing.people import errors
from willing.people.models import Guardian, GuardianLink, Person, School
from willing.people.rules import read_name


@dataclass(frozen=True)
class GuardianDetails:
    """What the office, or a guardian themselves, enters. language: what they are written to in."""

    name: str
    email: str = ""
    phone: str = ""
    language: str = "en"


@atomic
def add_guardian(person: Person, name: str, *, email: str = "", relationship: str = "") -> Guardian:
    """Add a guardian and link them to a person."""
    details = GuardianDetails(name, email, language=person.school.language)
    return add_guardian_once(person, details, relationship=relationship, key=new_id(), by=None)


@atomic
def add_guardian_once(
    person: Person, details: GuardianDetails, *, relationship: str, key: UUID, by: int | None
) -> Guardian:
    """Add a guardian by hand and link them to a person.

    key: the form's own, so that a double press adds one; by: the user's number. Raises Refused name_missing.
    """
    lock(Person.objects).get(pk=person.pk)
    details = _read(details)
    guardian, _ = Guardian.objects.get_or_create(
        id=derive_id(person.school_id, "guardian", str(key)),
        defaults={
            "school_id": person.school_id,
            "name": details.name,
            "email": details.email,
            "phone": details.phone,
            "language": details.language,
        },
    )
    link_guardians([NewLink(guardian.id, person.id, read_name(relationship))], from_roster=False, by=by)
    return guardian


def _read(details: GuardianDetails) -> GuardianDetails:
    """Return what was typed, as it is kept."""
    name = read_name(details.name)
    if not name:
        raise errors.name_missing()
    return GuardianDetails(name, details.email.strip(), read_name(details.phone), details.language)


@atomic
def edit_guardian(guardian_id: UUID, details: GuardianDetails, *, by: int | None) -> Guardian:
    """Correct how a guardian is called and reached. Raises Refused name_missing.

    A new address makes earlier consent links invalid: the mailbox they went to may be someone else's.
    """
    guardian, new = lock(Guardian.objects).get(pk=guardian_id), _read(details)
    wanted = {"email": new.email, "language": new.language, "name": new.name, "phone": new.phone}
    fields = [field for field, value in wanted.items() if getattr(guardian, field) != value]
    if not fields:
        return guardian
    if "email" in fields:
        guardian.link_version += 1
    guardian.name, guardian.email = new.name, new.email
    guardian.phone, guardian.language = new.phone, new.language
    guardian.save(update_fields=[*fields, "link_version"])
    facts = {"fields": fields, "by": by}
    record("guardian.changed", subject=guardian.id, facts=facts, personal={"name": guardian.name})
    return guardian


@atomic
def set_relationship(guardian: Guardian, person: Person, relationship: str, *, by: int | None) -> None:
    """Say what a guardian is to a person: mother, uncle, foster parent; the same again changes nothing."""
    wanted = read_name(relationship)
    links = GuardianLink.objects.filter(guardian=guardian, person=person, ended_at=None)
    if links.exclude(relationship=wanted).update(relationship=wanted):
        facts = {"guardian": str(guardian.id), "by": by}
        record("guardian.relationship_set", subject=person.id, facts=facts, personal={"name": guardian.name})


@atomic
def set_contact_order(person: Person, guardian_ids: Sequence[UUID], *, by: int | None) -> None:
    """Set in which order a person's guardians are reached; who is not named comes last."""
    lock(Person.objects).get(pk=person.pk)
    places = {one: place for place, one in enumerate(dict.fromkeys(guardian_ids), 1)}
    changed = 0
    for link in GuardianLink.objects.filter(person=person, ended_at=None).order_by("id"):
        place = places.get(link.guardian_id, 0)
        if link.contact_place != place:
            changed += GuardianLink.objects.filter(pk=link.pk).update(contact_place=place)
    if changed:
        record("guardian.contact_order_set", subject=person.id, facts={"by": by}, personal={})


@atomic
def link_guardian(guardian: Guardian, person: Person, *, relationship: str = "") -> None:
    """Record that a guardian may decide for a person; recording it twice changes nothing."""
    link_guardians([NewLink(guardian.id, person.id, relationship)], from_roster=False)


@dataclass(frozen=True)
class NewGuardian:
    """What a school's register tells of a guardian; phone and language "" where it does not say."""

    name: str
    email: str = ""
    external_id: str = ""
    phone: str = ""
    language: str = ""


@atomic
def add_guardians(school: School, new: Sequence[NewGuardian]) -> list[Guardian]:
    """Add several guardians, in the order given. Linking them is what the log tells of."""
    return Guardian.objects.bulk_create(
        Guardian(
            school=school,
            name=one.name,
            email=one.email,
            external_id=one.external_id,
            phone=one.phone,
            language=one.language or school.language,
        )
        for one in new
    )


@atomic
def change_guardians(school: School, changes: Mapping[UUID, NewGuardian]) -> None:
    """Change how several guardians are called and reached; phone and language stay where none is said.

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
        for field in ("phone", "language"):
            if getattr(new, field) not in ("", getattr(guardian, field)):
                setattr(guardian, field, getattr(new, field))
                fields.append(field)
        entries.append(NewEntry("guardian.changed", guardian_id, {"fields": fields}, {"name": new.name}))
    columns = ["name", "email", "phone", "language", "link_version"]
    Guardian.objects.bulk_update(held.values(), columns, batch_size=200)
    record_many(entries)


@dataclass(frozen=True)
class NewLink:
    """A guardian who may decide for a person."""

    guardian_id: UUID
    person_id: UUID
    relationship: str = ""


@atomic
def link_guardians(new: Sequence[NewLink], *, from_roster: bool, by: int | None = None) -> None:
    """Record that guardians may decide for persons, those unlinked before too; twice changes nothing."""
    by_pair = {(one.guardian_id, one.person_id): one for one in new}
    persons = {one.person_id for one in new}
    for link in lock(GuardianLink.objects).filter(person_id__in=persons):
        if (link.guardian_id, link.person_id) not in by_pair:
            continue
        if link.ended_at is None:
            del by_pair[link.guardian_id, link.person_id]
            continue
        link.ended_at, link.from_roster, link.ended_by_list = None, from_roster, False
        link.save(update_fields=["ended_at", "from_roster", "ended_by_list"])
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
        ignore_conflicts=True,  # the ones that had been unlinked and were linked again above
    )
    record_many(
        [
            NewEntry(
                "guardian.linked",
                one.person_id,
                {"guardian": str(one.guardian_id), "by": by},
                {"name": names[one.guardian_id]},
            )
            for one in by_pair.values()
        ]
    )


@atomic
def unlink_guardians(link_ids: Sequence[int], *, by: int | None = None, by_list: bool = False) -> None:
    """Record that guardians may no longer decide. What permission is left, `biometrics.erasure` decides.

    by_list: a school's file says so, which may be undone for a day; a no of theirs counts until then.
    """
    links = lock(GuardianLink.objects).filter(pk__in=link_ids, ended_at=None)
    ended = list(links.select_related("guardian"))
    links.update(ended_at=now(), ended_by_list=by_list)
    record_many(
        [
            NewEntry(
                "guardian.unlinked",
                link.person_id,
                {"guardian": str(link.guardian_id), "by": by},
                {"name": link.guardian.name},
            )
            for link in ended
        ]
    )


@atomic
def settle_removed_links(removed_before: datetime, limit: int) -> int:
    """Let what files removed before then be removed for good: a no of those guardians counts no more.

    Return how many.
    """
    due = GuardianLink.objects.filter(recorded_before("ended_at", removed_before), ended_by_list=True)
    ids = list(due.values_list("pk", flat=True)[:limit])
    GuardianLink.objects.filter(pk__in=ids).update(ended_by_list=False)
    return len(ids)


@atomic
def move_guardians(gone: Person, kept: Person, *, by: int) -> None:
    """Let those who may decide for one record decide for another; both are one person."""
    links = list(lock(GuardianLink.objects).filter(person=gone, ended_at=None))
    for from_roster in (False, True):
        new = [
            NewLink(one.guardian_id, kept.id, one.relationship)
            for one in links
            if one.from_roster is from_roster
        ]
        link_guardians(new, from_roster=from_roster, by=by)
    unlink_guardians([one.pk for one in links], by=by)


@atomic
def renew_consent_links(guardian: Guardian) -> None:
    """Make every consent link that a guardian was sent so far invalid."""
    locked = lock(Guardian.objects).get(pk=guardian.pk)
    locked.link_version += 1
    locked.save(update_fields=["link_version"])
    guardian.link_version = locked.link_version
    record("guardian.links_renewed", subject=guardian.id, facts={}, personal={})
