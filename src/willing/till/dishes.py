"""Reads: what the menu holds for persons who must not eat something."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from willing.allergens.models import PersonAllergen
from willing.allergens.queries import persons_with_allergens
from willing.allergens.rules import Declared, DishDecision, DishVerdict, decide_dish, is_worse
from willing.allergens.table import folded, split
from willing.people.models import Person, School
from willing.people.queries import day_bounds, today
from willing.till.declaration_models import Declaration
from willing.till.menu import sold_on
from willing.till.menu_models import Product


def declared(held: Declaration | None, day: date | None) -> Declared | None:
    """Return what a declaration says, for `rules.decide_dish`. day: None takes it for signed."""
    if held is None:
        return None
    contains, may = (
        frozenset(folded(one) for one in split(text)) for text in (held.contains, held.may_contain)
    )
    return Declared(contains, may, is_signed=day is None or held.is_signed_for(day))


def menu_with_declarations(school: School, day: date) -> list[Product]:
    """Return what is sold on a day, with what is declared of it."""
    rows = Product.objects.filter(school=school, is_on_sale=True).select_related("declaration")
    return sold_on(school, rows, day)


def count_unsigned(school: School) -> int:
    """Return how many products of today's menu nobody has signed for the day, undeclared ones among them."""
    day = today(school)
    held = [one.declaration for one in menu_with_declarations(school, day)]
    return sum(one is None or not one.is_signed_for(day) for one in held)


def safe_meals(school: School, needs: frozenset[str]) -> list[Product]:
    """Return the main meals of today that a till serves a person with these needs without a question."""
    day = today(school)
    meals = [
        one for one in menu_with_declarations(school, day) if one.is_main_meal and one.sold_out_on != day
    ]
    return [one for one in meals if _verdict(needs, one.declaration, day) is DishVerdict.SERVE]


def _verdict(needs: frozenset[str], held: Declaration | None, day: date | None) -> DishVerdict:
    return decide_dish(needs, declared(held, day)).verdict


@dataclass(frozen=True)
class Unfed:
    """A person for whom no main meal of the day is declared as safe. checkable: what a check might allow."""

    person: Person
    needs: tuple[str, ...]
    checkable: tuple[Product, ...]


def without_safe_meal(school: School, day: date | None = None) -> list[Unfed]:
    """Return who has no safe main meal on a day's menu, once it is signed; before service, for the kitchen.

    day: None for today. Nothing where no main meal is sold on it at all: then there is no lunch.
    """
    day = day or today(school)
    meals = [
        one for one in menu_with_declarations(school, day) if one.is_main_meal and one.sold_out_on != day
    ]
    found = []
    for person, entries in persons_with_allergens(school) if meals else []:
        needs = frozenset(folded(one.allergen) for one in entries)
        verdicts = {one: _verdict(needs, one.declaration, None) for one in meals}
        if DishVerdict.SERVE not in verdicts.values():
            checkable = tuple(one for one in meals if verdicts[one] is DishVerdict.CHECK)
            found.append(Unfed(person, tuple(one.allergen for one in entries), checkable))
    return found


@dataclass(frozen=True)
class Concerned:
    """A change of a dish made today, and whom it concerns: they could eat it before, or nobody knew."""

    product: Product
    declaration: Declaration
    persons: tuple[tuple[Person, DishDecision], ...]


def concerned_today(school: School) -> list[Concerned]:
    """Return what was declared anew today, as it is declared now, each with the persons whom it concerns."""
    begin, end = day_bounds(school, today(school))
    of_today = {"declaration__declared_at__gte": begin, "declaration__declared_at__lt": end}
    rows = Product.objects.filter(school=school, is_on_sale=True, **of_today).select_related(
        "declaration__user"
    )
    changed = [(one, one.declaration) for one in rows if one.declaration is not None]
    before = _last_before(school, [one.pk for one, _now in changed], begin)
    people = persons_with_allergens(school) if changed else []
    return [Concerned(one, new, _whom(people, before.get(one.pk), new)) for one, new in changed]


def _last_before(school: School, product_ids: Sequence[UUID], begin: datetime) -> dict[UUID, Declaration]:
    """Return how each product was declared when the day began."""
    rows = Declaration.objects.filter(product__in=product_ids, product__school=school, declared_at__lt=begin)
    return {one.product_id: one for one in rows.order_by("declared_at", "id")}


def _whom(
    people: Sequence[tuple[Person, list[PersonAllergen]]], before: Declaration | None, after: Declaration
) -> tuple[tuple[Person, DishDecision], ...]:
    old, new = declared(before, None), declared(after, None)
    assert new is not None
    found = []
    for person, entries in people:
        needs = frozenset(folded(one.allergen) for one in entries)
        if is_worse(needs, old, new):
            found.append((person, decide_dish(needs, new)))
    return tuple(found)
