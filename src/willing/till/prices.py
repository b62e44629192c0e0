"""The writer of prices in an open basket: those of the person shown, and back again.

A line keeps the price at which it was put in (`listed_minor`); what it costs now is `price_minor`. Where the
two differ, or the menu's price had changed when one more was put in (`was_minor`), the screen says so before
anybody presses Yes.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, QuerySet

from willing.core.prepared import Parameter, prepared
from willing.people.models import Person
from willing.till.menu_models import SpecialPrice
from willing.till.menu_rules import Priced, decide_price
from willing.till.models import Basket, BasketLine


@prepared
def _special_prices(basket: Parameter) -> QuerySet[SpecialPrice]:
    return SpecialPrice.objects.filter(product__basketline__basket=basket)


def take_prices_of(basket: Basket, lines: Sequence[BasketLine], person: Person) -> None:
    """Let a basket cost what it costs this person. `lines`: as `baskets.read_lines` has read them.

    Call with the basket locked.
    """
    take_prices(basket, lines, person.kind, person.year_group_id)


def take_prices(
    basket: Basket, lines: Sequence[BasketLine], kind: str, year_group_id: int | None = None
) -> None:
    """Let a basket cost what it costs people of a kind and class, likewise."""
    changed = []
    for line, price in zip(lines, prices_for(basket, lines, kind, year_group_id), strict=True):
        if price != line.price_minor:
            line.price_minor = price
            changed.append(line)
    if changed:
        BasketLine.objects.bulk_update(changed, ["price_minor"])


def prices_for(
    basket: Basket, lines: Sequence[BasketLine], kind: str, year_group_id: int | None = None
) -> list[int]:
    """Return what one of each line costs people of a kind and class; nothing changes.

    Where no product has a price for some (`has_special`, from the lines' query), nothing more is asked.
    """
    if not any(getattr(line, "has_special", False) for line in lines):
        return [line.price_minor for line in lines]
    special: dict[UUID, list[Priced]] = defaultdict(list)
    for one in _special_prices.all(basket=basket.pk):
        special[one.product_id].append(Priced(one.price_minor, one.kind, one.year_group_id))
    return [decide_price(one.listed_minor, special[one.product_id], kind, year_group_id) for one in lines]


def drop_prices_of_person(basket: Basket) -> None:
    """Let a basket cost again what it cost before anybody was shown."""
    BasketLine.objects.filter(basket=basket).exclude(price_minor=F("listed_minor")).update(
        price_minor=F("listed_minor")
    )
    basket.lines_read = None


def total_before_minor(lines: Sequence[BasketLine]) -> int | None:
    """Return the sum before the prices of some lines changed, or None where none did."""
    if all(line.price_before_minor is None for line in lines):
        return None
    return sum(
        line.quantity * (line.price_minor if line.price_before_minor is None else line.price_before_minor)
        for line in lines
    )
