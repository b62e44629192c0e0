"""A menu to begin with: put on the menu of a school that has none."""

from willing.accounts.models import User
from willing.core.comparison import fold_name
from willing.core.transactions import atomic
from willing.people.models import School
from willing.till.menu_models import Product
from willing.till.products import ProductDetails, add_to_menu
from willing.till.starter_menus import ANYWHERE, menu_of, price_in, read_menu


def starter_menu(school: School, name: str = "") -> list[ProductDetails]:
    """Return what a school may begin with, in its currency. name: a menu's; empty: that of its country.

    Raises LookupError where there is no menu of that name.
    """
    products = read_menu(name or menu_of(school.country))["product"]
    return [
        ProductDetails(
            one["name"],
            price_in(one, school.currency),
            one["category"],
            one["name_zh_hans"],
            is_main_meal=one.get("is_main_meal", False),
        )
        for one in products
    ]


def has_menu_of_its_country(school: School) -> bool:
    """Say whether the menu to begin with is made for the school's country, and not for schools anywhere."""
    return menu_of(school.country) != ANYWHERE


@atomic
def add_starter_menu(school: School, name: str = "", *, by: User | None = None) -> int:
    """Put it on the menu, but for names that are there already. Return how many products were new."""
    there = {fold_name(one) for one in Product.objects.filter(school=school).values_list("name", flat=True)}
    new = [one for one in starter_menu(school, name) if fold_name(one.name) not in there]
    for details in new:
        add_to_menu(school, details, by=by)
    return len(new)
