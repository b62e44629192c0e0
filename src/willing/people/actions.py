"""The only writers of people."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from willing.audit.actions import record
from willing.core.clock import now
from willing.people.models import Guardian, GuardianLink, Person, Role, School, User, YearGroup


@dataclass(frozen=True)
class NewPerson:
    """What is known of a person who joins."""

    given_name: str
    family_name: str = ""
    kind: str = Person.Kind.PUPIL
    year: str = ""


@transaction.atomic
def create_school(name: str, *, currency: str = "GBP", time_zone: str = "Europe/London") -> School:
    """Set up the school of this installation."""
    school = School.objects.create(name=name, currency=currency, time_zone=time_zone)
    record("school.created", subject=school.id, facts={"currency": currency}, personal={})
    return school


@transaction.atomic
def add_person(school: School, new: NewPerson) -> Person:
    """Add a pupil or a member of staff, with the next free till number."""
    School.objects.select_for_update().get(pk=school.pk)  # two at once must not take one number
    last = Person.objects.filter(school=school).aggregate(last=Max("till_number"))["last"]
    year = None
    if new.year:
        year, _ = YearGroup.objects.get_or_create(school=school, name=new.year)
    person = Person.objects.create(
        school=school,
        kind=new.kind,
        given_name=new.given_name,
        family_name=new.family_name,
        year_group=year,
        till_number=(last or 1000) + 1,
    )
    record("person.added", subject=person.id, facts={"kind": new.kind}, personal={"name": person.full_name})
    return person


@transaction.atomic
def add_guardian(person: Person, name: str, *, email: str = "", relationship: str = "") -> Guardian:
    """Add a guardian and link them to a person."""
    guardian = Guardian.objects.create(school=person.school, name=name, email=email)
    link_guardian(guardian, person, relationship=relationship)
    return guardian


@transaction.atomic
def link_guardian(guardian: Guardian, person: Person, *, relationship: str = "") -> None:
    """Say that a guardian has a say about a person; saying it twice changes nothing."""
    _, created = GuardianLink.objects.get_or_create(
        guardian=guardian, person=person, defaults={"relationship": relationship}
    )
    if created:
        facts = {"guardian": str(guardian.id)}
        record("guardian.linked", subject=person.id, facts=facts, personal={"name": guardian.name})


@transaction.atomic
def renew_consent_links(guardian: Guardian) -> None:
    """Make every consent link that a guardian was sent so far invalid."""
    locked = Guardian.objects.select_for_update().get(pk=guardian.pk)
    locked.link_version += 1
    locked.save(update_fields=["link_version"])
    guardian.link_version = locked.link_version
    record("guardian.links_renewed", subject=guardian.id, facts={}, personal={})


@transaction.atomic
def end_person(person: Person) -> None:
    """Record that a person has left. What else ends with it, `biometrics.actions.sweep` ends."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.left_at is None:
        locked.left_at = now()
        locked.save(update_fields=["left_at"])
        record("person.left", subject=person.id, facts={}, personal={})


@dataclass(frozen=True)
class NewUser:
    """A member of staff who signs in."""

    username: str
    password: str
    display_name: str
    roles: tuple[str, ...]


@transaction.atomic
def add_user(school: School, new: NewUser) -> User:
    """Add someone who signs in, with the roles they have."""
    user = User.objects.create_user(new.username, password=new.password, display_name=new.display_name)
    for kind in new.roles:
        Role.objects.create(user=user, school=school, kind=kind)
    facts = {"user": user.pk, "roles": sorted(new.roles)}
    record("user.added", subject=school.id, facts=facts, personal={"name": new.display_name})
    return user
