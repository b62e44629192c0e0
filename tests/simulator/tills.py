"""Four tills at lunch: who buys what, who walks away, what is pressed twice, voided and given back."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.simulator.books import Sold
from tests.simulator.cash_sales import CashSales
from tests.simulator.voids import Voids

from willing.core.errors import Refused
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.till.baskets import basket_total_minor, cancel_basket, open_basket
from willing.till.identification import identify_by_card
from willing.till.menu_models import Product
from willing.till.models import Sale
from willing.till.payment import confirm_basket
from willing.till.products import ProductDetails, add_to_menu
from willing.till.refunds import RefundedBy, refund_sale

if TYPE_CHECKING:
    from tests.simulator.world import World

BASKETS_AN_HOUR, TILLS = 40, 4
# How often of a hundred times each thing happens.
TWICE, GIVEN_BACK, WALKS_AWAY, RUNG_UP_TWICE, VOIDED, VOIDED_ELSE, COUNTED = 10, 6, 4, 3, 8, 5, 4
# Who pays in cash, where a drawer is under the till and where none is.
CASH, CASH_FOR_NOTHING = 25, 2
REFUSED = frozenset(
    {
        "extras_not_covered",
        "daily_limit_reached",
        "identification_expired",
        "not_identified",
        "basket_expired",
        "basket_closed",
    }
)
SAY_WHO_AGAIN = frozenset({"not_identified", "identification_expired"})
BOUNDARIES_MAX = 20

Lines = list[tuple[Product, int]]


class Tills:
    """The tills, and everybody who comes to them."""

    def __init__(self, world: World) -> None:
        self.world, cast = world, world.cast
        extra = (NewTerminal(f"Till {number}", ways=("card",)) for number in range(3, TILLS + 1))
        self.terminals = [cast.till, cast.other_till, *(add_terminal(cast.school, one) for one in extra)]
        add_to_menu(cast.school, ProductDetails("Roll", 113, "side"))
        self.products = list(Product.objects.order_by("name"))
        self.prices = {one.name: one.price_minor for one in self.products}
        self.cash, self.voids = CashSales(world, self.products), Voids(world)

    def queue(self) -> list[Terminal]:
        """Return to which tills people come in an hour."""
        return [self.world.random.choice(self.terminals) for _ in range(BASKETS_AN_HOUR)]

    def _ask(self, *args: Any) -> Any:
        answer = self.world.ask(*args, boundaries=BOUNDARIES_MAX)
        if isinstance(answer, Refused) and answer.code not in REFUSED:
            raise AssertionError(f"{args[0]}: {answer.code}")
        return answer

    def customer(self, till: Terminal) -> Iterator[None]:
        """Serve one person, whoever is at the till."""
        world = self.world
        world.cashiers.come(till)
        has_drawer = world.books.drawer_at(till.name) is not None
        if world.happens(CASH if has_drawer else CASH_FOR_NOTHING):
            yield from self.cash.customer(till)
            return
        name = world.random.choice(list(world.people))
        wanted = world.random.sample(self.products, world.random.randint(1, len(self.products)))
        lines = [(product, world.random.choice((1, 1, 1, 2))) for product in wanted]
        sold = yield from self._basket(till, name, lines)
        if sold is None:
            return
        if world.happens(TWICE):
            again = self._ask("again", partial(confirm_basket, till, sold.basket, sold.total))
            if isinstance(again, Refused) or again.id != sold.sale:
                raise AssertionError(f"pressed once more, the till was told {again}")
            yield
        if world.happens(RUNG_UP_TWICE):
            # At once: nobody comes in between.
            deque(self._basket(till, name, lines), maxlen=0)
        yield from self.after(till, sold)
        if world.happens(GIVEN_BACK):
            yield from self._give_back(sold)

    def after(self, till: Terminal, sold: Sold) -> Iterator[None]:
        """Let the cashier void what they have just sold, try to void what they may not, or count."""
        if self.world.happens(VOIDED):
            self.voids.void(till, sold)
            yield
        if self.world.happens(VOIDED_ELSE):
            self.voids.any_sale(till)
            yield
        if self.world.happens(COUNTED):
            self.world.office.cash.count_at_till(till)
            yield

    def _basket(self, till: Terminal, name: str, lines: Lines) -> Generator[None, None, Sold | None]:
        """Sell one basket, or let it be. Return what was sold."""
        world = self.world
        world.counts.baskets += 1
        basket_id = world.key()
        basket = self._ask("open", partial(open_basket, till, basket_id, lines))
        world.require("a free till", basket)
        total = basket_total_minor(basket)
        yield
        card = world.cast.cards[name]
        while True:
            shown = self._ask("identify", partial(identify_by_card, till, basket_id, card))
            yield
            if isinstance(shown, Refused) or world.happens(WALKS_AWAY):
                break
            sale, on = self._confirm(till, basket_id, total)
            sold = self._keep(till, name, lines, sale) if isinstance(sale, Sale) else None
            if sold is not None:
                world.require_same("who sold it", sold.cashier in on, True)
            yield
            if sold is not None:
                return sold
            if sale.code not in SAY_WHO_AGAIN:
                break
        self._ask("cancel", partial(cancel_basket, till, basket_id))
        return None

    def _confirm(self, till: Terminal, basket: UUID, total: int) -> tuple[Any, set[int | None]]:
        """Ask for "Yes, pay". Return the answer, and who was on at each attempt."""
        on: set[int | None] = set()

        def confirm() -> Sale:
            on.add(self.world.cashiers.at(till.name))
            return confirm_basket(till, basket, total)

        return self._ask("confirm", confirm), on

    def _keep(self, till: Terminal, name: str, lines: Lines, sale: Sale) -> Sold:
        paid = (sale.wallet_minor, sale.entitled_minor, sale.carried_minor)
        named = {product.name: quantity for product, quantity in lines}
        sold = Sold(
            *(sale.id, sale.basket_id, name, sale.settled_at, till.name, sale.receipt_number, named, paid),
            cashier=sale.cashier_id,
            day=self._day_at(till),
        )
        self.world.counts.sales += 1
        self.world.require_same("a sale's payers", sold.total, sale.total_minor)
        self.world.books.sell(sold)
        self.world.note("sold", name, sold.receipt, *paid)
        return sold

    def _day_at(self, till: Terminal) -> UUID | None:
        book = self.world.books.drawer_at(till.name)
        return book.day.session if book is not None and book.day is not None else None

    def _give_back(self, sold: Sold) -> Iterator[None]:
        """Give a sale back: a part of it and then the rest, or as often the whole."""
        world = self.world
        by = RefundedBy(user=world.staff)
        if sold.is_voided:
            given = world.ask("refund", partial(refund_sale, sold.sale, key=world.key(), by=by))
            world.require("a refund of a void", given, "already_refunded")
            return
        name = world.random.choice(sorted(sold.lines))
        product = next(one for one in self.products if one.name == name)
        quantity = world.random.randint(1, sold.lines[name])
        is_rest_left = len(sold.lines) > 1 or quantity < sold.lines[name]
        parts: list[dict[UUID, int] | None] = [None]
        if is_rest_left and world.happens(50):
            parts.insert(0, {product.pk: quantity})
        left = sold.total
        for part in parts:
            ask = partial(refund_sale, sold.sale, key=world.key(), by=by, quantities=part)
            given = world.ask("refund", ask)
            world.require("a refund", given)
            due = left if part is None else self.prices[name] * quantity
            world.require_same("a refund", given.total_minor, due)
            world.counts.refunds += 1
            world.books.give_back(sold, (given.wallet_minor, given.entitled_minor, given.carried_minor))
            left -= due
            yield
        world.require_same("what came back", sold.back, sold.paid)

    def require_whole(self) -> None:
        """Raise Fault unless each sale that was promised is there once, and no other."""
        columns = ("basket_id", "receipt_number", "wallet_minor", "entitled_minor", "carried_minor")
        backs = ("refunded_wallet_minor", "refunded_entitled_minor", "refunded_carried_minor")
        at = ("cash_minor", "refunded_cash_minor", "cashier_id", "drawer_session_id", "is_voided")
        found = {basket: tuple(told) for basket, *told in Sale.objects.values_list(*columns, *backs, *at)}
        right = {
            one.basket: (one.receipt, *one.paid, *one.back, *one.cash, one.cashier, one.day, one.is_voided)
            for one in self.world.books.sold.values()
        }
        wrong = set(found.items()) ^ set(right.items())
        self.world.require_same("sold and promised differ", wrong, set())
