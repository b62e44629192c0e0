"""Reads about people."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import OrderBy

from willing.core.clock import now
from willing.core.collation import by_language
from willing.core.comparison import fold_name, search_words
from willing.core.numbers import read_number
from willing.people import errors
from willing.people.models import Guardian, GuardianLink, Person, School, YearGroup
from willing.people.rules import TILL_NUMBER_DIGITS_MAX, age_on

# Between them a day begins and is over within the years of a calendar, whatever the time zone.
FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 30)


def require_school() -> School:
    """Return the school of this installation. Raises School.DoesNotExist before `willing init`."""
    return School.objects.get()


def find_school() -> School | None:
    """Return the school of this installation, or None before it was set up."""
    return School.objects.first()


def present_persons(school: School) -> QuerySet[Person]:
    """Return the persons who have not left."""
    return Person.objects.filter(school=school, left_at__isnull=True).select_related("year_group")


def left_persons(school: School) -> QuerySet[Person]:
    """Return the persons who have left and whose names are still kept."""
    gone = Person.objects.filter(school=school, left_at__isnull=False, merged_into=None)
    gone = gone.exclude(given_name="")
    return gone.select_related("year_group")


def search_persons(
    school: School, text: str, *, limit: int = 20, among: QuerySet[Person] | None = None
) -> list[Person]:
    """Return persons of whom every word of `text` is found, in the order of the reader's language.

    among: whom to search; without, those who are here.

    A word is part of a name, of the class, of a guardian's name, or the whole till number. Nothing to search
    for is everyone.
    """
    found = persons_found(text, present_persons(school) if among is None else among)
    return list(found.order_by(*by_name())[:limit])


def persons_found(text: str, among: QuerySet[Person]) -> QuerySet[Person]:
    """Return those of whom every word of `text` is found, as `search_persons` does, in no order."""
    found, words = among, search_words(text)
    for word in words:
        guarded = GuardianLink.objects.filter(guardian__search_text__contains=word, ended_at=None)
        match = (
            Q(search_text__contains=word)
            | Q(year_group__search_text__contains=word)
            | Q(pk__in=guarded.values("person_id"))
        )
        number = read_number(word, digits_max=TILL_NUMBER_DIGITS_MAX)
        if number is not None:
            match |= Q(till_number=number)
        found = found.filter(match)
    # Only punctuation: that is nobody's name.
    return found.none() if text.strip() and not words else found


def alike(persons: Sequence[Person]) -> set[UUID]:
    """Return who among these has the name and class of another: a list tells them apart by till number."""
    same = Counter(map(_shown_as, persons))
    return {one.id for one in persons if same[_shown_as(one)] > 1}


def _shown_as(person: Person) -> tuple[str, int | None]:
    return fold_name(person.full_name), person.year_group_id


def by_name() -> list[OrderBy]:
    """Return how lists of persons are sorted: by name as the reader's language has it, then by number."""
    return [*by_language("given_name", "family_name"), F("till_number").asc()]


def find_by_full_name(school: School, name: str, year: str = "", *, limit: int = 12) -> list[Person]:
    """Return present persons whose whole name is `name`, in either order, in class or year `year` if given.

    Case, accents and punctuation do not count; a part of a name finds nobody.
    """
    wanted, wanted_year = fold_name(name), fold_name(year)
    if not wanted:
        return []
    # Both orders, joined, are among what a row is found by.
    near = present_persons(school).filter(search_text__contains=wanted).order_by(*by_name())
    found = [
        one
        for one in near
        if wanted
        in (fold_name(one.given_name + one.family_name), fold_name(one.family_name + one.given_name))
        and wanted_year in ("", fold_name(one.year_group.name if one.year_group else ""))
    ]
    return found[:limit]


def listed_guardians(person_id: UUID) -> list[Guardian]:
    """Return the guardians who may decide for a person today."""
    return list(
        Guardian.objects.filter(links__person_id=person_id, links__ended_at__isnull=True).order_by("id")
    )


def contacts_of(person_ids: Collection[UUID]) -> dict[UUID, list[Guardian]]:
    """Return the guardians of some persons in the order in which they are reached; one statement."""
    found: defaultdict[UUID, list[Guardian]] = defaultdict(list)
    links = GuardianLink.objects.filter(person_id__in=person_ids, ended_at=None).select_related("guardian")
    # Those without a place come last, in the order in which they were entered.
    for link in sorted(links, key=lambda one: (one.contact_place == 0, one.contact_place, one.pk)):
        found[link.person_id].append(link.guardian)
    return dict(found)


def family_language(person: Person) -> str:
    """Return the language of letters to a person's family: the first guardian's, or the school's."""
    guardians = listed_guardians(person.id)
    return guardians[0].language if guardians else person.school.language


def require_guardian_of(person: Person, guardian_id: UUID) -> Guardian:
    """Return a guardian who may decide for a person today. Raises Refused unknown_guardian."""
    found = next((one for one in listed_guardians(person.id) if one.id == guardian_id), None)
    if found is None:
        raise errors.unknown_guardian()
    return found


def require_guardian(school: School, guardian_id: UUID) -> Guardian:
    """Return a guardian of anyone at this school. Raises Refused unknown_guardian."""
    found = Guardian.objects.filter(school=school, pk=guardian_id, merged_into=None).exclude(name="").first()
    if found is None:
        raise errors.unknown_guardian()
    return found


def guardians_reached_at(school: School, email: str) -> list[Guardian]:
    """Return the guardians of this school who have that address, however it is written; none for none."""
    found = Guardian.objects.filter(school=school, email__iexact=email.strip(), merged_into=None)
    return list(found) if email.strip() else []


def search_guardians(school: School, text: str, *, limit: int = 12) -> list[Guardian]:
    """Return guardians of this school of whose name, or of one of whose children, every word is found."""
    words = search_words(text)
    found = Guardian.objects.filter(school=school, merged_into=None).exclude(name="")
    if not words:
        return []
    for word in words:
        found = found.filter(Q(search_text__contains=word) | Q(links__person__search_text__contains=word))
    return list(found.distinct().order_by("name", "id")[:limit])


def relationship_of(guardian: Guardian, person: Person) -> str:
    """Return what the office or the register calls a guardian of a person; often empty."""
    links = GuardianLink.objects.filter(guardian=guardian, person=person, ended_at=None)
    return links.values_list("relationship", flat=True).first() or ""


def classes_of(school: School) -> list[YearGroup]:
    """Return a school's classes in their order."""
    return list(YearGroup.objects.filter(school=school))


def require_class(school: School, class_id: int) -> YearGroup:
    """Return a class of this school. Raises Refused unknown_class."""
    found = YearGroup.objects.filter(school=school, pk=class_id).first()
    if found is None:
        raise errors.unknown_class()
    return found


def class_sizes(school: School) -> dict[int, int]:
    """Return how many persons are in each class that is not empty, those who have left included."""
    rows = Person.objects.filter(school=school, year_group__isnull=False).order_by()
    return dict(rows.values_list("year_group_id").annotate(count=Count("pk")))


def require_person(school: School, person_id: UUID) -> Person:
    """Return a person of this school, also one who has left. Raises Refused unknown_person."""
    found = Person.objects.filter(school=school, pk=person_id).select_related("school", "year_group").first()
    if found is None:
        raise errors.unknown_person()
    return found


def persons_of(guardian: Guardian) -> list[Person]:
    """Return the persons for whom a guardian may decide today, those who have left among them."""
    found = Person.objects.filter(guardian_links__guardian=guardian, guardian_links__ended_at__isnull=True)
    return list(found.select_related("school", "year_group"))


def age_years(person: Person) -> int | None:
    """Return a person's age in whole years today at their school; None where the birth date is not known."""
    if person.birth_date is None:
        return None
    return age_on(today(person.school), person.birth_date)


def day_bounds(school: School, day: date) -> tuple[datetime, datetime]:
    """Return the first moment of a school's day and that of the next day.

    A day at an edge of the calendar stands for its neighbour, which every time zone can count with.
    """
    zone = ZoneInfo(school.time_zone)
    day = min(max(day, FIRST_DAY), LAST_DAY)
    begin = datetime.combine(day, time.min, zone)
    return begin, datetime.combine(day + timedelta(days=1), time.min, zone)


def today(school: School) -> date:
    """Return the day that it is at a school."""
    return local_day(school, now())


def local_day(school: School, at: datetime) -> date:
    """Return the day that it was at a school at a moment."""
    return at.astimezone(ZoneInfo(school.time_zone)).date()
