"""The drawers from float to Z: opened, counted blind, closed with a difference or none, corrected later.

Two are the office's, and two are under tills, where cashiers count them; a closed one may change its place.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from tests.simulator.books import Day, DrawerBook
from tests.simulator.cashiers import read

from willing.drawers.actions import (
    add_drawer,
    put_into_drawer,
    take_from_drawer,
    take_to_bank,
    tie_drawer,
)
from willing.drawers.models import Drawer, DrawerSession
from willing.drawers.queries import report_of
from willing.drawers.sessions import Close, close_session, correct_closed, count_drawer, open_session
from willing.ledger.models import Account
from willing.terminals.models import Terminal
from willing.till.drawer_counts import count_at_till

if TYPE_CHECKING:
    from tests.simulator.world import World

# Each with the till that it is under at first; the others are the office's.
PLACES = {"Hall": None, "Office": None, "Front": "Till 1", "Back": "Till 2"}
NAMES = tuple(PLACES)
COUNTED_WRONG = (0, 0, 0, 5, -200, 1000)


class Cash:
    """The school's drawers, its safe and its cheques."""

    def __init__(self, world: World) -> None:
        self.world = world
        tills = {one.name: one for one in Terminal.objects.all()}
        rows = [
            add_drawer(world.school, name, terminal=tills[till] if till else None, by=world.staff)
            for name, till in PLACES.items()
        ]
        self.drawers = {one.name: one for one in rows}

    def _any(self) -> tuple[Drawer, DrawerBook]:
        name = self.world.random.choice(NAMES)
        return self.drawers[name], self.world.books.drawers[name]

    def open_all(self) -> None:
        """Begin a day: most drawers are opened."""
        for name in NAMES:
            if self.world.happens(80):
                self.open(name)

    def open(self, name: str) -> None:
        """Open a drawer with change, or with none. One that is open is not opened again."""
        world, book = self.world, self.world.books.drawers[name]
        change = world.random.choice((0, 500, 5000, -100))
        refusal = "amount_not_positive" if change < 0 else "drawer_open" if book.day else ""
        ask = partial(open_session, self.drawers[name], change, key=world.key(), by=world.staff)
        done = world.ask("open", ask)
        if world.require("open", done, refusal):
            self.keep_opened(name, done.id)
            if change:
                world.books.move(f"drawer {name}", "safe", change, "float")

    def keep_opened(self, name: str, session: UUID) -> None:
        """Keep a drawer that was opened, with what had stayed in it."""
        self.world.books.drawers[name].day = Day(session, self.world.books.held(name))

    def any_open(self) -> None:
        """Open a drawer in between."""
        self.open(self.world.random.choice(NAMES))

    def move_change(self) -> None:
        """Put change into a drawer, or take some out into the safe."""
        world, (drawer, book) = self.world, self._any()
        amount, held = world.random.choice((0, -50, 200, 1500)), world.books.held(book.name)
        is_out = world.happens(50)
        act = take_from_drawer if is_out else put_into_drawer
        if amount <= 0:
            refusal = "amount_not_positive"
        elif book.day is None:
            refusal = "drawer_closed"
        else:
            refusal = "drawer_holds_less" if is_out and amount > held else ""
        done = world.ask("change", partial(act, drawer, amount, key=world.key(), by=world.staff))
        if world.require("change", done, refusal):
            sides = ("safe", f"drawer {book.name}") if is_out else (f"drawer {book.name}", "safe")
            world.books.move(*sides, amount, "float")

    def read_x(self) -> None:
        """Read what moved in a drawer so far. Raises Fault where that is not what moved."""
        _, book = self._any()
        if book.day is not None:
            session = DrawerSession.objects.select_related("drawer").get(pk=book.day.session)
            self._require_report(session, book.day)

    def _require_report(self, session: DrawerSession, day: Day) -> None:
        found = report_of(session)
        right = Counter[str]()
        for kind, amount in day.moved:
            right["drop" if kind == "float" and amount < 0 else kind] += amount
        sums = {str(one.moved): one.amount_minor for one in found.lines}
        self.world.require_same("the report of a drawer", sums, dict(right))
        self.world.require_same("its lines", sum(one.count for one in found.lines), len(day.moved))
        cheques = (found.cheques, found.cheques_minor)
        self.world.require_same("its cheques", cheques, (len(day.cheques), sum(day.cheques)))

    def count(self, name: str = "") -> None:
        """Count a drawer without knowing what should be in it."""
        world = self.world
        drawer, book = (self.drawers[name], world.books.drawers[name]) if name else self._any()
        held, counted = self._found_in(book)
        refusal = "count_below_zero" if counted < 0 else "" if book.day else "drawer_closed"
        done = world.ask("count", partial(count_drawer, drawer, counted, by=world.staff))
        if world.require("count", done, refusal):
            assert book.day is not None
            book.day.count = (counted, held)

    def _found_in(self, book: DrawerBook) -> tuple[int, int]:
        """Return what lies in a drawer and what is counted: as much, or not; or what nobody can count."""
        world, held = self.world, self.world.books.held(book.name)
        wrong = world.random.choice(COUNTED_WRONG) if world.happens(60) else 0
        return held, max(0, held + wrong) if world.happens(95) else -1

    def count_at_till(self, till: Terminal) -> None:
        """Let whoever is on at a till count the drawer under it."""
        world = self.world
        book = world.books.drawer_at(till.name)
        held, counted = self._found_in(book) if book is not None else (0, 0)

        def foretell() -> str:
            if world.cashiers.at(till.name) is None:
                return "count_needs_sign_on"
            if book is None:
                return "till_takes_no_cash"
            return "count_below_zero" if counted < 0 else "" if book.day else "drawer_closed"

        done = world.demand("count at till", lambda: count_at_till(read(till), counted), foretell)
        if done is not None:
            assert book is not None
            assert book.day is not None
            book.day.count = (counted, held)
            world.counts.counts_at_tills += 1

    def tie(self) -> None:
        """Put a drawer under another till, or into the office."""
        world, (drawer, book) = self.world, self._any()
        till = world.random.choice([*world.tills.terminals, None])
        name = till.name if till else None
        if name == book.till:
            refusal = ""
        elif book.day is not None:
            refusal = "drawer_open"
        else:
            refusal = "till_has_a_drawer" if name and world.books.drawer_at(name) else ""
        done = world.ask("tie", partial(tie_drawer, drawer, till, by=world.staff))
        if world.require("tie", done, refusal):
            book.till = name

    def close(self, name: str = "") -> None:
        """Close a drawer, where it was counted and nothing has moved since."""
        world = self.world
        drawer, book = (self.drawers[name], world.books.drawers[name]) if name else self._any()
        kept = world.random.choice((0, 0, 0, 100, 5000))
        why = world.random.choice(("", "", "change", "unknown", "gremlins"))
        counted = self._counted(book)
        known = why if why in ("change", "unknown") else ""
        if book.day is None:
            refusal = "drawer_closed"
        elif counted is None:
            refusal = "drawer_not_counted"
        elif counted != world.books.held(book.name) and not known:
            refusal = "difference_needs_a_reason"
        else:
            refusal = "drawer_holds_less" if kept > counted else ""
        again = "" if refusal else "drawer_closed"
        ask = partial(close_session, drawer, Close(kept, why), by=world.staff)
        done = world.ask("close", ask, again=again)
        if world.require("close", done, refusal):
            assert counted is not None
            self._keep_close(book, counted, kept, known)

    def _counted(self, book: DrawerBook) -> int | None:
        if book.day is None or book.day.count is None:
            return None
        counted, expected = book.day.count
        return counted if expected == self.world.books.held(book.name) else None

    def _keep_close(self, book: DrawerBook, counted: int, kept: int, why: str) -> None:
        books, day, account = self.world.books, book.day, f"drawer {book.name}"
        assert day is not None
        difference = counted - books.held(book.name)
        if difference:
            sides = (account, "differences") if difference > 0 else ("differences", account)
            books.move(*sides, abs(difference), "difference")
            day.why = why
        if counted > kept:
            books.move("safe", account, counted - kept, "float")
        day.kept, book.day = kept, None
        book.closed.append(day)
        self.world.counts.closes += 1
        self.world.note("Z", book.name, len(book.closed), counted, kept, day.why)

    def correct(self) -> None:
        """Book what turned out about a day that is closed."""
        world, (_, book) = self.world, self._any()
        if not book.closed:
            return
        day = world.random.choice(book.closed)
        amount, held = world.random.choice((0, 300, 40, -40, -700)), world.books.held(book.name)
        if book.day is None:
            refusal = "drawer_closed"
        elif held + amount < 0:
            refusal = "drawer_holds_less"
        else:
            refusal = "" if amount else "amount_not_positive"
        closed = DrawerSession.objects.get(pk=day.session)
        done = world.ask("correct", partial(correct_closed, closed, amount, key=world.key(), by=world.staff))
        if world.require("correct", done, refusal):
            account = f"drawer {book.name}"
            sides = (account, "differences") if amount > 0 else ("differences", account)
            world.books.move(*sides, abs(amount), "difference")

    def take_to_bank(self) -> None:
        """Take cash or cheques to the bank, now and then more cheques than there are."""
        world = self.world
        kind = world.random.choice((Account.Kind.SAFE, Account.Kind.CHEQUES))
        held = world.books.balances[str(kind)]
        amount = world.random.choice((0, 700, held, held + 1))
        if amount <= 0:
            refusal = "amount_not_positive"
        else:
            refusal = "cheques_hold_less" if kind == Account.Kind.CHEQUES and amount > held else ""
        ask = partial(take_to_bank, world.school, kind, amount, key=world.key(), by=world.staff)
        if world.require("bank", world.ask("bank", ask), refusal):
            world.books.move("bank", str(kind), amount)

    def end_day(self) -> None:
        """End a day: most drawers are counted and closed, not always at the first attempt."""
        for name in NAMES:
            for act in (self.count, self.close, self.count, self.close, self.close):
                if self.world.happens(85):
                    act(name)

    def require_whole(self) -> None:
        """Raise Fault unless every drawer's days are what was told, and no drawer holds less than nothing."""
        for book in self.world.books.drawers.values():
            self.world.require_same("a drawer below nothing", self.world.books.held(book.name) < 0, False)
            rows = self.drawers[book.name].sessions.filter(closed_at__isnull=False).order_by("z_number")
            columns = (
                "pk",
                "z_number",
                "opening_minor",
                "counted_minor",
                "expected_minor",
                "kept_minor",
                "why",
            )
            found = list(rows.values_list(*columns))
            days = enumerate(book.closed, start=1)
            right = [(day.session, z, day.opening, *(day.count or ()), day.kept, day.why) for z, day in days]
            self.world.require_same(f"the days of {book.name}", found, right)
            kept = [0, *(day.kept for day in book.closed)]
            self.world.require_same("a chain of days", [day.opening for day in book.closed], kept[:-1])
