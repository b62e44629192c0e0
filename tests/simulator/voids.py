"""The last sale at a till, voided by who has just made it; and every attempt at what is none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.simulator.books import Sold, SoldForCash
from tests.simulator.cashiers import read

from willing.terminals.models import Terminal
from willing.till.refund_models import Refund
from willing.till.voids import void_last_sale

if TYPE_CHECKING:
    from tests.simulator.world import World

SECONDS, STEP = 300, 60


class Voids:
    """What cashiers take back at the tills."""

    def __init__(self, world: World) -> None:
        self.world = world

    def void(self, till: Terminal, sold: Sold) -> bool:
        """Ask for a void at a till. Return whether it was made, now or before."""
        world = self.world
        done = world.demand(
            "void", lambda: void_last_sale(read(till), sold.sale), partial(self._refusal, till, sold)
        )
        if done is None:
            return False
        if not sold.is_voided:
            self._keep(sold, done)
        return True

    def any_sale(self, till: Terminal) -> None:
        """Ask for one of the last sales, of this till or another."""
        sold = list(self.world.books.sold.values())[-6:]
        if sold:
            self.void(till, self.world.random.choice(sold))

    def _refusal(self, till: Terminal, sold: Sold) -> str:
        """Foretell why a sale can't be voided now, or ""."""
        if sold.till != till.name:
            return "sale_unknown"
        if sold.is_voided:
            return ""
        world = self.world
        on, age = world.cashiers.at(till.name), (world.at - sold.at).total_seconds()
        causes = (
            ("void_needs_sign_on", on is None),
            ("void_not_yours", on != sold.cashier),
            ("already_refunded", sold.is_refunded),
            ("void_not_last", world.books.last[till.name] != sold.receipt),
            ("void_after_close", sold.day is not None and not world.books.is_open(sold.day)),
            ("void_too_late", not -STEP <= age < SECONDS),
        )
        refusal = next((code for code, is_so in causes if is_so), "")
        if not refusal and isinstance(sold, SoldForCash):
            book = world.books.drawers[sold.drawer]
            refusal = world.tills.cash.holds_too_little(sold, sold.left, book)
        return refusal

    def _keep(self, sold: Sold, given: Refund) -> None:
        world = self.world
        sold.is_voided = True
        world.counts.voids += 1
        if isinstance(sold, SoldForCash):
            world.tills.cash.keep_handed(sold, given, None, sold.drawer)
            return
        back = (given.wallet_minor, given.entitled_minor, given.carried_minor)
        world.require_same("a void", back, sold.paid)
        world.books.give_back(sold, back)
        world.note("voided", sold.receipt)
