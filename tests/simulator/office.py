"""The office at lunch: money in by cash, cheque and bank, back again, between siblings; sums and limits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from tests.simulator.bank import Bank
from tests.simulator.books import PaidIn
from tests.simulator.drawers import Cash
from tests.support.spending import grant_sum

from willing.drawers.models import Method, PayIn
from willing.drawers.pay_ins import Paying, take_at_office, take_pay_in
from willing.people.models import Person
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.wallets.moves import move_to_sibling, reverse_pay_in

if TYPE_CHECKING:
    from tests.simulator.world import World

ACTIONS_AN_HOUR = 12
SIBLINGS = frozenset({"Nia", "Wes"})


class Office:
    """The office. What it does in an hour is drawn."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cash, self.bank = Cash(world), Bank(world)

    def hour(self, *, is_last: bool) -> Iterator[None]:
        """Do an hour's work; at its end in the last one, the day is closed."""
        world = self.world
        cash, bank = self.cash, self.bank
        often = {
            self._pay_in: 24,
            self._pay_in_closed: 2,
            self._reverse: 9,
            self._sibling: 8,
            self._grant: 8,
            self._limit: 8,
            cash.any_open: 2,
            cash.move_change: 5,
            cash.read_x: 3,
            cash.count: 4,
            cash.close: 4,
            cash.correct: 4,
            cash.take_to_bank: 4,
            cash.tie: 2,
            world.tills.cash.give_back: 4,
            bank.import_statement: 5,
            bank.settle_line: 4,
            bank.ask_pay_out: 6,
            bank.decide_pay_out: 8,
            bank.file_pay_outs: 3,
            bank.return_pay_out: 3,
            world.duplicates.decide: 3,
        }
        if world.counts.hours % 6 == 0:
            cash.open_all()
            yield
        for act in world.random.choices(list(often), list(often.values()), k=ACTIONS_AN_HOUR):
            act()
            yield
        if is_last:
            cash.end_day()

    def _pay_in(self) -> None:
        world, person = self.world, self._anybody()
        amount = world.random.randint(1, 6000) if world.happens(96) else world.random.choice((0, -500))
        method = Method.CHEQUE if world.happens(30) else Method.CASH
        ask = partial(take_at_office, person, Paying(amount, method), key=world.key(), by=world.staff)
        done = world.ask("pay in", ask)
        if world.require("pay in", done, "" if amount > 0 else "amount_not_positive"):
            self._keep(done, person.given_name, amount, method)

    def _pay_in_closed(self) -> None:
        """Try to pay into a drawer that may be closed."""
        world, person = self.world, self._anybody()
        name = world.random.choice(list(self.cash.drawers))
        refusal = "" if world.books.drawers[name].day else "drawer_closed"
        paying = Paying(world.random.randint(1, 900))
        ask = partial(take_pay_in, person, self.cash.drawers[name], paying, key=world.key(), by=world.staff)
        done = world.ask("pay in here", ask)
        if world.require("pay in here", done, refusal):
            self._keep(done, person.given_name, paying.amount_minor, Method.CASH)

    def _keep(self, done: PayIn, name: str, amount: int, method: Method) -> None:
        books, drawer = self.world.books, done.session.drawer.name
        book = books.drawers[drawer]
        if book.day is None:
            others = [one.name for one in books.drawers.values() if one.day is not None and not one.till]
            self.world.require_same("a drawer was opened beside", others, [])
            self.cash.keep_opened(drawer, done.session_id)
        assert book.day is not None
        into = f"drawer {drawer}" if method == Method.CASH else "cheques"
        if method == Method.CHEQUE:
            book.day.cheques.append(amount)
        books.pay_in(PaidIn(done.transfer_id, name, amount, into))
        books.receipts.append((len(books.receipts) + 1, name, amount, str(method)))
        self.world.counts.pay_ins += 1
        self.world.note("paid in", name, amount, method, drawer, done.number)

    def _reverse(self) -> None:
        """Take a wrong pay-in back, or more of it than there is."""
        world, books = self.world, self.world.books
        if not books.paid_in:
            return
        paid = world.random.choice(books.paid_in[-40:])
        amount = paid.amount if world.happens(50) else world.random.randint(1, paid.amount + 100)
        left = max(0, min(paid.amount - paid.taken, books.wallet(paid.name) + world.school.grace_minor))
        drawer = books.drawers.get(paid.into.removeprefix("drawer "))
        if amount > left:
            refusal = "reversal_too_large"
        elif drawer is not None and drawer.day is None:
            refusal = "drawer_closed"
        else:
            refusal = "drawer_holds_less" if drawer and amount > books.held(drawer.name) else ""
        ask = partial(reverse_pay_in, world.school, paid.transfer, amount, words="wrong")
        done = world.ask("reverse", partial(ask, key=world.key(), by=world.staff))
        if world.require("reverse", done, refusal):
            if paid.into == "cheques":
                books.move("cheques", "bank", self._at_the_bank(paid, amount))
            books.move(f"wallet {paid.name}", paid.into, amount, "refund")
            paid.taken += amount
            world.counts.reversals += 1

    def _at_the_bank(self, paid: PaidIn, amount: int) -> int:
        """Return how much of a cheque was taken to the bank: the oldest go first, so the newest lie here."""
        cheques = [one for one in self.world.books.paid_in if one.into == "cheques"]
        newer = cheques[cheques.index(paid) + 1 :]
        here = self.world.books.balances["cheques"] - sum(one.amount - one.taken for one in newer)
        return amount - min(amount, max(0, here))

    def _sibling(self) -> None:
        world, books = self.world, self.world.books
        giver, taker = self._anybody(), self._anybody()
        if world.happens(75):
            giver, taker = (world.people[name] for name in world.random.sample(sorted(SIBLINGS), 2))
        amount = world.random.choice((0, 100, 200, 400, 5000))
        by = (
            world.cast.guardian(world.random.choice(("Gus", "Gwen", "Gwen")))
            if world.happens(50)
            else world.staff
        )
        names = {giver.given_name, taker.given_name}
        if names != SIBLINGS:
            refusal = "not_siblings"
        elif by != world.staff and by.name != "Gwen":
            refusal = "not_a_guardian"
        elif amount <= 0:
            refusal = "amount_not_positive"
        else:
            refusal = "balance_too_small" if amount > books.wallet(giver.given_name) else ""
        done = world.ask("sibling", partial(move_to_sibling, giver, taker, amount, key=world.key(), by=by))
        if world.require("sibling", done, refusal):
            books.move(f"wallet {giver.given_name}", f"wallet {taker.given_name}", amount)
            world.counts.siblings += 1

    def _grant(self) -> None:
        amount = self.world.random.choice((0, 100, 250, 400))
        self.world.ask("grant", partial(grant_sum, self._anybody(), amount, by=self.world.staff))

    def _limit(self) -> None:
        new = NewLimits(self.world.random.choice((None, None, 1500)))
        self.world.ask("limits", partial(set_limits, self._anybody(), new, by=self.world.staff))

    def _anybody(self) -> Person:
        person: Person = self.world.people[self.world.random.choice(list(self.world.people))]
        return person

    def require_whole(self) -> None:
        """Raise Fault unless receipts, drawers, bookings and pay-outs are what was told."""
        columns = ("number", "transfer__credit__person__given_name", "transfer__amount_minor", "method")
        found = list(PayIn.objects.order_by("number").values_list(*columns))
        self.world.require_same("receipts of pay-ins", found, self.world.books.receipts)
        self.cash.require_whole()
        self.bank.require_whole()
