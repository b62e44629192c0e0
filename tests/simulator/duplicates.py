"""What was rung up twice: the hourly pass is held beside what is plain about every pair of sales."""

from __future__ import annotations

from functools import partial
from itertools import groupby, pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from tests.simulator.books import Sold

from willing.meals.duplicates import find_duplicates, keep_both, refund_duplicate
from willing.meals.models import Duplicate

if TYPE_CHECKING:
    from tests.simulator.world import World

SUSPECT, CERTAIN = 600, 20  # seconds


class Duplicates:
    """The pairs that were found, and what became of each."""

    def __init__(self, world: World) -> None:
        self.world = world
        # The state of each pair, by the id of its second sale.
        self.states: dict[UUID, str] = {}

    def look(self) -> None:
        """Run the pass of the hour. Raises Fault where it found what is none, or left out what is one."""
        refunded = {one.sale for one in self.world.books.sold.values() if one.is_refunded}
        self.world.ask("duplicates", partial(find_duplicates, self.world.school))
        by_sale = {one.sale: one for one in self.world.books.sold.values()}
        rows = Duplicate.objects.exclude(second__in=self.states).select_related("refund")
        for pair in sorted(rows, key=lambda one: by_sale[one.second_id].receipt):
            found = {pair.first_id, pair.second_id} & refunded
            self.world.require_same("a duplicate of what was refunded", found, set())
            self._keep(pair, by_sale[pair.first_id], by_sale[pair.second_id])
        self._require_all_found()

    def _keep(self, pair: Duplicate, first: Sold, second: Sold) -> None:
        world, gap = self.world, (second.at - first.at).total_seconds()
        alike = (first.name, first.total) == (second.name, second.total) and not second.is_checked
        world.require_same("a duplicate", alike and 0 <= gap < SUSPECT, True)
        is_certain = (first.till, first.lines) == (second.till, second.lines) and gap < CERTAIN
        world.require_same("a certain duplicate", pair.is_certain, is_certain)
        self.states[second.sale] = "refunded" if is_certain else "open"
        world.require_same("a duplicate's state", pair.state, self.states[second.sale])
        if is_certain:
            self._take_back(pair, second)
        world.note("duplicate", first.receipt, second.receipt, is_certain)

    def _take_back(self, pair: Duplicate, second: Sold) -> None:
        given = pair.refund
        assert given is not None
        left = tuple(paid - back for paid, back in zip(second.paid, second.back, strict=True))
        back = (given.wallet_minor, given.entitled_minor, given.carried_minor)
        self.world.require_same("what came back of a duplicate", back, left)
        self.world.books.give_back(second, back)
        self.world.counts.duplicates += 1

    def _require_all_found(self) -> None:
        rows = [one for one in self.world.books.sold.values() if one.name and not one.is_refunded]
        rows.sort(key=lambda one: (one.name, one.total, one.at, one.receipt))
        for _same, group in groupby(rows, key=lambda one: (one.name, one.total)):
            for first, second in pairwise(group):
                is_near = (second.at - first.at).total_seconds() < SUSPECT
                is_left_out = is_near and not second.is_checked and second.sale not in self.states
                self.world.require_same("a duplicate was left out", is_left_out, False)

    def decide(self) -> None:
        """Let the office decide about a pair, that it was one purchase or that both were meant."""
        world = self.world
        if not self.states:
            return
        sale = world.random.choice(list(self.states))
        pair = Duplicate.objects.get(second=sale)
        second = next(one for one in world.books.sold.values() if one.sale == sale)
        if world.happens(50):
            self._refund(pair, second)
        else:
            self._keep_both(pair, second)

    def _refund(self, pair: Duplicate, second: Sold) -> None:
        world, state = self.world, self.states[second.sale]
        is_back = second.back == second.paid
        refusal = "duplicate_decided" if state != "open" else "already_refunded" if is_back else ""
        ask = partial(refund_duplicate, world.school, pair.id, by=world.staff)
        done = world.ask("refund duplicate", ask, again="" if refusal else "duplicate_decided")
        if world.require("refund duplicate", done, refusal):
            self.states[second.sale] = "refunded"
            self._take_back(Duplicate.objects.select_related("refund").get(pk=pair.pk), second)

    def _keep_both(self, pair: Duplicate, second: Sold) -> None:
        world, state = self.world, self.states[second.sale]
        refusal = ""
        if state == "refunded" and not pair.is_certain:
            refusal = "duplicate_decided"
        elif state == "refunded" and not self._is_covered(second):
            refusal = "not_covered"
        done = world.ask("keep both", partial(keep_both, world.school, pair.id, by=world.staff))
        if world.require("keep both", done, refusal):
            self.states[second.sale] = "meant"
            if state == "refunded":
                self._charge_again(second)

    def _is_covered(self, sold: Sold) -> bool:
        wallet, _entitled, _carried = sold.paid
        return not wallet or self.world.books.wallet(sold.name) + self.world.school.grace_minor >= wallet

    def _charge_again(self, second: Sold) -> None:
        again = Duplicate.objects.select_related("charged_again").get(second=second.sale).charged_again
        assert again is not None
        paid = (again.wallet_minor, again.entitled_minor, again.carried_minor)
        self.world.require_same("charged again", paid, second.paid)
        told = (again.id, again.basket_id, second.name, again.settled_at, second.till, again.receipt_number)
        self.world.counts.sales += 1
        self.world.books.sell(Sold(*told, second.lines, paid, is_checked=True))
