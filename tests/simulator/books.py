"""The plain model beside the ledger: a dictionary of balances, and lists of what was told to whom.

Every balance counts what was debited as more and what was credited as less, so that all of them are nothing
together. It knows no row of the database but by an id that an action answered.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from willing.ledger.models import Account


@dataclass
class Sold:
    """A sale as the till was told. paid and back: from wallet, entitlement and the school's meals."""

    sale: UUID
    basket: UUID
    name: str
    at: datetime
    till: str
    receipt: int
    lines: dict[str, int]
    paid: tuple[int, int, int]
    back: tuple[int, int, int] = (0, 0, 0)
    is_checked: bool = False

    @property
    def total(self) -> int:
        """What was paid."""
        return sum(self.paid)


@dataclass
class PaidIn:
    """What was put into a wallet, where it came to lie, and how much of it was taken back."""

    transfer: UUID
    name: str
    amount: int
    into: str
    taken: int = 0


@dataclass
class PaidOut:
    """What a family wants back, and how far that is."""

    pay_out: UUID
    name: str
    amount: int
    way: str
    state: str = "asked"
    file: int = 0

    @property
    def outside(self) -> str:
        """Where the money goes."""
        return "safe" if self.way == "cash" else "bank"


@dataclass
class Day:
    """A drawer's day. moved: what each transfer was for it. count: what was counted and should have been."""

    session: UUID
    opening: int
    moved: list[tuple[str, int]] = field(default_factory=list)
    cheques: list[int] = field(default_factory=list)
    count: tuple[int, int] | None = None
    kept: int = 0
    why: str = ""


@dataclass
class DrawerBook:
    """A drawer: its open day, and the days that are closed, the first Z first."""

    name: str
    day: Day | None = None
    closed: list[Day] = field(default_factory=list)


PAYERS = ("wallet", "entitlements", "meals")


class Books:
    """All the money of a school."""

    def __init__(self, balances: dict[str, int], drawers: list[str]) -> None:
        self.balances = Counter(balances)
        self.drawers = {name: DrawerBook(name) for name in drawers}
        self.sold: dict[UUID, Sold] = {}
        self.paid_in: list[PaidIn] = []
        self.paid_out: list[PaidOut] = []
        # Number, name, amount and method of each receipt of the office.
        self.receipts: list[tuple[int, str, int, str]] = []

    def move(self, debit: str, credit: str, amount: int, kind: str = "") -> None:
        """Move money. kind: what that is for a drawer, where one is debited or credited."""
        self.balances[debit] += amount
        self.balances[credit] -= amount
        for account, sign in ((debit, 1), (credit, -1)):
            if account.startswith("drawer "):
                day = self.drawers[account.removeprefix("drawer ")].day
                assert day is not None, f"{account} is closed"
                day.moved.append((kind, sign * amount))

    def wallet(self, name: str) -> int:
        """What somebody has to spend."""
        return -self.balances[f"wallet {name}"]

    def held(self, drawer: str) -> int:
        """What lies in a drawer."""
        return self.balances[f"drawer {drawer}"]

    def sell(self, sold: Sold) -> None:
        """Keep a sale that a till was told of."""
        self.sold[sold.basket] = sold
        for payer, amount in zip(PAYERS, sold.paid, strict=True):
            self.move(_of(payer, sold.name), "sales", amount)

    def give_back(self, sold: Sold, back: tuple[int, int, int]) -> None:
        """Keep a refund of a sale."""
        sold.back = (sold.back[0] + back[0], sold.back[1] + back[1], sold.back[2] + back[2])
        for payer, amount in zip(PAYERS, back, strict=True):
            self.move("sales", _of(payer, sold.name), amount)

    def pay_in(self, paid: PaidIn) -> None:
        """Keep a pay-in."""
        self.paid_in.append(paid)
        self.move(paid.into, f"wallet {paid.name}", paid.amount, "pay_in")


def _of(payer: str, name: str) -> str:
    return f"wallet {name}" if payer == "wallet" else payer


def read_balances() -> dict[str, int]:
    """Return the same dictionary from the database's accounts, those of nothing left out."""
    found = Counter[str]()
    for account in Account.objects.select_related("person", "drawer"):
        name = str(account.kind)
        if account.person is not None:
            name = f"wallet {account.person.given_name}"
        elif account.kind == Account.Kind.DRAWER:
            name = f"drawer {account.drawer.name}"
        found[name] += account.debits_posted - account.credits_posted
    return {name: balance for name, balance in found.items() if balance}
