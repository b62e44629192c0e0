"""The only writers of money."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic, lock
from willing.ledger import errors
from willing.ledger.models import Account, Transfer
from willing.people.models import Person, School
from willing.people.persons import require_present


@dataclass(frozen=True)
class Order:
    """A transfer that a caller asks for.

    key: the caller's idempotency key among orders of this reason. It is never a row's id: a caller who chose
    the id of a transfer that is still to come would block the sale that it belongs to.
    """

    key: UUID
    debit: UUID
    credit: UUID
    amount_minor: int
    reason: str
    reference: UUID

    def transfer_id(self, kind: str) -> UUID:
        """Return the id of the transfer that this order always makes."""
        return derive_id(self.key, "transfer", kind, self.reason)


@atomic
def open_wallet(person: Person) -> Account:
    """Return a person's wallet, opening it the first time."""
    account, _ = Account.objects.get_or_create(
        school_id=person.school_id, kind=Account.Kind.WALLET, person=person
    )
    return account


@atomic
def open_school_account(school: School, kind: str) -> Account:
    """Return a school's account of a kind, opening it the first time."""
    account, _ = Account.objects.get_or_create(school=school, kind=kind, person=None)
    return account


@atomic
def pay_in(person: Person, amount_minor: int, *, key: UUID, by: User | None = None) -> Transfer:
    """Put money that the school received into a person's wallet. The same key again adds nothing.

    Raises Refused has_left, amount_not_positive, idempotency_key_reused.
    """
    require_present(person)
    wallet = open_wallet(person)
    topups = open_school_account(person.school, Account.Kind.TOPUPS)
    order = Order(key, topups.id, wallet.id, amount_minor, Transfer.Reason.TOPUP, person.id)
    is_new = not Transfer.objects.filter(pk=order.transfer_id(Transfer.Kind.POSTED)).exists()
    paid = post(order)
    if is_new:
        facts = {"amount": amount_minor, "by": by.pk if by else None}
        record("money.received", subject=person.id, facts=facts, personal={})
    return paid


@atomic
def merge_wallets(gone: Person, kept: Person) -> int:
    """Move what one record's wallet holds, or owes, to another's. Return it, in minor units; twice is once.

    What is held for a purchase stays where it was held. Raises Refused not_covered where the debt is more
    than the other wallet may bear.
    """
    wallets = {one.id: open_wallet(one).id for one in (gone, kept)}
    balance = lock_accounts(wallets.values())[wallets[gone.id]].available_minor
    if balance:
        giver, taker = (gone, kept) if balance > 0 else (kept, gone)
        key, sides = derive_id(gone.id, "merge", str(kept.id)), (wallets[giver.id], wallets[taker.id])
        post(Order(key, *sides, abs(balance), Transfer.Reason.MERGE, gone.id))
    return balance


@atomic
def post(order: Order) -> Transfer:
    """Move money at once. The same order again returns the first transfer and moves nothing."""
    return _write(order, Transfer.Kind.POSTED)


def post_new(orders: Sequence[Order], locked: Mapping[UUID, Account]) -> list[Transfer]:
    """Move money that has never moved: the caller's own row says so, and the ids refuse a second time.

    Inside a transaction, with every account locked; a wallet is debited by one of the orders at the most.
    Raises Refused not_covered, amount_not_positive.
    """
    for order in orders:
        _require_covered(order, locked[order.debit])
    _move([(order.debit, order.credit, {"posted": order.amount_minor}) for order in orders])
    new = [_transfer(order, Transfer.Kind.POSTED) for order in orders]
    return Transfer.objects.bulk_create(new)


@atomic
def hold(order: Order) -> Transfer:
    """Reserve money until `settle` or `void`. The same order again returns the first hold."""
    return _write(order, Transfer.Kind.HOLD)


@atomic
def settle(held: Transfer) -> Transfer:
    """Turn a hold into a posted transfer. Doing it again returns the first; after a void it is refused."""
    return _close_hold(held, Transfer.Kind.SETTLE)


@atomic
def void(held: Transfer) -> Transfer:
    """Give a hold back. Doing it again returns the first; after a settle it is refused."""
    return _close_hold(held, Transfer.Kind.VOID)


def _write(order: Order, kind: Transfer.Kind) -> Transfer:
    if order.amount_minor <= 0:
        raise errors.amount_not_positive()
    locked = lock_accounts([order.debit, order.credit])
    earlier = Transfer.objects.filter(pk=order.transfer_id(kind)).first()
    if earlier is not None:
        if _order_of(earlier, order.key) != order:
            raise errors.key_reused()
        return earlier
    _require_covered(order, locked[order.debit])
    suffix = "pending" if kind == Transfer.Kind.HOLD else "posted"
    _move([(order.debit, order.credit, {suffix: order.amount_minor})])
    transfer = _transfer(order, kind)
    transfer.save(force_insert=True)
    return transfer


def _require_covered(order: Order, debit: Account) -> None:
    if order.amount_minor <= 0:
        raise errors.amount_not_positive()
    room = debit.available_minor + debit.school.grace_minor
    if debit.kind == Account.Kind.WALLET and room < order.amount_minor:
        raise errors.not_covered()


def _transfer(order: Order, kind: Transfer.Kind) -> Transfer:
    return Transfer(
        id=order.transfer_id(kind),
        debit_id=order.debit,
        credit_id=order.credit,
        amount_minor=order.amount_minor,
        kind=kind,
        reason=order.reason,
        reference=order.reference,
        at=now(),
    )


def _close_hold(held: Transfer, kind: Transfer.Kind) -> Transfer:
    assert held.kind == Transfer.Kind.HOLD, "only a hold is settled or voided"
    lock_accounts([held.debit_id, held.credit_id])
    earlier = Transfer.objects.filter(hold=held).first()
    if earlier is not None:
        if earlier.kind != kind:
            raise errors.hold_already_ended()
        return earlier
    posted = held.amount_minor if kind == Transfer.Kind.SETTLE else 0
    _move([(held.debit_id, held.credit_id, {"pending": -held.amount_minor, "posted": posted})])
    return Transfer.objects.create(
        id=derive_id(held.id, kind),
        debit_id=held.debit_id,
        credit_id=held.credit_id,
        amount_minor=held.amount_minor,
        kind=kind,
        hold=held,
        reason=held.reason,
        reference=held.reference,
        at=now(),
    )


def lock_accounts(ids: Collection[UUID]) -> dict[UUID, Account]:
    """Return accounts by id, locked in the order of their ids, with their school. Call inside a transaction.

    An action that moves money over several accounts locks all of them here first: one after the other, two
    sales would wait for each other.
    """
    return {account.id: account for account in _locked(Q(pk__in=ids))}


@dataclass(frozen=True)
class SaleAccounts:
    """Every account that a sale may move, locked."""

    wallet: Account
    sales: Account
    meals: Account

    @property
    def by_id(self) -> dict[UUID, Account]:
        """The accounts by their ids."""
        return {account.id: account for account in (self.wallet, self.sales, self.meals)}


def lock_sale_accounts(person: Person) -> SaleAccounts:
    """Return what a sale to a person may move, opened the first time. Call inside a transaction."""
    kinds = (Account.Kind.SALES, Account.Kind.MEALS)
    ids = {"person": person.pk, "school": person.school_id}
    found = {account.kind: account for account in _of_sale.all(**ids)}
    if len(found) < len(kinds) + 1:
        open_wallet(person)
        for kind in kinds:
            open_school_account(person.school, kind)
        found = {account.kind: account for account in _of_sale.all(**ids)}
    return SaleAccounts(*(found[kind] for kind in (Account.Kind.WALLET, *kinds)))


@prepared
def _of_sale(person: Parameter, school: Parameter) -> QuerySet[Account]:
    of_school = Q(person=None, school=school, kind__in=(Account.Kind.SALES, Account.Kind.MEALS))
    return _locked(Q(person=person) | of_school)


def _locked(which: Q) -> QuerySet[Account]:
    return lock(Account.objects).select_related("school").filter(which).order_by("id")


def _move(moves: Sequence[tuple[UUID, UUID, Mapping[str, int]]]) -> None:
    """Add to the accounts' totals in one statement. moves: debit, credit, and what each total gains."""
    gains: dict[str, dict[UUID, int]] = {}
    for debit, credit, amounts in moves:
        for suffix, amount in amounts.items():
            for account, side in ((debit, "debits"), (credit, "credits")):
                of_total = gains.setdefault(f"{side}_{suffix}", {})
                of_total[account] = of_total.get(account, 0) + amount
    Account.objects.filter(pk__in={account for of_total in gains.values() for account in of_total}).update(
        **{total: F(total) + _by_account(of_total) for total, of_total in gains.items()}
    )


def _by_account(gains: Mapping[UUID, int]) -> Case:
    whens = (When(pk=account, then=Value(amount)) for account, amount in gains.items())
    return Case(*whens, default=Value(0), output_field=BigIntegerField())


def _order_of(transfer: Transfer, key: UUID) -> Order:
    return Order(
        key,
        transfer.debit_id,
        transfer.credit_id,
        transfer.amount_minor,
        transfer.reason,
        transfer.reference,
    )
