"""Reads about money, and the check of every balance against the transfers."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from willing.core.snapshot import snapshot
from willing.ledger.models import Account, Transfer
from willing.people.models import Person

TOTALS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")


def available_minor(person: Person) -> int:
    """Return what a person can spend now, in minor units; 0 where there is no wallet yet."""
    wallet = Account.objects.filter(person=person, kind=Account.Kind.WALLET).first()
    return wallet.available_minor if wallet else 0


@dataclass(frozen=True)
class Mismatch:
    """An account whose total is not what its transfers say."""

    account: UUID
    total: str
    stored_minor: int
    derived_minor: int


@dataclass(frozen=True)
class LedgerCheck:
    """What `verify` found. `balanced` says that all debits equal all credits."""

    accounts: int
    transfers: int
    mismatches: tuple[Mismatch, ...]
    balanced: bool

    @property
    def ok(self) -> bool:
        """True where nothing is wrong."""
        return self.balanced and not self.mismatches


def verify_ledger() -> LedgerCheck:
    """Derive every account's totals from the transfers and compare them with the rows.

    Both are read as of one moment, so that what is sold meanwhile is no mismatch.
    """
    with snapshot():
        return _verify()


def _verify() -> LedgerCheck:
    derived: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(TOTALS, 0))
    count = 0
    for transfer in Transfer.objects.order_by("at").iterator(chunk_size=2000):
        count += 1
        for total, amount in _effects(transfer):
            side = transfer.debit_id if total.startswith("debits") else transfer.credit_id
            derived[side][total] += amount
    mismatches = []
    accounts = list(Account.objects.order_by("id"))
    for account in accounts:
        for total in TOTALS:
            stored, right = getattr(account, total), derived[account.id][total]
            if stored != right:
                mismatches.append(Mismatch(account.id, total, stored, right))
    totals = {total: sum(getattr(account, total) for account in accounts) for total in TOTALS}
    balanced = (totals["debits_posted"], totals["debits_pending"]) == (
        totals["credits_posted"],
        totals["credits_pending"],
    )
    return LedgerCheck(len(accounts), count, tuple(mismatches), balanced)


def _effects(transfer: Transfer) -> list[tuple[str, int]]:
    amount = transfer.amount_minor
    pending = {"hold": amount, "settle": -amount, "void": -amount}.get(transfer.kind, 0)
    posted = amount if transfer.kind in ("posted", "settle") else 0
    return [
        (f"{side}_{suffix}", change)
        for side in ("debits", "credits")
        for suffix, change in (("pending", pending), ("posted", posted))
        if change
    ]
