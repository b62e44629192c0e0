"""The only writers of money. What a transfer moves the database works out itself (migration 0002)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.ledger import errors
from willing.ledger.accounts import lock_accounts, open_wallet
from willing.ledger.models import Account, Transfer
from willing.ledger.notices import write_about
from willing.people.models import Person
from willing.people.persons import require_present

# Of one transfer; a million of them still fit into the totals of an account.
AMOUNT_MINOR_MAX = 10**12
# What money for a wallet may come into.
RECEIVES = (Account.Kind.DRAWER, Account.Kind.CHEQUES, Account.Kind.BANK)


@dataclass(frozen=True)
class Order:
    """A transfer that a caller asks for.

    key: the caller's idempotency key among orders of this reason. It is never a row's id: a caller who chose
    the id of a transfer that is still to come would block the sale that it belongs to.
    corrects: the transfer of which it takes something back, for a reason that corrects.
    """

    key: UUID
    debit: UUID
    credit: UUID
    amount_minor: int
    reason: str
    reference: UUID
    corrects: UUID | None = None

    def __post_init__(self) -> None:
        """Hold a caller to whole minor units that a column has room for: the database would cut them off."""
        amount: object = self.amount_minor
        assert type(amount) is int, f"{amount!r} is no whole number of minor units"
        assert abs(amount) <= AMOUNT_MINOR_MAX, f"{amount} is more than the books hold"

    def transfer_id(self, kind: str) -> UUID:
        """Return the id of the transfer that this order always makes."""
        return derive_id(self.key, "transfer", kind, self.reason)


@atomic
def pay_in(
    person: Person, amount_minor: int, *, into: Account, key: UUID, by: User | None = None
) -> Transfer:
    """Put money that the school received into a person's wallet. The same key again adds nothing.

    into: where it lies now, one of RECEIVES: a drawer, the cheques, the bank.
    Raises Refused has_left, amount_not_positive, idempotency_key_reused.
    """
    assert into.kind in RECEIVES, into.kind
    require_present(person)
    wallet = open_wallet(person)
    order = Order(key, into.id, wallet.id, amount_minor, Transfer.Reason.TOPUP, person.id)
    is_new = not Transfer.objects.filter(pk=order.transfer_id(Transfer.Kind.POSTED)).exists()
    paid = post(order)
    if is_new:
        facts = {"amount": amount_minor, "into": into.kind, "by": by.pk if by else None}
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
    """Move money at once. The same order again returns the first transfer and moves nothing.

    Raises Refused not_covered, amount_not_positive, correction_too_large, idempotency_key_reused.
    """
    return _write(order, Transfer.Kind.POSTED)


def post_new(orders: Sequence[Order], locked: Mapping[UUID, Account]) -> list[Transfer]:
    """Move money that has never moved: the caller's own row says so, and the ids refuse a second time.

    Inside a transaction, with every account locked.
    Raises Refused not_covered, amount_not_positive, correction_too_large.
    """
    _require_covered(orders, locked)
    _require_correctable(orders)
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
    _require_covered([order], locked)
    _require_correctable([order])
    transfer = _transfer(order, kind)
    transfer.save(force_insert=True)
    write_about(transfer, accounts=(locked[order.debit], locked[order.credit]))
    return transfer


def _require_covered(orders: Sequence[Order], locked: Mapping[UUID, Account]) -> None:
    """Require that every wallet bears all that the orders take from it together."""
    taken: dict[UUID, int] = {}
    for order in orders:
        if order.amount_minor <= 0:
            raise errors.amount_not_positive()
        taken[order.debit] = taken.get(order.debit, 0) + order.amount_minor
    for account, amount in taken.items():
        debit = locked[account]
        room = debit.available_minor + debit.school.grace_minor
        if debit.kind == Account.Kind.WALLET and room < amount:
            raise errors.not_covered()


def _require_correctable(orders: Sequence[Order]) -> None:
    """Require that no transfer is taken back beyond its amount.

    The originals are locked: on PostgreSQL two offices would each see only their own correction.
    """
    wanted: dict[UUID, int] = {}
    for order in orders:
        if order.corrects is not None:
            wanted[order.corrects] = wanted.get(order.corrects, 0) + order.amount_minor
    if not wanted:
        return
    for original in lock(Transfer.objects).filter(pk__in=wanted).order_by("id"):
        earlier = Transfer.objects.filter(corrects=original).aggregate(total=Sum("amount_minor"))["total"]
        if (earlier or 0) + wanted[original.id] > original.amount_minor:
            raise errors.correction_too_large()


def _transfer(order: Order, kind: Transfer.Kind) -> Transfer:
    return Transfer(
        id=order.transfer_id(kind),
        debit_id=order.debit,
        credit_id=order.credit,
        amount_minor=order.amount_minor,
        kind=kind,
        corrects_id=order.corrects,
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
            raise errors.hold_already_closed()
        return earlier
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


def _order_of(transfer: Transfer, key: UUID) -> Order:
    return Order(
        key,
        transfer.debit_id,
        transfer.credit_id,
        transfer.amount_minor,
        transfer.reason,
        transfer.reference,
        transfer.corrects_id,
    )
