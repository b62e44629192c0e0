"""Sums a day that a school pays for a person, and what is left of them, for tests that need just that."""

from datetime import date

from willing.accounts.models import User
from willing.core.transactions import atomic
from willing.entitlements.actions import NewEntitlement, grant
from willing.entitlements.models import Entitlement
from willing.entitlements.queries import periods_of
from willing.people.models import Person
from willing.people.queries import today
from willing.till.grants import granted_as_read
from willing.till.limits import spent_today


def sum_left_minor(person: Person) -> int:
    """Return what is left of a person's sum today."""
    return granted_as_read(person, periods_of(person), spent_today(person)).sum_minor


@atomic
def grant_sum(person: Person, daily_minor: int, *, by: User, last_day: date | None = None) -> None:
    """Let the school pay up to a sum a day for a person, in place of what it paid before; 0: nothing."""
    Entitlement.objects.filter(person=person).delete()
    if daily_minor:
        first = min(today(person.school), last_day or date.max)
        new = NewEntitlement("sum", "school", first, last_day, daily_minor=daily_minor)
        grant(person, new, by=by)
