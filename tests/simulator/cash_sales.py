"""Visitors and colleagues at the tills: what each pays, hands over, gets back, and gets refunded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.simulator.books import DrawerBook, SoldForCash, in_coins

from willing.drawers.models import Drawer
from willing.terminals.models import Terminal
from willing.till.baskets import cancel_basket, open_basket
from willing.till.cash import Tender, due_in_cash, sell_for_cash
from willing.till.menu_models import Product, SpecialPrice
from willing.till.models import Basket
from willing.till.refund_models import Refund
from willing.till.refunds import RefundedBy, refund_sale

if TYPE_CHECKING:
    from tests.simulator.world import World

BUYERS = {"visitor": 551, "staff": 402}
BOUNDARIES_MAX = 30
# How often of a hundred times each thing goes wrong at first, or is pressed twice.
WRONG, TWICE = 20, 10
HOUR, STEP = 3600, 60


@dataclass
class Wanted:
    """What somebody wants at a till. due: what a cashier reads as due, in coins."""

    till: Terminal
    basket: Basket
    lines: list[tuple[Product, int]]
    buyer: str
    prices: dict[str, int]
    due: int


class CashSales:
    """Those who pay in cash, and what the office hands back."""

    def __init__(self, world: World, products: list[Product]) -> None:
        self.world, self.products = world, products
        self.categories = {one.name: one.category for one in products}
        meal = next(one for one in products if one.is_main_meal)
        for kind, price in BUYERS.items():
            SpecialPrice.objects.create(product=meal, kind=kind, price_minor=price)
        self.prices = {
            kind: {one.name: price if one == meal else one.price_minor for one in products}
            for kind, price in BUYERS.items()
        }

    def customer(self, till: Terminal) -> Iterator[None]:
        """Serve one who pays in cash; the first attempt may be wrong."""
        wanted = self._want(till)
        yield
        if self.world.happens(WRONG):
            self._pay(wanted, self._mistaken(wanted))
            yield
        more = self.world.random.choice((0, 0, 3, 500, 2000))
        sold = self._pay(wanted, Tender(wanted.buyer, wanted.due, wanted.due + more))
        yield
        if sold is None:
            self.world.require("cancel", self.world.ask("cancel", self._cancel(wanted)))
            return
        if self.world.happens(TWICE):
            again = self._sell(wanted, Tender(wanted.buyer, wanted.due, wanted.due))
            self.world.require_same("pressed once more", again.pk, sold.sale)
            yield
        yield from self.world.tills.after(till, sold)

    def _want(self, till: Terminal) -> Wanted:
        world = self.world
        products = world.random.sample(self.products, world.random.randint(1, len(self.products)))
        lines = [(product, world.random.choice((1, 1, 1, 2))) for product in products]
        world.counts.baskets += 1
        opened = partial(open_basket, till, world.key(), lines)
        basket = world.ask("open", opened, boundaries=BOUNDARIES_MAX)
        world.require("a free till", basket)
        buyer = world.random.choice(list(BUYERS))
        prices = self.prices[buyer]
        due = in_coins(sum(prices[product.name] * quantity for product, quantity in lines))
        world.require_same("what is due", due_in_cash(Basket.objects.get(pk=basket.pk), buyer), due)
        return Wanted(till, basket, lines, buyer, prices, due)

    def _cancel(self, wanted: Wanted) -> Any:
        return partial(cancel_basket, wanted.till, wanted.basket.pk)

    def _mistaken(self, wanted: Wanted) -> Tender:
        """Return what is wrong: a pupil, a sum that was never shown, too little."""
        due = wanted.due
        wrong = (
            Tender("pupil", due, due),
            Tender(wanted.buyer, due + 5, 9999),
            Tender(wanted.buyer, due, due - 1),
        )
        return self.world.random.choice(wrong)

    def _refusal(self, wanted: Wanted, tender: Tender) -> str:
        """Foretell why a sale is refused now, or ""."""
        alone = (self.world.at - wanted.basket.touched_at).total_seconds()
        drawer = self.world.books.drawer_at(wanted.till.name)
        causes = (
            ("basket_expired", alone >= HOUR or alone < -STEP),
            ("cash_buyer_unknown", tender.buyer not in BUYERS),
            ("till_takes_no_cash", drawer is None),
            ("drawer_closed", drawer is not None and drawer.day is None),
            ("total_changed", tender.shown_minor != wanted.due),
            ("tender_too_small", tender.tendered_minor < wanted.due),
        )
        return next((code for code, is_so in causes if is_so), "")

    def _sell(self, wanted: Wanted, tender: Tender) -> Any:
        act = partial(sell_for_cash, wanted.till, wanted.basket.pk, tender)
        return self.world.ask("sell", act, boundaries=BOUNDARIES_MAX)

    def _pay(self, wanted: Wanted, tender: Tender) -> SoldForCash | None:
        """Take cash as far as it can be; return what was sold."""
        world, name = self.world, wanted.till.name
        on: set[int | None] = set()

        def foretell() -> str:
            on.add(world.cashiers.at(name))
            return self._refusal(wanted, tender)

        act = partial(sell_for_cash, wanted.till, wanted.basket.pk, tender)
        sale = world.demand("sell", act, foretell, boundaries=BOUNDARIES_MAX)
        if sale is None:
            return None
        drawer = world.books.drawer_at(name)
        assert drawer is not None
        assert drawer.day is not None
        sold = SoldForCash(
            *(sale.id, sale.basket_id, "", sale.settled_at, name, sale.receipt_number),
            {product.name: quantity for product, quantity in wanted.lines},
            (0, 0, 0),
            cashier=sale.cashier_id,
            day=drawer.day.session,
            prices=wanted.prices,
            due=wanted.due,
            drawer=drawer.name,
        )
        world.require_same("who sold it", sold.cashier in on, True)
        told = (sale.person_id, sale.total_minor, sale.cash.due_minor, sale.cash.change_minor)
        change = tender.tendered_minor - wanted.due
        world.require_same("a sale in cash", told, (None, sold.total, wanted.due, change))
        world.counts.cash_sales += 1
        world.books.sell_for_cash(sold, self.categories)
        world.note("sold for cash", sold.receipt, sold.total, sold.due, change)
        return sold

    def give_back(self) -> None:
        """Let the office refund lines of a sale in cash, now and then more than are left, or of no drawer."""
        world = self.world
        sold = [one for one in world.books.sold.values() if isinstance(one, SoldForCash)][-20:]
        if not sold:
            return
        one = world.random.choice(sold)
        name = world.random.choice(sorted(one.lines))
        lines = {name: world.random.randint(1, one.lines[name])} if world.happens(60) else None
        drawer = world.random.choice([*world.office.cash.drawers, None])
        refusal = self._refund_refusal(one, lines, drawer)
        row = world.office.cash.drawers[drawer] if drawer else None
        done = world.ask("refund cash", self._refund(one, lines, row))
        if world.require("refund cash", done, refusal):
            assert drawer is not None
            self.keep_handed(one, done, lines, drawer)

    def _refund(self, sold: SoldForCash, lines: dict[str, int] | None, drawer: Drawer | None) -> Any:
        ids = {one.name: one.pk for one in self.products}
        quantities = None if lines is None else {ids[name]: number for name, number in lines.items()}
        by = RefundedBy(user=self.world.staff, drawer=drawer)
        return partial(refund_sale, sold.sale, key=self.world.key(), by=by, quantities=quantities)

    def _refund_refusal(self, sold: SoldForCash, lines: dict[str, int] | None, drawer: str | None) -> str:
        left = sold.left
        if not left:
            return "already_refunded"
        if lines is not None and any(number > left.get(name, 0) for name, number in lines.items()):
            return "refund_too_large"
        if drawer is None:
            return "refund_needs_a_drawer"
        book = self.world.books.drawers[drawer]
        if book.day is None:
            return "drawer_closed"
        return self.holds_too_little(sold, left if lines is None else lines, book)

    def holds_too_little(self, sold: SoldForCash, lines: dict[str, int], book: DrawerBook) -> str:
        """Foretell whether a drawer holds what is handed back for lines."""
        holds = self.world.books.held(book.name)
        return "drawer_holds_less" if holds < sold.due_back(lines) else ""

    def keep_handed(
        self, sold: SoldForCash, given: Refund, lines: dict[str, int] | None, drawer: str
    ) -> None:
        """Keep what was handed back out of a drawer."""
        world, back = self.world, sold.left if lines is None else lines
        told = (given.cash_minor, given.handed_minor)
        world.require_same("handed back", told, (sold.sum_of(back), sold.due_back(back)))
        world.books.hand_back(sold, back, drawer, self.categories)
        if not sold.left:
            world.require_same("handed back in all", sold.handed, sold.due)
        world.counts.refunds += 1
        world.note("handed back", sold.receipt, *told)
