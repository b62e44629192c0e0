"""What a person may spend in a day, and what the school pays for them; who set it, and what is left today."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum

from willing.accounts.models import User
from willing.audit.actions import record
from willing.consent.errors import not_a_guardian
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.people.models import Guardian, Person, School
from willing.people.queries import day_bounds, listed_guardians, today
from willing.terminals.models import Way
from willing.till.models import Limits, MealAllowance, Sale, SchoolLimits
from willing.till.rules import FACE_DAILY_MINOR


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
    found = SchoolLimits.objects.filter(school=school).values_list("face_daily_minor", flat=True).first()
    return FACE_DAILY_MINOR if found is None else found


@dataclass(frozen=True)
class LimitsOfPerson:
    """What holds for a person, set or not: daily_minor None where nothing limits what they spend."""

    daily_minor: int | None
    face_daily_minor: int
    set_at: datetime | None


def limits_of(person: Person) -> LimitsOfPerson:
    """Return a person's limits. One for the face always holds, before the first purchase with it."""
    own = Limits.objects.filter(person=person).first()
    school = school_face_daily_minor(person.school)
    if own is None:
        return LimitsOfPerson(None, school, None)
    face = school if own.face_daily_minor is None else min(own.face_daily_minor, school)
    return LimitsOfPerson(own.daily_minor, face, own.set_at)


def spent_today_minor(person: Person) -> int:
    """Return what went from a person's wallet today, without what was given back."""
    return _sales_today(person).aggregate(total=Sum("wallet_hold__amount_minor"))["total"] or 0


def bought_by_face_alone_today_minor(person: Person) -> int:
    """Return what a person bought today by the face alone, whoever paid for it."""
    by_face = _sales_today(person).filter(way=Way.FACE, basket__claim="")
    return by_face.aggregate(total=Sum("total_minor"))["total"] or 0


def _sales_today(person: Person) -> QuerySet[Sale]:
    # A sale that bears a later day was written by a clock that ran ahead; it is no use of today's money.
    begin, end = day_bounds(person.school, today(person.school))
    sales = Sale.objects.filter(person=person, held_at__gte=begin, held_at__lt=end, refund=None)
    return sales.exclude(state=Sale.State.VOIDED)


def allowance_of(person: Person) -> MealAllowance | None:
    """Return a person's meal allowance, or None where there is none, or none any more."""
    found = MealAllowance.objects.filter(person=person).first()
    is_over = found is not None and found.last_day is not None and found.last_day < today(person.school)
    return None if is_over else found


def allowance_left_minor(person: Person) -> int:
    """Return what is left of a person's meal allowance today. What the school carried counts."""
    allowance = allowance_of(person)
    if allowance is None:
        return 0
    spent = _sales_today(person).aggregate(total=Sum("meals_hold__amount_minor"))["total"] or 0
    return max(0, allowance.daily_minor - spent)
