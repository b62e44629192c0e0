"""Reads: today's menu as it is for one person, as their page and their guardians' pages show it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from willing.allergens.queries import needs_of
from willing.allergens.rules import DishDecision, DishVerdict, decide_dish
from willing.people.models import Person
from willing.people.queries import today
from willing.people.school_days import is_school_day
from willing.till.dishes import declared, menu_with_declarations
from willing.till.menu_models import Product, SpecialPrice
from willing.till.menu_rules import Priced, decide_price


@dataclass(frozen=True)
class Dish:
    """One product of today's menu: what it costs the person, and what a till does with it for them."""

    product: Product
    price_minor: int
    is_sold_out: bool
    decision: DishDecision


@dataclass(frozen=True)
class MenuOfPerson:
    """Today's menu for one person; empty on a day without school. has_needs: there is something to avoid."""

    is_school_day: bool
    has_needs: bool = False
    is_signed: bool = True
    meals: Sequence[Dish] = ()
    others: Sequence[Dish] = ()

    @property
    def safe(self) -> list[Product]:
        """The main meals that a till serves the person without a question, as `dishes.safe_meals`."""
        return [
            one.product
            for one in self.meals
            if one.decision.verdict is DishVerdict.SERVE and not one.is_sold_out
        ]


def menu_of_person(person: Person) -> MenuOfPerson:
    """Return today's menu for a person: at their price, with what of it is held back because of allergens."""
    school, day = person.school, today(person.school)
    if not is_school_day(school, day):
        return MenuOfPerson(is_school_day=False)
    menu, needs = menu_with_declarations(school, day), needs_of(person.pk)
    special = _special_prices(person, menu)
    dishes = [
        Dish(
            one,
            decide_price(one.price_minor, special[one.pk], person.kind, person.year_group_id),
            one.sold_out_on == day,
            decide_dish(needs, declared(one.declaration, day)),
        )
        for one in menu
    ]
    return MenuOfPerson(
        is_school_day=True,
        has_needs=bool(needs),
        is_signed=all(one.declaration is not None and one.declaration.is_signed_for(day) for one in menu),
        meals=[one for one in dishes if one.product.is_main_meal],
        others=[one for one in dishes if not one.product.is_main_meal],
    )


def _special_prices(person: Person, menu: Sequence[Product]) -> dict[UUID, list[Priced]]:
    theirs = Q(kind=person.kind) | Q(year_group__isnull=False, year_group=person.year_group_id)
    found: defaultdict[UUID, list[Priced]] = defaultdict(list)
    for one in SpecialPrice.objects.filter(theirs, product__in=menu):
        found[one.product_id].append(Priced(one.price_minor, one.kind, one.year_group_id))
    return found
