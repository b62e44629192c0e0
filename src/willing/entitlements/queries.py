"""Reads about entitlements."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from willing.core.json_rows import JsonRows
from willing.entitlements.models import Entitlement, UnspentRules
from willing.entitlements.rules import Period, is_due
from willing.people.models import Person, School
from willing.people.queries import today


def periods_in_one_column(person: str) -> Subquery:
    """Return all of a person's entitlements as one column of another query, for `read_periods`.

    person: where that query has the person. So a sale asks for them in the statement that reads its basket.
    """
    columns = [F(name) for name in ("first_day", "last_day", "family_minor", "daily_minor")]
    rows = Entitlement.objects.filter(person=OuterRef(person)).order_by().values("person")
    return Subquery(rows.annotate(periods=JsonRows(*columns)).values("periods"))


def read_periods(column: str | None) -> list[Period]:
    """Return what `periods_in_one_column` has read."""
    rows = json.loads(column) if column else []
    return [
        Period(date.fromisoformat(first), date.fromisoformat(last) if last else None, family, daily or 0)
        for first, last, family, daily in rows
    ]


def periods_of(person: Person) -> list[Period]:
    """Return a person's entitlements, as far as a sale is concerned."""
    rows = Entitlement.objects.filter(person=person)
    return [Period(one.first_day, one.last_day, one.family_minor, one.daily_minor or 0) for one in rows]


def entitlements_of(person: Person) -> list[Entitlement]:
    """Return a person's entitlements, those that are over last, and of these the latest first."""
    day = today(person.school)
    rows = list(Entitlement.objects.filter(person=person))
    over = [one for one in rows if one.last_day is not None and one.last_day < day]
    return [one for one in rows if one not in over] + over[::-1]


def entitlements_held(person: Person) -> list[Entitlement]:
    """Return those of a person's entitlements that hold today."""
    day = today(person.school)
    rows = Entitlement.objects.filter(person=person, first_day__lte=day)
    return list(rows.filter(Q(last_day=None) | Q(last_day__gte=day)))


def held_on(school: School, day: date) -> QuerySet[Entitlement]:
    """Return the entitlements of a school that hold on a day, with the persons and their classes."""
    begun = Entitlement.objects.filter(person__school=school, first_day__lte=day)
    return begun.filter(Q(last_day=None) | Q(last_day__gte=day)).select_related("person__year_group")


def due_entitlements(school: School) -> list[Entitlement]:
    """Return those of present persons whose check or last day is near, the most pressing first."""
    day = today(school)
    rows = Entitlement.objects.filter(person__school=school, person__left_at=None)
    rows = rows.filter(Q(last_day=None) | Q(last_day__gte=day)).select_related("person__year_group")
    due = [one for one in rows if is_due(one.check_on, one.last_day, day)]
    return sorted(due, key=lambda one: (due_day(one), one.person.till_number))


def due_day(one: Entitlement) -> date:
    """Return the day by which the office should have checked an entitlement that is due."""
    return min(day for day in (one.check_on, one.last_day) if day is not None)


def unspent_rules_of(school: School) -> UnspentRules:
    """Return what happens to what is left of a day's sum; unsaved where the school decided nothing."""
    return UnspentRules.objects.filter(school=school).first() or UnspentRules(school=school)


def sources_for(school: School) -> Sequence[tuple[str, Any]]:
    """Return the sources that a school of its country has: England's own are for England's schools."""
    english = (*Entitlement.BENEFITS_RELATED[1:], Entitlement.Source.INFANT)
    return [
        (one.value, one.label) for one in Entitlement.Source if one not in english or school.country == "GB"
    ]
