"""Opening accounts, and locking those that an action moves. What is in them only transfers change."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, QuerySet

from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic, lock
from willing.ledger.models import Account
from willing.people.models import Person, School

_PAID_BY_SCHOOL = (Account.Kind.MEALS, Account.Kind.ENTITLEMENTS)


@atomic
def open_wallet(person: Person) -> Account:
    """Return a person's wallet, opening it the first time."""
    kind = Account.Kind.WALLET
    account, _ = Account.objects.get_or_create(
        school_id=person.school_id, kind=kind, person=person, defaults={"side": Account.SIDES[kind]}
    )
    return account


@atomic
def open_school_account(school: School, kind: Account.Kind, part: str = "") -> Account:
    """Return a school's account of a kind, opening it the first time. part: for kinds that are DIVIDED."""
    assert bool(part) == (kind in Account.DIVIDED), f"{kind} {part!r}"
    account, _ = Account.objects.get_or_create(
        school=school, kind=kind, part=part, person=None, defaults={"side": Account.SIDES[kind]}
    )
    return account


def lock_accounts(ids: Collection[UUID]) -> dict[UUID, Account]:
    """Return accounts by id, locked in one order everywhere, with their school. Call inside a transaction.

    An action that moves money over several accounts locks all of them here first: one after the other, two
    sales would wait for each other.
    """
    return {account.id: account for account in _locked(Q(pk__in=ids))}


@dataclass(frozen=True)
class SaleAccounts:
    """Every account that a sale may move, locked. sales: by category of the menu."""

    wallet: Account
    meals: Account
    entitlements: Account
    sales: dict[str, Account]

    @property
    def by_id(self) -> dict[UUID, Account]:
        """The accounts by their ids."""
        every = (self.wallet, self.meals, self.entitlements, *self.sales.values())
        return {account.id: account for account in every}


def lock_sale_accounts(person: Person, categories: Collection[str]) -> SaleAccounts:
    """Return what a sale to a person may move, opened the first time. Call inside a transaction."""
    wanted = {
        (Account.Kind.WALLET, ""),
        *((kind, "") for kind in _PAID_BY_SCHOOL),
        *((Account.Kind.SALES, category) for category in categories),
    }
    ids = {"person": person.pk, "school": person.school_id}
    found = {(account.kind, account.part): account for account in _of_sale.all(**ids)}
    if missing := wanted - found.keys():
        for kind, part in sorted(missing):
            if kind == Account.Kind.WALLET:
                open_wallet(person)
            else:
                open_school_account(person.school, Account.Kind(kind), part)
        found = {(account.kind, account.part): account for account in _of_sale.all(**ids)}
    return SaleAccounts(
        wallet=found[Account.Kind.WALLET, ""],
        meals=found[Account.Kind.MEALS, ""],
        entitlements=found[Account.Kind.ENTITLEMENTS, ""],
        sales={category: found[Account.Kind.SALES, category] for category in categories},
    )


@prepared
def _of_sale(person: Parameter, school: Parameter) -> QuerySet[Account]:
    kinds = (Account.Kind.SALES, *_PAID_BY_SCHOOL)
    return _locked(Q(person=person) | Q(person=None, school=school, kind__in=kinds))


def _locked(which: Q) -> QuerySet[Account]:
    # Wallets first: a sale that finds no account of the school yet holds its wallet while it opens them.
    order = F("person").asc(nulls_last=True), "id"
    return lock(Account.objects).select_related("school").filter(which).order_by(*order)
