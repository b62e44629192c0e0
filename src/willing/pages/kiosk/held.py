"""Dishes that the person shown must not eat, as the cashier's half says it; no other half does."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from willing.allergens.wording import doubts_in_words
from willing.till.allergen_checks import held_dishes, needs_read_with
from willing.till.dishes import safe_meals
from willing.till.menu_models import Product
from willing.till.models import Basket


@dataclass(frozen=True)
class HeldShown:
    """A dish that is held back, as the cashier reads it. doubts: each cause and its allergens, in words."""

    product_id: UUID
    name: str
    is_blocked: bool
    doubts: Sequence[tuple[str, str]]


def held_shown(basket: Basket) -> list[HeldShown]:
    """Return what of a basket is held back for the person shown, in the cashier's language."""
    person_id = basket.person_id
    if person_id is None:
        return []
    return [
        HeldShown(
            one.line.product_id, one.line.label, one.is_blocked, doubts_in_words(one.decision, person_id)
        )
        for one in held_dishes(basket)
    ]


def safe_meals_for(basket: Basket) -> Sequence[Product]:
    """Return the main meals of today that the person shown can have without a question."""
    return safe_meals(basket.terminal.school, needs_read_with(basket))
