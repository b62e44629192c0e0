"""What a person may spend; who set it, and what was spent today and this week."""

import json
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable

from willing.accounts.models import User
from willing.audit.actions import record
from willing.consent.errors import not_a_guardian
from willing.core.clock import now
from willing.core.json_rows import JsonRows
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic
from willing.people.models import Guardian, GuardianLink, Person
from willing.people.queries import day_bounds, listed_guardians, today
from willing.terminals.models import Way
from willing.till.errors import face_limit_above_daily
from willing.till.limit_models import SpendingLimits
from willing.till.limit_rules import NewLimits, PersonLimits, Spent, decide_limits, week_begin
from willing.till.models import Sale
from willing.till.school_limits import limits_as_read as school_limits_as_read

COLUMNS = ("daily_minor", "face_daily_minor", "purchase_minor", "weekly_minor")


@atomic
def set_limits(person: Person, new: NewLimits, *, by: Guardian | User) -> SpendingLimits:
    """Set what a guardian, or the office, lets a person spend from now on. What others set is theirs.

    Raises Refused not_a_guardian, face_limit_above_daily.
    """
    guardian, user = (by, None) if isinstance(by, Guardian) else (None, by)
    if guardian and guardian not in listed_guardians(person.id):
        raise not_a_guardian()
    if not new.is_consistent:
        raise face_limit_above_daily()
    limits, _ = SpendingLimits.objects.update_or_create(
        person=person,
        guardian=guardian,
        defaults={
            "daily_minor": new.daily_minor,
            "face_daily_minor": new.face_daily_minor,
            "purchase_minor": new.purchase_minor,
            "weekly_minor": new.weekly_minor,
            "user": user,
            "set_at": now(),
        },
    )
    record_limits(limits)
    return limits


def record_limits(limits: SpendingLimits) -> None:
    """Write into the log what somebody's limits of a person are now."""
    sums = {name.removesuffix("_minor"): getattr(limits, name) for name in COLUMNS}
    guardian = str(limits.guardian_id) if limits.guardian_id else None
    facts = {**sums, "by": limits.user_id, "guardian": guardian}
    record("limits.set", subject=limits.person_id, facts=facts, personal={})


def limits_of(person: Person) -> PersonLimits:
    """Return a person's limits, set or not. One for the face holds before the first purchase with it."""
    rows = Person.objects.select_related("school__limits").annotate(limit_rows=limits_in_one_column("pk"))
    found = rows.get(pk=person.pk)
    return limits_as_read(found, vars(found)["limit_rows"])


def limits_in_one_column(person: str) -> Subquery:
    """Return the limits that hold for a person as one column of another query, for `limits_as_read`.

    person: where that query has the person. So a sale asks for them in the statement that reads its basket.
    """
    rows = SpendingLimits.objects.filter(_holds(), person=OuterRef(person)).order_by().values("person")
    return Subquery(rows.annotate(rows=JsonRows("guardian", *COLUMNS)).values("rows"))


def limits_as_read(person: Person, column: str | None) -> PersonLimits:
    """Return what holds for a person whose limits were read with the basket (`baskets.require_basket`)."""
    return decide_limits(school_limits_as_read(person.school).spending, _read(column))


def _holds() -> Combinable:
    """Select what the office set, and what was set by those who are guardians of the person today."""
    of_both = {"guardian": OuterRef("guardian"), "person": OuterRef("person")}
    return Q(guardian=None) | Exists(GuardianLink.objects.filter(**of_both, ended_at=None))


def _read(column: str | None) -> list[tuple[UUID | None, NewLimits]]:
    rows = json.loads(column) if column else []
    return [(UUID(guardian) if guardian else None, NewLimits(*sums)) for guardian, *sums in rows]


def spent_today(person: Person) -> Spent:
    """Return what a person has spent today and this week, without what was refunded."""
    return spent_and_repeated(person, 0)[0]


def spent_and_repeated(person: Person, total_minor: int) -> tuple[Spent, datetime | None]:
    """Return the same, and when today they last paid a sum; all in one statement."""
    # A sale that bears a later day was written by a clock that ran ahead; it is no use of today's money.
    day = today(person.school)
    begin, end = day_bounds(person.school, day)
    week, _ = day_bounds(person.school, week_begin(day, person.school.weekdays))
    found = _sums_of_week.first(person=person.pk, week=week, begin=begin, end=end, total=total_minor)
    if found is None:
        return Spent(), None
    *sums, same_sum_at = found
    return Spent(*(one or 0 for one in sums)), same_sum_at if total_minor else None


@prepared
def _sums_of_week(
    person: Parameter, week: Parameter, begin: Parameter, end: Parameter, total: Parameter
) -> QuerySet[Sale, tuple[int | None, int | None, int | None, int | None, int | None, datetime | None]]:
    sales = Sale.objects.filter(person=person, settled_at__gte=week, settled_at__lt=end)
    by_person = sales.order_by().values("person")
    wallet = F("wallet_minor") - F("refunded_wallet_minor")
    school = F("entitled_minor") + F("carried_minor")
    school -= F("refunded_entitled_minor") + F("refunded_carried_minor")
    today_ = Q(settled_at__gte=begin)
    same = today_ & Q(total_minor=total) & ~Q(refunded=Sale.Refunded.WHOLE)
    return by_person.annotate(
        by_wallet=Sum(wallet, filter=today_),
        by_face_alone=Sum(wallet + school, filter=today_ & Q(way=Way.FACE, basket__claim="")),
        granted=Sum(F("entitled_minor") - F("refunded_entitled_minor"), filter=today_),
        free_meals=Sum("free_meal_minor", filter=today_),
        week_by_wallet=Sum(wallet),
        same_sum=Max("settled_at", filter=same),
    ).values_list("by_wallet", "by_face_alone", "granted", "free_meals", "week_by_wallet", "same_sum")
