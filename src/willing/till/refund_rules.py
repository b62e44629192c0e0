"""What of a sale goes back to whom. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from willing.till.rules import Payer

# What was asked last when the sale was paid is refunded first, so that what is left is paid as if only
# the rest had been bought: the entitlement as far as it goes, then the wallet, then the school.
ORDER = (Payer.CARRIED, Payer.WALLET, Payer.ENTITLEMENT, Payer.CASH)


@dataclass(frozen=True)
class Paid:
    """A transfer of a sale: who paid for what a category sold, and what is left of it, in minor units."""

    transfer: UUID
    payer: Payer
    category: str
    left_minor: int


@dataclass(frozen=True)
class Back:
    """What goes back of one transfer."""

    paid: Paid
    amount_minor: int


def decide_refund(paid: Sequence[Paid], due_minor: Mapping[str, int]) -> list[Back]:
    """Return what goes back of each transfer, where so much of each category is refunded.

    A category's money comes from its own transfers, in ORDER. Where they do not reach, because the menu has
    moved a product to another category since, the other categories' give the rest, in the same order.
    """
    left = {one.transfer: one.left_minor for one in paid}
    given: dict[UUID, int] = {}
    ordered = sorted(paid, key=lambda one: (ORDER.index(one.payer), one.category, one.transfer))
    rest = 0
    for category, due in sorted(due_minor.items()):
        own = [one for one in ordered if one.category == category]
        rest += _take(own, due, left, given)
    rest = _take(ordered, rest, left, given)
    assert rest == 0, "no more goes back than was paid"
    return [Back(one, given[one.transfer]) for one in ordered if given.get(one.transfer)]


def _take(paid: Sequence[Paid], due: int, left: dict[UUID, int], given: dict[UUID, int]) -> int:
    """Take a sum from transfers, one after the other; return what they did not have."""
    for one in paid:
        amount = min(due, left[one.transfer])
        if amount:
            left[one.transfer] -= amount
            given[one.transfer] = given.get(one.transfer, 0) + amount
            due -= amount
    return due
