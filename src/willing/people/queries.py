"""Reads about people."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from willing.people.models import Guardian, Person, School, User


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


def listed_guardians(person_id: UUID) -> list[Guardian]:
    """Return the guardians who have a say about a person today."""
    return list(
        Guardian.objects.filter(links__person_id=person_id, links__ended_at__isnull=True).order_by("id")
    )
