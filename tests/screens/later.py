"""Change the school that is photographed, so that a page is seen otherwise; print who signed in anew.

`python -m tests.screens.later settled|bare`, in a process of its own with $WILLING_HOME of that school.
"""

import json
import sys

from tests.journeys.seed import sign_in

from willing.accounts.models import User
from willing.allergens.actions import remove_allergen
from willing.allergens.queries import allergens_of
from willing.biometrics.school_policy import decide_kinds
from willing.ops.reach import Reach
from willing.people.models import Person, School
from willing.people.school import note_address_test
from willing.till.declarations import NewDeclaration, declare, sign_menu
from willing.till.menu_models import Product, SpecialPrice


def settled(school: School, by: User) -> None:
    """Let the menu be signed, a class pay less, a card open a face, and the address have been tested."""
    ana = Person.objects.get(given_name="Ana")
    on_sale = Product.objects.filter(school=school, is_on_sale=True)
    for product in on_sale.filter(declaration=None):
        declare(product, NewDeclaration(), by=by)
    sign_menu(school, by=by)
    for product in on_sale.filter(is_main_meal=True)[:2]:
        SpecialPrice.objects.create(product=product, year_group=ana.year_group, price_minor=180)
    for entry in allergens_of(ana):
        if entry.allergen == "=Kiwi":  # no dish is known to be free of what is on no list
            remove_allergen(ana, entry.pk, by=by)
    decide_kinds(school, "both", by=by)
    note_address_test(school, Reach.NAME_REFUSED)


def bare(school: School, by: User) -> None:
    """Let nothing be on sale today."""
    Product.objects.filter(school=school).update(is_on_sale=False)


if __name__ == "__main__":
    everybody = User.objects.get(username="all")
    {"settled": settled, "bare": bare}[sys.argv[1]](School.objects.get(), everybody)
    json.dump({"staff": sign_in(everybody)}, sys.stdout)
