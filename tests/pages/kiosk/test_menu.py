"""The menu at the till: tabs, favourites, sold out, one line, put aside."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press, till_screen
from tests.support.statements import require_at_most, statements
from tests.support.till import pay

from willing.till.menu_models import Product
from willing.till.models import Basket
from willing.till.products import ProductDetails, add_to_menu, change_product

SCREEN = 20


@pytest.fixture
def till(cast: Any) -> Client:
    """A paired till with a cashier."""
    client: Client = at(cast.till, cast)
    return client


@pytest.fixture
def long_menu(cast: Any) -> list[Product]:
    """Thirty-six products: one pinned, one in green."""
    kinds = ("meal", "side", "drink", "shop")
    made = [add_to_menu(cast.school, ProductDetails(f"Thing {n}", 100 + n, kinds[n % 4])) for n in range(34)]
    change_product(made[5], ProductDetails("Thing 5", 105, "side", is_pinned=True, colour="green"))
    return made


def groups(screen: str) -> dict[str, list[str]]:
    """Return the names of the products of each group of the menu."""
    found = {}
    for part in screen.split('data-group="')[1:]:
        names = re.findall(r'product-name">([^<]+)<', part.split("</fieldset>")[0])
        found[part.split('"')[0]] = names
    return found


def test_a_short_menu_is_on_one_screen_without_tabs(till: Client) -> None:
    screen = till_screen(till)
    assert groups(screen) == {"meal": ["Pasta"], "drink": ["Juice"]}
    assert "data-menu-search" not in screen


def test_a_long_menu_has_tabs_a_search_and_its_favourites_first(
    till: Client, cast: Any, long_menu: list[Product]
) -> None:
    for _ in range(2):
        pay(cast, "Carl", long_menu[2])
    for product in (cast.extra, long_menu[8]):
        pay(cast, "Carl", product)
    cache.clear()
    screen = till_screen(till)
    at_hand = groups(screen)["favourite"]
    assert at_hand[:2] == ["Thing 5", "Thing 2"]
    assert set(at_hand[2:]) == {"Juice", "Thing 8"}
    assert re.findall(r'class="tab" type="button" data-tab="(\w+)"', screen) == [
        "favourite",
        "meal",
        "side",
        "drink",
        "shop",
    ]
    assert "tint-green" in screen
    assert 'data-found-by="juice 果汁' in screen


def test_a_long_menu_stays_within_the_screens_budget(till: Client, long_menu: list[Product]) -> None:
    press(till, "add", product=long_menu[0].pk)
    press(till, "park")
    press(till, "add", product=long_menu[1].pk)
    with statements() as counted:
        till_screen(till)
    require_at_most(SCREEN, counted)


def test_a_cashier_marks_what_is_sold_out_and_takes_it_back_in_one_press(till: Client, cast: Any) -> None:
    assert 'name="sold_out"' not in till_screen(till)
    assert 'name="sold_out"' in press(till, "marking", marking="on")
    screen = press(till, "sold-out", sold_out=cast.meal.pk)
    assert "Sold out: put back" in screen
    assert 'name="back"' in press(till, "marking", marking="off")
    assert "This is marked as sold out today." in press(till, "add", product=cast.meal.pk)
    screen = press(till, "sold-out", back=cast.meal.pk)
    assert "Pasta is on sale again." in screen
    assert 'data-stage="choose"' in press(till, "add", product=cast.meal.pk)


@pytest.mark.parametrize("name", ["sold-out", "void", "take-back", "discard"])
def test_a_press_that_names_nothing_is_answered_with_a_line(till: Client, name: str) -> None:
    for field in ("product", "basket", "back", "sold_out"):
        assert 'class="notice' in press(till, name, **{field: "nonsense"})


def test_a_line_is_made_more_less_and_void(till: Client, cast: Any) -> None:
    for _ in range(3):
        screen = press(till, "add", product=cast.meal.pk)
    press(till, "add", product=cast.extra.pk)
    assert "× 3" in screen
    assert "× 2" in press(till, "remove", product=cast.meal.pk)
    screen = press(till, "void", product=cast.meal.pk)
    assert "Remove Pasta" not in screen
    assert "Remove Juice" in screen


def test_a_basket_is_put_aside_and_taken_back(till: Client, cast: Any) -> None:
    press(till, "add", product=cast.meal.pk)
    screen = press(till, "park")
    assert 'data-stage="empty"' in screen
    assert "1 put aside" in screen
    assert "£2.50" in screen
    basket = Basket.objects.get()
    assert 'data-stage="choose"' in press(till, "take-back", basket=basket.pk)
    press(till, "park")
    assert "put aside" not in press(till, "discard", basket=basket.pk).lower().replace(
        "put aside</button>", ""
    )
    assert Basket.objects.get().state == "cancelled"


def test_a_free_item_is_called_free(till: Client, cast: Any) -> None:
    add_to_menu(cast.school, ProductDetails("Bread", 0, "side"))
    assert "Free" in till_screen(till)


def test_a_price_that_changes_with_who_pays_is_said_before_yes(till: Client, cast: Any) -> None:
    from willing.till.menu_rules import Priced

    special = (Priced(200, kind="pupil"),)
    change_product(cast.meal, ProductDetails("Pasta", 250, "meal", is_main_meal=True, special=special))
    press(till, "add", product=cast.meal.pk)
    screen = press(till, "card", code=cast.cards["Carl"])
    assert "A price has changed. The total was £2.50 before." in re.sub(r"\s+", " ", screen)
    assert "£2.50 before, now £2.00" in screen
    assert 'data-stage="paid"' in press(till, "confirm", basket=Basket.objects.get().pk)


def test_every_press_keeps_to_the_till(cast: Any) -> None:
    for name in ("park", "take-back", "discard", "marking", "sold-out", "void"):
        assert Client().post(reverse(f"kiosk:{name}")).status_code == 302
