"""Today's menu on the page of a child and of a pupil, and what is left of each limit."""

import re
from typing import Any

import pytest
from django.test import Client
from tests.support.signing import sign_in
from tests.support.till import give_face, pay, pay_by_face

from willing.allergens.actions import record_allergen
from willing.allergens.queries import needs_of
from willing.people.models import Person, School
from willing.people.queries import today
from willing.till.declarations import NewDeclaration, declare, sign_menu
from willing.till.dishes import safe_meals
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.till.menu_models import Product, SpecialPrice
from willing.till.menu_of_person import menu_of_person
from willing.till.products import ProductDetails, add_to_menu, mark_sold_out

ME = "/family/me/"


def where(person: Person) -> str:
    return f"/family/child/{person.id}/"


def page(client: Client, address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(address).content.decode()).split())


def menu(client: Client, address: str) -> str:
    """Return what the card with the menu says."""
    text = client.get(address).content.decode()
    card = text.split('id="menu-title"')[1].split("</section>", 1)[0].split(">", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", card).split())


@pytest.fixture
def gus(cast: Any) -> Client:
    return sign_in(Client(), cast.user("guardian"))


@pytest.fixture
def carl(cast: Any) -> Client:
    return sign_in(Client(), cast.user("pupil"))


def test_a_guardian_and_a_pupil_read_todays_dishes_at_the_childs_price(
    cast: Any, gus: Client, carl: Client
) -> None:
    cake = add_to_menu(cast.school, ProductDetails("Plum cake", 130, "side"))
    SpecialPrice.objects.create(product=cast.meal, kind="pupil", price_minor=199)
    SpecialPrice.objects.create(product=cake, kind="staff", price_minor=310)
    mark_sold_out(cake)
    for client, address in ((gus, where(cast.person("Ada"))), (carl, ME)):
        text = menu(client, address)
        assert "Pasta £1.99" in text
        assert "Plum cake Sold out today £1.30" in text
        assert "Safe today" not in text, "nothing is held back for them"
        assert "signed" not in text


def test_the_menu_says_of_each_dish_what_the_till_will_say(cast: Any, gus: Client, carl: Client) -> None:
    office = cast.user("office")
    rice = add_to_menu(cast.school, ProductDetails("Rice", 240, "meal", is_main_meal=True))
    soup = add_to_menu(cast.school, ProductDetails("Soup", 180, "side"))
    for name in ("Ada", "Carl"):
        record_allergen(cast.person(name), "milk", by=office, basis="care_plan")
    both = ((gus, where(cast.person("Ada"))), (carl, ME))
    for client, address in both:
        assert "Pasta Allergens not known: Milk" in menu(client, address)
        assert "No main meal of today is known to be safe yet" in menu(client, address)
    declare(cast.meal, NewDeclaration(("milk",)), by=office)
    declare(soup, NewDeclaration((), ("milk",)), by=office)
    declare(rice, NewDeclaration(), by=office)
    for client, address in both:
        assert "Rice Not signed for today: Milk" in menu(client, address)
        assert "The kitchen has not yet signed" in menu(client, address)
    sign_menu(cast.school, by=office)
    for client, address in both:
        text = menu(client, address)
        assert "Pasta Contains it: Milk" in text
        assert "Soup May contain it: Milk" in text
        assert "Rice £2.40" in text
        assert "Safe today: Rice" in text
    assert menu_of_person(cast.person("Ada")).safe == safe_meals(cast.school, needs_of(cast.person("Ada").pk))
    mark_sold_out(rice)
    assert "Safe today" not in menu(carl, ME)


def test_a_day_without_school_and_one_without_a_menu_say_so(cast: Any, carl: Client) -> None:
    Product.objects.filter(is_main_meal=True).update(is_on_sale=False)
    add_to_menu(cast.school, ProductDetails("Water", 60, "drink"))
    assert "No main meal is on today's menu." in menu(carl, ME).replace("&#x27;", "'")
    Product.objects.update(is_on_sale=False)
    assert "Nothing is on today's menu." in menu(carl, ME).replace("&#x27;", "'")
    others = "".join(str(one) for one in range(1, 8) if one != today(cast.school).isoweekday())
    School.objects.update(weekdays=others)
    assert menu(carl, ME).endswith("There is no school today.")


def test_no_other_child_is_shown_and_the_menu_is_in_the_readers_language(cast: Any, gus: Client) -> None:
    assert gus.get(where(cast.person("Nia"))).status_code == 409
    gus.cookies["django_language"] = "zh-hans"
    assert "今日菜单" in page(gus, where(cast.person("Ada")))


def test_what_is_left_of_each_limit_is_what_the_till_has_left(cast: Any, gus: Client) -> None:
    give_face(cast, "Ada")
    set_limits(cast.person("Ada"), NewLimits(1000, 600, 500, 2000), by=cast.guardian("Gus"))
    address = where(cast.person("Ada"))
    assert "£10.00 · set by you £10.00 left today" in page(gus, address)
    pay(cast, "Ada")
    pay_by_face(cast, "Ada")
    text = page(gus, address)
    assert "together £10.00 · set by you £5.00 left today" in text
    assert "together £20.00 · set by you £15.00 left this week" in text
    assert "face alone £6.00 · set by you £3.50 left today" in text
    assert "One purchase, all ways to pay £5.00 · set by you A day" in text, "nothing is used up of it"
