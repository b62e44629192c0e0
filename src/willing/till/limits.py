"""What a person may spend in a day; who set it, and what was spent today."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, Q, QuerySet, Sum

from willing.accounts.models import User
from willing.audit.actions import record
from willing.consent.errors import not_a_guardian
from willing.core.clock import now
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic
from willing.people.models import Guardian, Person
from willing.people.queries import day_bounds, listed_guardians, today
from willing.terminals.models import Way
from willing.till.errors import face_limit_above_daily
from willing.till.models import Limits, Sale
from willing.till.rules import DayLimits, Spent, decide_day_limits, is_within
from willing.till.school_limits import limits_as_read as school_limits_as_read


@dataclass(frozen=True)
class NewLimits:
    """What a person may spend in a day, in minor units. None: nothing of its own.

    daily_minor: by all ways together; a main meal is always sold. face_daily_minor: by the face alone, never
    more than the school's.
    """

    daily_minor: int | None = None
    face_daily_minor: int | None = None


@atomic
def set_limits(person: Person, new: NewLimits, *, by: Guardian | User) -> Limits:
    """Set what a person may spend in a day, from now on.

    Raises Refused not_a_guardian, face_limit_above_daily.
    """
    guardian, user = (by, None) if isinstance(by, Guardian) else (None, by)
    if guardian and guardian not in listed_guardians(person.id):
        raise not_a_guardian()
    if not is_within(new.face_daily_minor, new.daily_minor):
        raise face_limit_above_daily()
    limits, _ = Limits.objects.update_or_create(
        person=person,
        defaults={
            "daily_minor": new.daily_minor,
            "face_daily_minor": new.face_daily_minor,
            "guardian": guardian,
            "user": user,
            "set_at": now(),
        },
    )
    facts = {
        "daily": new.daily_minor,
        "face_daily": new.face_daily_minor,
        "by": user.pk if user else None,
        "guardian": str(guardian.id) if guardian else None,
    }
    record("limits.set", subject=person.id, facts=facts, personal={})
    return limits


def limits_of(person: Person) -> DayLimits:
    """Return a person's limits, set or not. One for the face holds before the first purchase with it."""
    return limits_as_read(Person.objects.select_related("limits", "school__limits").get(pk=person.pk))


def limits_as_read(person: Person) -> DayLimits:
    """Return the same of a person who was read with their limits (`baskets.JOINED`)."""
    own: Limits | None = getattr(person, "limits", None)
    school = school_limits_as_read(person.school)
    mine = (None, None) if own is None else (own.daily_minor, own.face_daily_minor)
    return decide_day_limits(mine, (school.daily_minor, school.face_daily_minor))


def spent_today(person: Person) -> Spent:
    """Return what a person has spent today, without what was refunded."""
    return spent_and_repeated(person, 0)[0]


def spent_and_repeated(person: Person, total_minor: int) -> tuple[Spent, datetime | None]:
    """Return the same, and when today they last paid a sum; both in one statement."""
    # A sale that bears a later day was written by a clock that ran ahead; it is no use of today's money.
    begin, end = day_bounds(person.school, today(person.school))
    found = _sums_of_day.first(person=person.pk, begin=begin, end=end, total=total_minor)
    if found is None:
        return Spent(), None
    *sums, same_sum_at = found
    return Spent(*(one or 0 for one in sums)), same_sum_at if total_minor else None


@prepared
def _sums_of_day(
    person: Parameter, begin: Parameter, end: Parameter, total: Parameter
) -> QuerySet[Sale, tuple[int | None, int | None, int | None, int | None, datetime | None]]:
    sales = Sale.objects.filter(person=person, settled_at__gte=begin, settled_at__lt=end)
    by_person = sales.order_by().values("person")
    wallet = F("wallet_minor") - F("refunded_wallet_minor")
    school = F("entitled_minor") + F("carried_minor")
    school -= F("refunded_entitled_minor") + F("refunded_carried_minor")
    return by_person.annotate(
        by_wallet=Sum(wallet),
        by_face_alone=Sum(wallet + school, filter=Q(way=Way.FACE, basket__claim="")),
        granted=Sum(F("entitled_minor") - F("refunded_entitled_minor")),
        free_meals=Sum("free_meal_minor"),
        same_sum=Max("settled_at", filter=Q(total_minor=total) & ~Q(refunded=Sale.Refunded.WHOLE)),
    ).values_list("by_wallet", "by_face_alone", "granted", "free_meals", "same_sum")
