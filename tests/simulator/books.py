"""The plain model beside the ledger: a dictionary of balances, and lists of what was told to whom.

Every balance counts what was debited as more and what was credited as less, so that all of them are nothing
together. It knows no row of the database but by an id that an action answered.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
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
    # Who was signed on at the till, and the day of the drawer that was open under it.
    cashier: int | None = None
    day: UUID | None = None
    is_voided: bool = False

    @property
    def total(self) -> int:
        """What was paid."""
        return sum(self.paid)

    @property
    def cash(self) -> tuple[int, int]:
        """What was paid in cash, and what of that was refunded."""
        return 0, 0

    @property
    def is_refunded(self) -> bool:
        """True where anything of it was given back."""
        return any(self.back)


@dataclass
class SoldForCash(Sold):
    """A sale to nobody. due: its sum in coins. handed: what was handed back for the lines that came back."""

    prices: dict[str, int] = field(default_factory=dict)
    due: int = 0
    drawer: str = ""
    handed: int = 0
    lines_back: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """What it cost before it was rounded."""
        return self.sum_of(self.lines)

    @property
    def cash(self) -> tuple[int, int]:
        """What was paid in cash, and what of that was refunded."""
        return self.total, self.sum_of(self.lines_back)

    @property
    def is_refunded(self) -> bool:
        """True where anything of it was given back."""
        return bool(self.lines_back)

    @property
    def left(self) -> dict[str, int]:
        """How many of each product were not refunded."""
        return {
            name: n - self.lines_back[name] for name, n in self.lines.items() if n > self.lines_back[name]
        }

    def sum_of(self, lines: Mapping[str, int]) -> int:
        """Return what lines of it cost."""
        return sum(self.prices[name] * quantity for name, quantity in lines.items())

    def due_back(self, lines: Mapping[str, int]) -> int:
        """Return what is handed back for lines: all refunds together hand back what was paid."""
        left = self.total - self.cash[1] - self.sum_of(lines)
        return max(0, self.due - self.handed - in_coins(left))


def in_coins(amount: int) -> int:
    """Return a sum in the coins of Finland, which has none of one and two cents."""
    return (amount + 2) // 5 * 5


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
    till: str | None = None
    day: Day | None = None
    closed: list[Day] = field(default_factory=list)


PAYERS = ("wallet", "entitlements", "meals")


class Books:
    """All the money of a school."""

    def __init__(self, balances: dict[str, int], drawers: Mapping[str, str | None]) -> None:
        self.balances = Counter(balances)
        self.drawers = {name: DrawerBook(name, till) for name, till in drawers.items()}
        self.sold: dict[UUID, Sold] = {}
        # The number of the last receipt at each till.
        self.last: dict[str, int] = {}
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
        self._keep(sold)
        for payer, amount in zip(PAYERS, sold.paid, strict=True):
            self.move(_of(payer, sold.name), "sales", amount)

    def _keep(self, sold: Sold) -> None:
        self.sold[sold.basket] = sold
        self.last[sold.till] = max(sold.receipt, self.last.get(sold.till, 0))

    def sell_for_cash(self, sold: SoldForCash, categories: Mapping[str, str]) -> None:
        """Keep a sale in cash: a movement of the drawer for each category, and one for what rounding made."""
        self._keep(sold)
        for amount in _by_category(sold, sold.lines, categories):
            self.move(f"drawer {sold.drawer}", "sales", amount, "sale")
        self._round(sold.drawer, sold.due - sold.total)

    def hand_back(
        self, sold: SoldForCash, lines: Mapping[str, int], drawer: str, categories: Mapping[str, str]
    ) -> None:
        """Keep a refund in cash of lines of a sale, out of a drawer."""
        handed, amount = sold.due_back(lines), sold.sum_of(lines)
        for one in _by_category(sold, lines, categories):
            self.move("sales", f"drawer {drawer}", one, "refund")
        self._round(drawer, amount - handed)
        sold.handed += handed
        sold.lines_back.update(lines)

    def _round(self, drawer: str, more: int) -> None:
        if more:
            sides = (f"drawer {drawer}", "rounding") if more > 0 else ("rounding", f"drawer {drawer}")
            self.move(*sides, abs(more), "rounding")

    def drawer_at(self, till: str) -> DrawerBook | None:
        """Return the drawer under a till."""
        return next((one for one in self.drawers.values() if one.till == till), None)

    def is_open(self, day: UUID) -> bool:
        """Say whether a drawer's day is still open."""
        return any(one.day is not None and one.day.session == day for one in self.drawers.values())

    def give_back(self, sold: Sold, back: tuple[int, int, int]) -> None:
        """Keep a refund of a sale."""
        sold.back = (sold.back[0] + back[0], sold.back[1] + back[1], sold.back[2] + back[2])
        for payer, amount in zip(PAYERS, back, strict=True):
            self.move("sales", _of(payer, sold.name), amount)

    def pay_in(self, paid: PaidIn) -> None:
        """Keep a pay-in."""
        self.paid_in.append(paid)
        self.move(paid.into, f"wallet {paid.name}", paid.amount, "pay_in")


def _by_category(sold: SoldForCash, lines: Mapping[str, int], categories: Mapping[str, str]) -> Iterable[int]:
    sums = Counter[str]()
    for name, quantity in lines.items():
        sums[categories[name]] += sold.prices[name] * quantity
    return sums.values()


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
