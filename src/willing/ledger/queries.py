"""Reads about money, and the check of every balance against the transfers."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from willing.core.snapshot import snapshot
from willing.ledger.models import Account, Transfer
from willing.people.models import Person

CHUNK = 2000
# How often a transfer of each kind counts in the pending and in the posted totals of both its accounts.
EFFECTS = {"posted": (0, 1), "hold": (1, 0), "settle": (-1, 1), "void": (-1, 0)}
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
    derived = _totals_of_transfers()
    mismatches, sums, accounts = [], dict.fromkeys(TOTALS, 0), 0
    for account in Account.objects.order_by("id").iterator(chunk_size=CHUNK):
        accounts += 1
        for total in TOTALS:
            stored, right = getattr(account, total), derived.get((account.id, total), 0)
            sums[total] += stored
            if stored != right:
                mismatches.append(Mismatch(account.id, total, stored, right))
    balanced = (sums["debits_posted"], sums["debits_pending"]) == (
        sums["credits_posted"],
        sums["credits_pending"],
    )
    return LedgerCheck(accounts, Transfer.objects.count(), tuple(mismatches), balanced)


def _totals_of_transfers() -> dict[tuple[UUID, str], int]:
    """Return what the transfers make of every account's totals; the database adds them up."""
    derived: dict[tuple[UUID, str], int] = defaultdict(int)
    for side in ("debit", "credit"):
        sums = Transfer.objects.values_list(f"{side}_id", "kind").annotate(total=Sum("amount_minor"))
        for account, kind, amount in sums.order_by().iterator(chunk_size=CHUNK):
            pending, posted = EFFECTS[kind]
            derived[account, f"{side}s_pending"] += pending * amount
            derived[account, f"{side}s_posted"] += posted * amount
    return derived
