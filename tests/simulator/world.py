"""A school whose lunch hours are drawn from a seed: who buys what at which till, and all that goes wrong.

Everything goes through the real actions and the real database, in one process and one thread. A kill is an
exception that nothing catches at a boundary between statements, with the connections thrown away: what the
database had not committed by then is gone, as in a power cut. The clock is the simulator's own. The ids are
not drawn from the seed, so what is compared are names, sums and receipts.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections
from tests.support.money import pay_in
from tests.support.spending import grant_sum
from tests.till.boundaries import Boundaries

from willing.audit.verify_database import verify_log
from willing.core import clock
from willing.core.errors import Refused
from willing.ledger.queries import available_minor, verify_ledger
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.till.baskets import basket_total_minor, cancel_basket, open_basket
from willing.till.books import verify_sales
from willing.till.identification import identify_by_card
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.till.menu_models import Product
from willing.till.models import Sale
from willing.till.payment import confirm_basket
from willing.till.refunds import RefundedBy, refund_sale

BASKETS_AN_HOUR, TILLS = 40, 4
BEGIN = datetime(2026, 9, 7, 11, 0, tzinfo=UTC)
HOURS_A_DAY = 6
# How often of a hundred times each thing happens.
KILLED, UNHEARD, TWICE, GIVEN_BACK, WALKS_AWAY = 15, 10, 10, 6, 4
SAY_WHO_AGAIN = frozenset({"not_identified", "identification_expired"})
BOUNDARIES_MAX = 20


class Killed(BaseException):
    """The process has died here. No handler of the code under test may catch it."""


class _Kills(Boundaries):
    """Dies by exception, at the boundary that is drawn before each request."""

    def __init__(self) -> None:
        super().__init__(None, lambda _name: None)

    def leave(self) -> None:
        """Take the watch off every connection."""
        for alias in connections:
            connection: Any = connections[alias]
            connection.execute_wrappers.remove(self._before_statement)
            vars(connection).pop("_commit", None)

    def arm(self, die_at: int | None) -> None:
        self.count, self.die_at = 0, die_at

    def passed(self, name: str) -> None:
        self.count += 1
        if self.count == self.die_at:
            self.die_at = None
            raise Killed(name)


@dataclass
class Counts:
    """What has happened so far."""

    hours: int = 0
    baskets: int = 0
    sales: int = 0
    refunds: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    lost_answers: int = 0


class Fault(AssertionError):
    """Something that must hold did not."""


class World:
    """One school from its first hour on. The same seed and cast live through the same hours."""

    def __init__(self, cast: Any, seed: str) -> None:
        self.cast, self.random = cast, random.Random(seed)
        self.at = BEGIN
        self.counts = Counts()
        self.office = cast.user("office")
        self.people = {name: cast.person(name) for name in sorted(cast.cards)}
        extra = (NewTerminal(f"Till {number}", ways=("card",)) for number in range(3, TILLS + 1))
        self.tills = [cast.till, cast.other_till, *(add_terminal(cast.school, one) for one in extra)]
        self.products = list(Product.objects.order_by("name"))
        self.balances = {name: available_minor(one) for name, one in self.people.items()}
        # What a till or the office was told: receipt, total, and what the wallet paid.
        self.promised: dict[UUID, tuple[int, int, int]] = {}
        self._trace = hashlib.sha256()
        self._kills = _Kills()
        self._kills.watch()

    def leave(self) -> None:
        """Stop dying: the connections are the next one's."""
        self._kills.leave()

    @property
    def digest(self) -> str:
        """A digest of everything that was answered so far."""
        return self._trace.hexdigest()

    def run_hour(self) -> None:
        """Live through one lunch hour. Raises Fault where something does not hold after it."""
        with clock.running(lambda: self.at):
            self._live()
            self._kills.arm(None)
            self._require_whole()
        self.counts.hours += 1
        into_day = self.counts.hours % HOURS_A_DAY
        day = BEGIN + timedelta(days=self.counts.hours // HOURS_A_DAY)
        self.at = max(self.at, day + timedelta(hours=into_day))

    def _live(self) -> None:
        waiting = [self.random.choice(self.tills) for _ in range(BASKETS_AN_HOUR)]
        busy: dict[Any, Iterator[None]] = {"office": self._office_hour()}
        while waiting or busy:
            for till in [one for one in self.tills if one not in busy and one in waiting]:
                waiting.remove(till)
                busy[till] = self._customer(till)
            who = self.random.choice(list(busy))
            self._pass_time()
            if next(busy[who], StopIteration) is StopIteration:
                del busy[who]

    def _pass_time(self) -> None:
        chance = self.random.random()
        seconds = self.random.uniform(0.2, 6)
        if chance < 0.01:
            seconds = self.random.uniform(31, 90)  # a name is forgotten
        elif chance < 0.02:
            seconds = -self.random.uniform(1, 50)  # a time server sets the clock
        elif chance < 0.023:
            seconds = -self.random.uniform(90, 900)  # somebody does
        self.at += timedelta(seconds=seconds)

    def _happens(self, of_hundred: int) -> bool:
        return self.random.random() * 100 < of_hundred

    def _ask(self, name: str, act: Callable[[], Any]) -> Any:
        """Ask until there is an answer, through deaths and lost answers. Return it, or the refusal."""
        while True:
            self._kills.arm(self.random.randint(1, BOUNDARIES_MAX) if self._happens(KILLED) else None)
            try:
                answer = act()
            except Refused as refused:
                answer = refused
            except Killed as killed:
                connections.close_all()
                self.counts.kills += 1
                self._note(name, f"killed {killed}"[:40])
                self._pass_time()
                continue
            finally:
                self._kills.arm(None)  # what is asked between two requests is the simulator's
            if self._happens(UNHEARD):
                self.counts.lost_answers += 1
                self._note(name, "unheard")
                continue
            if isinstance(answer, Refused):
                self.counts.refused[answer.code] += 1
                self._note(name, answer.code)
            return answer

    def _note(self, *what: object) -> None:
        self._trace.update(repr((self.at.isoformat(), *what)).encode())

    def _customer(self, till: Terminal) -> Iterator[None]:
        self.counts.baskets += 1
        name = self.random.choice(list(self.people))
        wanted = self.random.sample(self.products, self.random.randint(1, len(self.products)))
        lines = [(product, self.random.choice((1, 1, 1, 2))) for product in wanted]
        basket_id = UUID(int=self.random.getrandbits(128), version=4)
        basket = self._ask("open", lambda: open_basket(till, basket_id, lines))
        if isinstance(basket, Refused):
            raise Fault(f"a free till refused a basket: {basket.code}")
        total = basket_total_minor(basket)
        yield
        while True:
            shown = self._ask("identify", lambda: identify_by_card(till, basket_id, self.cast.cards[name]))
            yield
            if isinstance(shown, Refused) or self._happens(WALKS_AWAY):
                break
            sold = self._ask("confirm", lambda: confirm_basket(till, basket_id, total))
            yield
            if isinstance(sold, Sale):
                self._keep(name, sold)
                yield from self._afterwards(till, name, sold)
                return
            if sold.code not in SAY_WHO_AGAIN:
                break
        self._ask("cancel", lambda: cancel_basket(till, basket_id))

    def _keep(self, name: str, sold: Sale) -> None:
        self.counts.sales += 1
        self.promised[sold.basket_id] = (sold.receipt_number, sold.total_minor, sold.wallet_minor)
        self.balances[name] -= sold.wallet_minor
        self._note("sold", name, *self.promised[sold.basket_id])

    def _afterwards(self, till: Terminal, name: str, sold: Sale) -> Iterator[None]:
        if self._happens(TWICE):
            again = self._ask("again", lambda: confirm_basket(till, sold.basket_id, sold.total_minor))
            if isinstance(again, Refused) or again.id != sold.id:
                raise Fault(f"pressed once more, the till was told {again}")
            yield
        if self._happens(GIVEN_BACK):
            yield from self._give_back(name, sold)

    def _give_back(self, name: str, sold: Sale) -> Iterator[None]:
        """Give a sale back: a part of it and then the rest, or as often the whole."""
        line = self.random.choice(list(sold.basket.lines.order_by("product__name")))
        part = {line.product_id: self.random.randint(1, line.quantity)}
        is_rest_left = sold.basket.lines.count() > 1 or part[line.product_id] < line.quantity
        back = 0
        for quantities in (part, None) if is_rest_left and self._happens(50) else (None,):
            key, by = UUID(int=self.random.getrandbits(128), version=4), RefundedBy(user=self.office)
            ask = partial(refund_sale, sold.id, key=key, by=by, quantities=quantities)
            given = self._ask("refund", ask)
            if isinstance(given, Refused):
                raise Fault(f"a sale was not given back: {given.code}")
            self.counts.refunds += 1
            self.balances[name] += given.wallet_minor
            back += given.wallet_minor
            yield
        if back != sold.wallet_minor:
            raise Fault(f"{back} of {sold.wallet_minor} came back to the wallet")

    def _office_hour(self) -> Iterator[None]:
        for _ in range(12):
            name = self.random.choice(list(self.people))
            person, chance = self.people[name], self.random.random()
            if chance < 0.6:
                amount, key = self.random.randint(1, 1500), UUID(int=self.random.getrandbits(128), version=4)
                self._ask("pay in", partial(pay_in, person, amount, key=key, by=self.office))
                self.balances[name] += amount
            elif chance < 0.8:
                amount = self.random.choice((0, 100, 250, 400))
                self._ask("allowance", partial(grant_sum, person, amount, by=self.office))
            else:
                new = NewLimits(self.random.choice((None, None, 1500)))
                self._ask("limits", partial(set_limits, person, new, by=self.office))
            yield

    def _require_whole(self) -> None:
        books, sales, log = verify_ledger(), verify_sales(), verify_log()
        if not (books.ok and sales.ok):
            raise Fault(f"the books: {books} {sales}")
        if not log.ok:
            raise Fault(f"the log: {log.faults}")
        rows = Sale.objects.values_list("basket_id", "receipt_number", "total_minor", "wallet_minor")
        found = {basket: tuple(told) for basket, *told in rows}
        if found != self.promised:
            raise Fault(f"sold and promised differ: {set(found.items()) ^ set(self.promised.items())}")
        balances = {name: available_minor(one) for name, one in self.people.items()}
        if balances != self.balances:
            raise Fault(f"balances are {balances}, not {self.balances}")
        self._note("hour", sorted(balances.items()))
