"""Reads about allergens."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from willing.allergens.models import AllergenEvent, PersonAllergen
from willing.allergens.rules import OWN, Check, is_confirmation_due
from willing.allergens.table import folded, split
from willing.core.json_rows import JsonRows
from willing.core.prepared import Parameter, prepared
from willing.people.models import CalendarEntry, Person, School
from willing.people.queries import local_day, today

NOTHING: frozenset[str] = frozenset()


def needs_in_one_column(person: str) -> Subquery:
    """Return what a person must not eat as one column of another query, for `needs_as_read`.

    person: where that query has the person. So a sale asks for it in the statement that reads its basket.
    """
    rows = PersonAllergen.objects.filter(person=OuterRef(person)).order_by().values("person")
    return Subquery(rows.annotate(rows=JsonRows("allergen")).values("rows"))


def needs_as_read(column: str | None) -> frozenset[str]:
    """Return what `needs_in_one_column` has read, folded."""
    return frozenset(folded(one) for (one,) in json.loads(column)) if column else NOTHING


def needs_of(person_id: UUID) -> frozenset[str]:
    """Return what a person must not eat, whoever entered it, folded. One statement."""
    return frozenset(folded(one) for one in _needs_of.all(person=person_id))


@prepared
def _needs_of(person: Parameter) -> QuerySet[PersonAllergen, str]:
    return PersonAllergen.objects.filter(person=person).order_by().values_list("allergen", flat=True)


def as_entered(person_id: UUID, found: Iterable[str]) -> list[str]:
    """Return some of a person's needs, folded, as they were entered: "palmoil" as "Palm oil" again.

    Of two spellings the older. A statement only where one is in words; a key of the table is what it is.
    """
    keys = list(found)
    if not any(one.startswith(OWN) for one in keys):
        return keys
    entries = PersonAllergen.objects.filter(person=person_id, allergen__startswith=OWN).order_by("-id")
    words = {folded(one): one for one in entries.values_list("allergen", flat=True)}
    return [words.get(one, one) for one in keys]


def allergens_of(person: Person) -> list[PersonAllergen]:
    """Return a person's entries, the oldest first, with who made them."""
    return list(PersonAllergen.objects.filter(person=person).select_related("guardian", "user"))


def persons_with_allergens(school: School) -> list[tuple[Person, list[PersonAllergen]]]:
    """Return who is here and must not eat something, by class and name, with their entries."""
    rows = PersonAllergen.objects.filter(person__school=school, person__left_at=None)
    found: defaultdict[UUID, list[PersonAllergen]] = defaultdict(list)
    persons: dict[UUID, Person] = {}
    for one in rows.select_related("person__year_group", "guardian", "user"):
        found[one.person_id].append(one)
        persons[one.person_id] = one.person
    return [(one, found[one.pk]) for one in sorted(persons.values(), key=_place)]


def _place(person: Person) -> tuple[int, str, str, int]:
    year = person.year_group
    return (
        (year.position, year.name, person.full_name, person.till_number)
        if year
        else (-1, "", person.full_name, person.till_number)
    )


def terms_begin(school: School) -> list[date]:
    """Return the first days of a school's terms."""
    terms = CalendarEntry.objects.filter(school=school, kind=CalendarEntry.Kind.TERM)
    return list(terms.values_list("first_day", flat=True))


def due_of(school: School, entries: Sequence[PersonAllergen]) -> list[PersonAllergen]:
    """Return which entries nobody has confirmed this term. They protect all the same."""
    if not entries:
        return []
    begin, day = terms_begin(school), today(school)
    return [one for one in entries if is_confirmation_due(local_day(school, one.confirmed_at), day, begin)]


def reminders_due(school: School, entries: Sequence[PersonAllergen]) -> list[PersonAllergen]:
    """Return about which of these the guardians are asked by mail now: nobody asked them this term."""
    begin, day = terms_begin(school), today(school)
    return [
        one
        for one in due_of(school, entries)
        if one.reminded_at is None or is_confirmation_due(local_day(school, one.reminded_at), day, begin)
    ]


def checks_of(basket_id: UUID, person_id: UUID) -> list[Check]:
    """Return which dishes a named person has checked or decided to serve, for a basket and a person."""
    kinds = (AllergenEvent.Kind.CHECK, AllergenEvent.Kind.OVERRIDE)
    rows = AllergenEvent.objects.filter(basket_id=basket_id, person=person_id, kind__in=kinds)
    return [
        Check(product, declaration, frozenset(folded(one) for one in split(column)))
        for product, declaration, column in rows.values_list("product_id", "declaration_id", "allergens")
        if product is not None
    ]


def events_between(school: School, begin: datetime, end: datetime) -> list[AllergenEvent]:
    """Return what happened in a time, the latest first."""
    rows = AllergenEvent.objects.filter(school=school, happened_at__gte=begin, happened_at__lt=end)
    rows = rows.select_related("person__year_group", "terminal", "user")
    return list(rows.order_by("-happened_at", "-id"))


def events_of(person: Person) -> list[AllergenEvent]:
    """Return what happened with a person, the oldest first."""
    rows = AllergenEvent.objects.filter(person=person).select_related("terminal")
    return list(rows.order_by("happened_at", "id"))
