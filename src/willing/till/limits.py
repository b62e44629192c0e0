"""What a person may spend in a day, and what the school pays for them; who set it, and what is left today."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet, Sum

from willing.accounts.models import User
from willing.audit.actions import record
from willing.consent.errors import not_a_guardian
from willing.core.clock import now
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic
from willing.people.models import Guardian, Person, School
from willing.people.places import small_sum_minor
from willing.people.queries import day_bounds, listed_guardians, today
from willing.terminals.models import Way
from willing.till.models import Limits, MealAllowance, Sale, SchoolLimits
from willing.till.rules import DayLimits, Spent


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
    """Set what a person may spend in a day, from now on. Raises Refused not_a_guardian."""
    guardian, user = (by, None) if isinstance(by, Guardian) else (None, by)
    if guardian and guardian not in listed_guardians(person.id):
        raise not_a_guardian()
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


@atomic
def set_meal_allowance(
    person: Person, daily_minor: int, *, by: User, last_day: date | None = None
) -> MealAllowance | None:
    """Let the school pay for a person's food up to a sum a day, or end that with 0.

    The log says that it was set, not how much: who gets free meals is nobody else's business.
    """
    if daily_minor <= 0:
        ended, _ = MealAllowance.objects.filter(person=person).delete()
        if ended:
            record("allowance.removed", subject=person.id, facts={"by": by.pk}, personal={})
        return None
    allowance, _ = MealAllowance.objects.update_or_create(
        person=person,
        defaults={"daily_minor": daily_minor, "last_day": last_day, "user": by, "set_at": now()},
    )
    record("allowance.set", subject=person.id, facts={"by": by.pk}, personal={})
    return allowance


@atomic
def set_school_face_limit(school: School, face_daily_minor: int, *, by: User) -> SchoolLimits:
    """Set how much a face alone may pay in a day at a school. 0: only together with a card or PIN."""
    limits, _ = SchoolLimits.objects.update_or_create(
        school=school, defaults={"face_daily_minor": face_daily_minor, "user": by, "set_at": now()}
    )
    facts = {"face_daily": face_daily_minor, "by": by.pk}
    record("limits.school_limit_set", subject=school.id, facts=facts, personal={})
    return limits


def school_face_daily_minor(school: School) -> int:
    """Return how much a face alone may pay in a day at a school, in minor units."""
    return face_daily_as_read(School.objects.select_related("limits").get(pk=school.pk))


def face_daily_as_read(school: School) -> int:
    """Return the same of a school that was read with its limits (`baskets.JOINED`).

    Where none was set it is a small sum of the school's currency (people/currencies.toml).
    """
    found: SchoolLimits | None = getattr(school, "limits", None)
    return small_sum_minor(school.currency) if found is None else found.face_daily_minor


def limits_of(person: Person) -> DayLimits:
    """Return a person's limits, set or not. One for the face holds before the first purchase with it."""
    return limits_as_read(Person.objects.select_related("limits", "school__limits").get(pk=person.pk))


def limits_as_read(person: Person) -> DayLimits:
    """Return the same of a person who was read with their limits (`baskets.JOINED`)."""
    own: Limits | None = getattr(person, "limits", None)
    school = face_daily_as_read(person.school)
    if own is None:
        return DayLimits(None, school)
    face = school if own.face_daily_minor is None else min(own.face_daily_minor, school)
    return DayLimits(own.daily_minor, face)


def spent_today(person: Person) -> Spent:
    """Return what a person has spent today, without what was refunded."""
    # A sale that bears a later day was written by a clock that ran ahead; it is no use of today's money.
    begin, end = day_bounds(person.school, today(person.school))
    sums = _sums_of_day.first(person=person.pk, begin=begin, end=end) or (None, None, None)
    return Spent(*(one or 0 for one in sums))


@prepared
def _sums_of_day(
    person: Parameter, begin: Parameter, end: Parameter
) -> QuerySet[Sale, tuple[int | None, int | None, int | None]]:
    sales = Sale.objects.filter(person=person, settled_at__gte=begin, settled_at__lt=end, refund=None)
    by_person = sales.order_by().values("person")
    return by_person.annotate(
        by_wallet=Sum("wallet_minor"),
        by_face_alone=Sum("total_minor", filter=Q(way=Way.FACE, basket__claim="")),
        by_school=Sum(F("entitled_minor") + F("carried_minor")),
    ).values_list("by_wallet", "by_face_alone", "by_school")


def allowance_of(person: Person) -> MealAllowance | None:
    """Return a person's meal allowance, or None where there is none, or none any more."""
    return allowance_as_read(Person.objects.select_related("meal_allowance", "school").get(pk=person.pk))


def allowance_as_read(person: Person) -> MealAllowance | None:
    """Return the same of a person who was read with it (`baskets.JOINED`)."""
    found: MealAllowance | None = getattr(person, "meal_allowance", None)
    is_over = found is not None and found.last_day is not None and found.last_day < today(person.school)
    return None if is_over else found
