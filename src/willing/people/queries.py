"""Reads about people."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from willing.core.clock import now
from willing.core.names import fold_name
from willing.core.numbers import read_number
from willing.people import errors
from willing.people.models import Guardian, Person, School
from willing.people.rules import TILL_NUMBER_DIGITS_MAX, age_on


def require_school() -> School:
    """Return the school of this installation. Raises School.DoesNotExist before `willing init`."""
    return School.objects.get()


def find_school() -> School | None:
    """Return the school of this installation, or None before it was set up."""
    return School.objects.first()


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
        number = read_number(word, digits_max=TILL_NUMBER_DIGITS_MAX)
        if number is not None:
            match |= Q(till_number=number)
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
    return age_on(today(person.school), person.birth_date)


def day_bounds(school: School, day: date) -> tuple[datetime, datetime]:
    """Return the moments at which a school's day begins and ends."""
    zone = ZoneInfo(school.time_zone)
    begin = datetime.combine(day, time.min, zone)
    return begin, datetime.combine(day + timedelta(days=1), time.min, zone)


def today(school: School) -> date:
    """Return the day that it is at a school."""
    return now().astimezone(ZoneInfo(school.time_zone)).date()
