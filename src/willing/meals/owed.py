"""What the school carries and what families owe: for the office, and never for a till."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, Min, QuerySet, Sum

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record_many
from willing.core.transactions import atomic
from willing.ledger.models import Account, Transfer
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.people.models import Person, School
from willing.people.queries import day_bounds, listed_guardians
from willing.till.models import Sale


@dataclass(frozen=True)
class CarriedMeals:
    """What the school paid for a person's main meals because their wallet could not."""

    person: Person
    meals: int
    carried_minor: int
    oldest: datetime
    newest: datetime


def carried_meals(school: School, first: date, last: date) -> list[CarriedMeals]:
    """Return who was carried from one day to another, both included; the largest sum first."""
    begin, end = day_bounds(school, first)[0], day_bounds(school, last)[1]
    left = F("carried_minor") - F("refunded_carried_minor")
    rows = Sale.objects.filter(school=school, settled_at__gte=begin, settled_at__lt=end)
    rows = rows.filter(carried_minor__gt=F("refunded_carried_minor")).order_by()
    found = rows.values("person").annotate(
        meals=Count("id"), carried=Sum(left), oldest=Min("settled_at"), newest=Max("settled_at")
    )
    by_person = {one["person"]: one for one in found}
    persons = Person.objects.select_related("year_group").in_bulk(by_person)
    carried = [
        CarriedMeals(persons[pk], one["meals"], one["carried"], one["oldest"], one["newest"])
        for pk, one in by_person.items()
    ]
    return sorted(carried, key=lambda one: (-one.carried_minor, one.person.till_number))


@dataclass(frozen=True)
class Arrears:
    """A wallet below zero. owed_minor: above zero. last_paid_in: None where nothing ever was."""

    person: Person
    owed_minor: int
    last_paid_in: datetime | None


def arrears(school: School) -> list[Arrears]:
    """Return whose wallets are below zero, the largest debt first; those who have left among them."""
    rows = _below_zero(school).select_related("person__year_group", "person__school")
    found = list(rows.order_by("-owed", "person__till_number"))
    paid_in = dict(
        Transfer.objects.filter(credit__in=found, reason=Transfer.Reason.TOPUP)
        .order_by()
        .values_list("credit")
        .annotate(last=Max("at"))
    )
    return [Arrears(one.person, one.owed, paid_in.get(one.pk)) for one in found if one.person is not None]


def count_arrears(school: School) -> int:
    """Return how many wallets are below zero."""
    return _below_zero(school).filter(person__isnull=False).count()


def _below_zero(school: School) -> QuerySet[Any]:
    below = F("debits_posted") + F("debits_pending") - F("credits_posted")
    wallets = Account.objects.filter(school=school, kind=Account.Kind.WALLET)
    return wallets.annotate(owed=below).filter(owed__gt=0)


@atomic
def record_letters(owed: Sequence[Arrears], *, by: User) -> None:
    """Record for whom the office printed a letter about what is owed."""
    record_many([NewEntry("arrears.letter_printed", one.person.id, {"by": by.pk}, {}) for one in owed])


@atomic
def mail_about_arrears(owed: Sequence[Arrears], *, by: User) -> int:
    """Write to the guardians of each who want such mail. Return how many mails that are.

    The mail holds no sum: it says that something waits on the family's page, as all mail does.
    """
    sent, new = 0, []
    for one in owed:
        count = write_to(listed_guardians(one.person.id), Topic.ARREARS, one.person)
        sent += count
        if count:
            new.append(NewEntry("arrears.reminded", one.person.id, {"by": by.pk}, {}))
    if new:
        record_many(new)
    return sent
