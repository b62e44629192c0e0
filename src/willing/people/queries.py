"""Reads about people."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from willing.core.clock import now, still_runs
from willing.core.names import fold_name
from willing.people import errors
from willing.people.models import Guardian, Invitation, Person, School, User
from willing.people.rules import INVITATION_DAYS, age_on, may_pupil_sign_in


def require_school() -> School:
    """Return the school of this installation. Raises School.DoesNotExist before `willing init`."""
    return School.objects.get()


def find_school() -> School | None:
    """Return the school of this installation, or None before it was set up."""
    return School.objects.first()


def roles_of(user: User | AnonymousUser, school: School) -> frozenset[str]:
    """Return the roles that `user` has at `school`; nobody has none."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return frozenset(user.roles.filter(school=school).values_list("kind", flat=True))


def present_persons(school: School) -> QuerySet[Person]:
    """Return the persons who have not left."""
    return Person.objects.filter(school=school, left_at__isnull=True).select_related("year_group")


def search_persons(school: School, text: str, *, limit: int = 20) -> list[Person]:
    """Return present persons whose name, year or till number matches every word of `text`."""
    found = present_persons(school)
    for word in text.split()[:5]:
        match = (
            Q(given_name__icontains=word)
            | Q(family_name__icontains=word)
            | Q(year_group__name__icontains=word)
        )
        if word.isascii() and word.isdigit() and len(word) <= 9:
            match |= Q(till_number=int(word))
        found = found.filter(match)
    return list(found[:limit])


def find_by_full_name(school: School, name: str, year: str = "", *, limit: int = 12) -> list[Person]:
    """Return present persons whose whole name is `name`, in either order, in class or year `year` if given.

    Case, accents and punctuation do not count; a part of a name finds nobody.
    """
    wanted, wanted_year = fold_name(name), fold_name(year)
    if not wanted:
        return []
    found = [
        one
        for one in present_persons(school)
        if wanted
        in (fold_name(one.given_name + one.family_name), fold_name(one.family_name + one.given_name))
        and wanted_year in ("", fold_name(one.year_group.name if one.year_group else ""))
    ]
    return found[:limit]


def listed_guardians(person_id: UUID) -> list[Guardian]:
    """Return the guardians who have a say about a person today."""
    return list(
        Guardian.objects.filter(links__person_id=person_id, links__ended_at__isnull=True).order_by("id")
    )


def require_person(school: School, person_id: UUID) -> Person:
    """Return a person of this school, also one who has left. Raises Refused unknown_person."""
    found = Person.objects.filter(school=school, pk=person_id).select_related("school", "year_group").first()
    if found is None:
        raise errors.unknown_person()
    return found


def persons_of(guardian: Guardian) -> list[Person]:
    """Return the persons about whom a guardian has a say today, those who have left among them."""
    found = Person.objects.filter(guardian_links__guardian=guardian, guardian_links__ended_at__isnull=True)
    return list(found.select_related("school", "year_group"))


def age_years(person: Person) -> int | None:
    """Return a person's age in whole years today at their school; None where the birth date is not known."""
    if person.birth_date is None:
        return None
    return age_on(now().astimezone(ZoneInfo(person.school.time_zone)).date(), person.birth_date)


def may_sign_in(person: Person) -> bool:
    """Say whether a person is a pupil who may see their own page today."""
    if person.kind != Person.Kind.PUPIL or person.left_at is not None:
        return False
    from_age = person.school.pupil_sign_in_from_age
    return may_pupil_sign_in(age_years(person), from_age, is_let_in=person.may_sign_in)


def has_sign_in(guardian: Guardian) -> bool:
    """Say whether a guardian has made their own sign-in."""
    return User.objects.filter(guardian=guardian, is_active=True).exists()


def open_invitation_of(guardian: Guardian) -> Invitation | None:
    """Return a guardian's code that can still be used, or None."""
    found = Invitation.objects.filter(guardian=guardian, used_at=None, revoked_at=None).first()
    return found if found and is_running(found) else None


def is_running(invitation: Invitation) -> bool:
    """Say whether the time in which an invitation can be used is not over."""
    return still_runs(invitation.ends_at, timedelta(days=INVITATION_DAYS))


def find_user_by_email(email: str) -> User | None:
    """Return the one user whom the school added with this address; None for nobody, and for several."""
    mine = Q(email__iexact=email) | Q(guardian__email__iexact=email)
    found = list(User.objects.filter(mine, is_active=True)[:2]) if email else []
    return found[0] if len(found) == 1 else None
