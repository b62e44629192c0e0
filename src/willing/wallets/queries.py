"""Reads about money across: a person's pay-ins, what was taken back, siblings, and what leavers have left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import Coalesce

from willing.core.clock import now
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import wallet_of
from willing.payments.models import PayOut
from willing.people.models import Guardian, GuardianLink, Person, School
from willing.people.queries import day_bounds
from willing.wallets.models import LowBalance
from willing.wallets.rules import Leaver, choose_until, decide_leaver

PAY_INS_SHOWN = 10


def paid_in_of(person: Person) -> Sequence[Transfer]:
    """Return a person's newest pay-ins with their receipts and what was taken back, `taken_minor`."""
    rows = Transfer.objects.filter(credit=wallet_of(person), reason=Transfer.Reason.TOPUP)
    with_taken = rows.select_related("pay_in").annotate(
        taken_minor=Coalesce(Sum("corrections__amount_minor"), 0)
    )
    return list(with_taken.order_by("-at", "-id")[:PAY_INS_SHOWN])


def reversals_of_day(school: School, day: date) -> Sequence[Transfer]:
    """Return the pay-ins that were taken back on a day of the school, oldest first."""
    begin, end = day_bounds(school, day)
    rows = Transfer.objects.filter(
        reason=Transfer.Reason.REVERSAL,
        corrects__reason=Transfer.Reason.TOPUP,
        debit__school=school,
        at__gte=begin,
        at__lt=end,
    )
    return list(rows.select_related("debit__person", "corrects", "move__user").order_by("at", "id"))


def siblings_of(person: Person, guardian: Guardian | None = None) -> list[Person]:
    """Return who may get money from a person: other children, here now, of their guardians or of this one."""
    mine = GuardianLink.objects.filter(person=person, ended_at=None)
    if guardian is not None:
        mine = mine.filter(guardian=guardian)
    links = GuardianLink.objects.filter(guardian__in=mine.values("guardian"), ended_at=None)
    found = Person.objects.filter(pk__in=links.values("person"), left_at=None).exclude(pk=person.pk)
    return list(found.select_related("school", "year_group").order_by("given_name", "till_number"))


def has_siblings(person: Person) -> Exists:
    """Return whether a link's guardian has other children here now, for a query of the links of a person."""
    links = GuardianLink.objects.filter(guardian=OuterRef("guardian"), ended_at=None, person__left_at=None)
    return Exists(links.exclude(person=person))


def low_balance_of(guardian: Guardian, person: Person) -> int | None:
    """Return below which balance a guardian wants a mail; None: never."""
    rows = LowBalance.objects.filter(guardian=guardian, person=person)
    return rows.values_list("below_minor", flat=True).first()


@dataclass(frozen=True)
class LeaverBalance:
    """What someone who has left has, or below zero owes; until when the family may choose."""

    person: Person
    balance_minor: int
    state: Leaver
    until: date


def leaver_balances(school: School) -> list[LeaverBalance]:
    """Return the leavers with money or a debt, debts last, those who wait longest first."""
    rows = Account.objects.filter(
        school=school,
        kind=Account.Kind.WALLET,
        person__left_at__isnull=False,
        person__merged_into=None,
    ).select_related("person__school", "person__year_group")
    asked = _asked([row.person_id for row in rows if row.person_id])
    found = [one for row in rows if (one := _leaver(row, asked)) is not None]
    return sorted(found, key=lambda one: (one.state is Leaver.OWES, one.until, one.person.till_number))


def leaver_balance_of(person: Person) -> LeaverBalance | None:
    """Return what one leaver has; None for someone who is here, or has nothing."""
    row = Account.objects.filter(person=person).select_related("person__school").first()
    if row is None or person.left_at is None:
        return None
    return _leaver(row, _asked([person.id]))


def _asked(person_ids: Sequence[UUID]) -> set[UUID]:
    """Return for whom a pay-out is asked for, and not out of the wallet yet."""
    rows = PayOut.objects.filter(person__in=person_ids, state=PayOut.State.ASKED)
    return set(rows.values_list("person_id", flat=True))


def _leaver(row: Account, asked: set[UUID]) -> LeaverBalance | None:
    person = row.person
    assert person is not None
    assert person.left_at is not None
    state = decide_leaver(row.available_minor, person.left_at, now(), is_asked=person.id in asked)
    if state is None:
        return None
    left_on = person.left_at.astimezone(ZoneInfo(person.school.time_zone)).date()
    return LeaverBalance(person, row.available_minor, state, choose_until(left_on))
