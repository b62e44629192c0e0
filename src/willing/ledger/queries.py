"""Reads about money, and the check of every balance against the transfers."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from willing.core.snapshot import snapshot
from willing.ledger.models import Account, Transfer
from willing.people.models import Person, School

CHUNK = 2000
# How often a transfer of each kind counts in the pending and in the posted totals of both its accounts.
EFFECTS = {"posted": (0, 1), "hold": (1, 0), "settle": (-1, 1), "void": (-1, 0)}
TOTALS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")


def wallet_of(person: Person) -> Account | None:
    """Return a person's wallet; None before the first payment.

    Transfers are read by this account, never by a join to its person: a database that knows a table only from
    a sample may read all transfers in the order of their time instead, to save the sorting of a few.
    """
    return Account.objects.filter(person=person, kind=Account.Kind.WALLET).first()


def persons_below_zero(school: School) -> set[UUID]:
    """Return the ids of those at a school whose wallet is below zero."""
    wallets = Account.objects.filter(school=school, kind=Account.Kind.WALLET, person__isnull=False)
    below = wallets.filter(debits_posted__gt=F("credits_posted") - F("debits_pending"))
    return {person for person in below.values_list("person_id", flat=True) if person is not None}


def available_minor(person: Person) -> int:
    """Return what a person can spend now, in minor units; 0 where there is no wallet yet."""
    wallet = wallet_of(person)
    return wallet.available_minor if wallet else 0


@dataclass(frozen=True)
class Mismatch:
    """An account whose total is not what its transfers say."""

    account: UUID
    total: str
    stored_minor: int
    derived_minor: int


@dataclass(frozen=True)
class WrongTransfer:
    """A transfer that should not be, and why: a key of WRONG."""

    transfer: UUID
    code: str


@dataclass(frozen=True)
class LedgerCheck:
    """What `verify` found. `balanced` says that all debits equal all credits."""

    accounts: int
    transfers: int
    mismatches: tuple[Mismatch, ...]
    balanced: bool
    wrong: tuple[WrongTransfer, ...] = ()

    @property
    def ok(self) -> bool:
        """True where nothing is wrong."""
        return self.balanced and not self.mismatches and not self.wrong


def verify_ledger() -> LedgerCheck:
    """Derive every account's totals from the transfers, compare them with the rows, and look for wrong ones.

    All is read as of one moment, so that what is sold meanwhile is no mismatch.
    """
    with snapshot():
        return verify_as_read()


def verify_as_read() -> LedgerCheck:
    """Do the same inside a `snapshot` of the caller's. Memory grows with the accounts, not the transfers."""
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
    wrong = tuple(
        WrongTransfer(transfer, code)
        for code, find in WRONG.items()
        for transfer in find().values_list("pk", flat=True).order_by()[:WRONG_NAMED_MAX]
    )
    return LedgerCheck(accounts, Transfer.objects.count(), tuple(mismatches), balanced, wrong)


def _beyond_its_sum() -> QuerySet[Transfer]:
    taken = Transfer.objects.filter(corrects__isnull=False).values("corrects")
    beyond = taken.annotate(total=Sum("amount_minor")).filter(total__gt=F("corrects__amount_minor"))
    return Transfer.objects.filter(pk__in=beyond.values("corrects"))


def _wrong_way() -> QuerySet[Transfer]:
    given = Q(debit__kind=F("corrects__credit__kind"), credit__kind=F("corrects__debit__kind"))
    one_same = Q(debit=F("corrects__credit")) | Q(credit=F("corrects__debit"))
    rows = Transfer.objects.filter(corrects__isnull=False)
    return rows.exclude(given & one_same & Q(corrects__corrects__isnull=True))


def _between_schools() -> QuerySet[Transfer]:
    return Transfer.objects.exclude(debit__school=F("credit__school"))


def _closed_otherwise() -> QuerySet[Transfer]:
    same = Q(
        hold__kind=Transfer.Kind.HOLD,
        hold__debit=F("debit"),
        hold__credit=F("credit"),
        hold__amount_minor=F("amount_minor"),
    )
    return Transfer.objects.filter(hold__isnull=False).exclude(same)


# What the database refuses, asked for once more: a copy, or rows written past it, may be of anyone's making.
# A transfer stays in one school and a school never changes its currency, so currencies can't be mixed.
WRONG: dict[str, Callable[[], QuerySet[Transfer]]] = {
    "corrected_beyond_its_sum": _beyond_its_sum,
    "corrects_the_wrong_way": _wrong_way,
    "between_schools": _between_schools,
    "ends_a_hold_otherwise": _closed_otherwise,
}
WRONG_NAMED_MAX = 20


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
