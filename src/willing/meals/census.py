"""England's school census: the days, and who took a meal on them. No other country sees any of it."""

from dataclasses import dataclass
from datetime import date

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.entitlements.models import Entitlement
from willing.entitlements.queries import held_on
from willing.meals import errors
from willing.meals.models import CensusDay
from willing.people.models import Person, School, YearGroup
from willing.till.served import eaters_of

COUNTRY = "GB"


@dataclass(frozen=True)
class CensusMeal:
    """A pupil who took a meal on a census day. is_infant: of Reception, Year 1 or Year 2."""

    person: Person
    is_infant: bool
    is_benefits_related: bool


def has_census(school: School) -> bool:
    """Say whether a school is in a country that counts meals on census days."""
    return school.country == COUNTRY


def require_census(school: School) -> None:
    """Raise Refused no_census where the country counts none."""
    if not has_census(school):
        raise errors.no_census()


@atomic
def set_census_day(school: School, day: date, *, by: User) -> CensusDay:
    """Add a day; the same again changes nothing. Raises Refused no_census."""
    require_census(school)
    found, is_new = CensusDay.objects.get_or_create(
        school=school, day=day, defaults={"user": by, "set_at": now()}
    )
    if is_new:
        facts = {"day": day.isoformat(), "by": by.pk}
        record("census_day.set", subject=school.id, facts=facts, personal={})
    return found


@atomic
def delete_census_day(school: School, day: date, *, by: User) -> None:
    """Take a day off the list; its meals stay."""
    gone, _ = CensusDay.objects.filter(school=school, day=day).delete()
    if gone:
        facts = {"day": day.isoformat(), "by": by.pk}
        record("census_day.deleted", subject=school.id, facts=facts, personal={})


def census_days(school: School) -> list[date]:
    """Return the days that the office has set, the latest first."""
    return list(CensusDay.objects.filter(school=school).values_list("day", flat=True))


def census_meals(school: School, day: date) -> list[CensusMeal]:
    """Return the pupils who took a main meal that day and count: infants, and those free by benefits.

    In the order of the classes, then of till numbers. An infant may be free by benefits too; both are said.
    """
    held = held_on(school, day).filter(source__in=Entitlement.BENEFITS_RELATED)
    benefits = set(held.values_list("person_id", flat=True))
    pupils = eaters_of(school, day).filter(kind=Person.Kind.PUPIL).select_related("year_group")
    meals = [CensusMeal(one, _is_infant(one.year_group), one.pk in benefits) for one in pupils]
    counted = [one for one in meals if one.is_infant or one.is_benefits_related]
    return sorted(counted, key=lambda one: (_place(one.person.year_group), one.person.till_number))


def _is_infant(year_group: YearGroup | None) -> bool:
    return year_group is not None and year_group.is_infant


def _place(year_group: YearGroup | None) -> tuple[int, str]:
    return (year_group.position, year_group.name) if year_group else (0, "")
