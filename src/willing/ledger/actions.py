"""The only writers of money."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.ledger import errors
from willing.ledger.models import Account, Transfer
from willing.people.models import Person, School


@dataclass(frozen=True)
class Order:
    """A transfer that a caller asks for.

    key: the caller's idempotency key among orders of this reason. It is never a row's id: whoever chose the
    id of a transfer that is still to come would block the sale that it belongs to.
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
    """Return a person's wallet, opening it the first time, with the school's grace as its overdraft."""
    account, _ = Account.objects.get_or_create(
        school_id=person.school_id,
        kind=Account.Kind.WALLET,
        person=person,
        defaults={"overdraft_minor": person.school.grace_minor},
    )
    return account


@atomic
def open_school_account(school: School, kind: str) -> Account:
    """Return a school's account of a kind, opening it the first time."""
    account, _ = Account.objects.get_or_create(school=school, kind=kind, person=None)
    return account


@atomic
def pay_in(person: Person, amount_minor: int, *, key: UUID, by: User | None = None) -> Transfer:
    """Put money that the school received into a person's wallet. The same key again adds nothing."""
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
def post(order: Order) -> Transfer:
    """Move money at once. The same order again returns the first transfer and moves nothing."""
    return _write(order, Transfer.Kind.POSTED)


@atomic
def hold(order: Order) -> Transfer:
    """Reserve money until `settle` or `void`. The same order again returns the first hold."""
    return _write(order, Transfer.Kind.HOLD)


@atomic
def settle(held: Transfer) -> Transfer:
    """Turn a hold into a posted transfer. Doing it again returns the first; after a void it is refused."""
    return _end(held, Transfer.Kind.SETTLE)


@atomic
def void(held: Transfer) -> Transfer:
    """Give a hold back. Doing it again returns the first; after a settle it is refused."""
    return _end(held, Transfer.Kind.VOID)


def _write(order: Order, kind: str) -> Transfer:
    if order.amount_minor <= 0:
        raise errors.amount_not_positive()
    locked = lock_accounts([order.debit, order.credit])
    debit, credit = locked[order.debit], locked[order.credit]
    transfer_id = order.transfer_id(kind)
    earlier = Transfer.objects.filter(pk=transfer_id).first()
    if earlier is not None:
        if _order_of(earlier, order.key) != order:
            raise errors.key_reused()
        return earlier
    room = debit.available_minor + debit.overdraft_minor
    if debit.kind == Account.Kind.WALLET and room < order.amount_minor:
        raise errors.not_covered()
    suffix = "pending" if kind == Transfer.Kind.HOLD else "posted"
    _move(debit, credit, {suffix: order.amount_minor})
    return Transfer.objects.create(
        id=transfer_id,
        debit=debit,
        credit=credit,
        amount_minor=order.amount_minor,
        kind=kind,
        reason=order.reason,
        reference=order.reference,
        at=now(),
    )


def _end(held: Transfer, kind: str) -> Transfer:
    assert held.kind == Transfer.Kind.HOLD, "only a hold is settled or voided"
    locked = lock_accounts([held.debit_id, held.credit_id])
    debit, credit = locked[held.debit_id], locked[held.credit_id]
    earlier = Transfer.objects.filter(hold=held).first()
    if earlier is not None:
        if earlier.kind != kind:
            raise errors.hold_already_ended()
        return earlier
    posted = held.amount_minor if kind == Transfer.Kind.SETTLE else 0
    _move(debit, credit, {"pending": -held.amount_minor, "posted": posted})
    return Transfer.objects.create(
        id=derive_id(held.id, kind),
        debit=debit,
        credit=credit,
        amount_minor=held.amount_minor,
        kind=kind,
        hold=held,
        reason=held.reason,
        reference=held.reference,
        at=now(),
    )


def lock_accounts(ids: Collection[UUID]) -> dict[UUID, Account]:
    """Return accounts by id, locked in the order of their ids. Call inside a transaction.

    Whoever moves money over several accounts locks all of them here first: one after the other, two sales
    would wait for each other.
    """
    return {account.id: account for account in lock(Account.objects).filter(pk__in=ids).order_by("id")}


def _move(debit: Account, credit: Account, amounts: dict[str, int]) -> None:
    Account.objects.filter(pk=debit.pk).update(
        **{f"debits_{suffix}": F(f"debits_{suffix}") + amount for suffix, amount in amounts.items()}
    )
    Account.objects.filter(pk=credit.pk).update(
        **{f"credits_{suffix}": F(f"credits_{suffix}") + amount for suffix, amount in amounts.items()}
    )


def _order_of(transfer: Transfer, key: UUID) -> Order:
    return Order(
        key,
        transfer.debit_id,
        transfer.credit_id,
        transfer.amount_minor,
        transfer.reason,
        transfer.reference,
    )
