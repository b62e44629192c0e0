"""A dish that the person shown must not eat: on the cashier's half with the word, on the pupil's never."""

from typing import Any

import pytest
from django.test import Client
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press, pupils_half

from willing.allergens.actions import record_allergen
from willing.allergens.models import AllergenEvent
from willing.terminals.sign_ons import sign_on
from willing.till.declarations import NewDeclaration, declare, sign_menu
from willing.till.models import Basket, Sale
from willing.till.products import ProductDetails, add_to_menu


@pytest.fixture
def till(cast: Any) -> Client:
    """The till of a school that has signed its menu; Carl must not eat milk."""
    office = cast.user("office")
    rice = add_to_menu(cast.school, ProductDetails("Rice", 240, "meal", is_main_meal=True))
    declare(cast.meal, NewDeclaration(("milk",)), by=office)
    declare(cast.extra, NewDeclaration((), ("milk",)), by=office)
    declare(rice, NewDeclaration(), by=office)
    sign_menu(cast.school, by=office)
    record_allergen(cast.person("Carl"), "milk", by=office)
    return at(cast.till, cast)


def shown(till: Client, cast: Any, product: Any) -> str:
    press(till, "add", product=product.id)
    return press(till, "card", code=cast.cards["Carl"])


def confirm(till: Client) -> str:
    basket = Basket.objects.get(state="identified")
    return press(till, "confirm", basket=basket.pk, total=90)


def test_a_blocked_dish_has_the_word_the_way_out_and_the_safe_meal_on_one_half_only(
    till: Client, cast: Any
) -> None:
    screen = shown(till, cast, cast.meal)
    cashiers = screen.replace(pupils_half(screen), "")
    for said in ("Contains it", "Milk", "Take it out", "Safe today:", "Rice"):
        assert said in cashiers
        assert said not in pupils_half(screen)
    assert "I have checked it" not in screen
    assert "One moment, please" in pupils_half(screen)
    assert "Allergy" not in press(till, "void", product=cast.meal.id)


def test_what_may_contain_it_is_checked_by_the_cashier_who_is_on(till: Client, cast: Any) -> None:
    assert "sign on below first" in shown(till, cast, cast.extra)
    assert "One moment, please" in pupils_half(confirm(till))
    sign_on(cast.till, cast.user("cashier"))
    assert "I have checked it: safe" in till.get("/till/").content.decode()
    assert "Allergy" not in press(till, "allergen-checked", product=cast.extra.id)
    confirm(till)
    assert Sale.objects.get().total_minor == 90
    assert AllergenEvent.objects.get().user == cast.user("cashier")


def test_everything_that_is_not_certain_of_a_dish_is_named_before_it_is_checked(
    till: Client, cast: Any
) -> None:
    record_allergen(cast.person("Carl"), "=Crème fraîche", by=cast.user("office"))
    screen = shown(till, cast, cast.extra)
    assert "May contain it: <strong>Milk</strong>" in screen
    assert "On no list: nobody declares it: <strong>Crème fraîche</strong>" in screen


def test_serving_without_certainty_needs_a_reason(till: Client, cast: Any) -> None:
    shown(till, cast, cast.extra)
    sign_on(cast.till, cast.user("cashier"))
    press(till, "allergen-checked", product=cast.extra.id, answer="override", reason=" ")
    assert not AllergenEvent.objects.exists()
    press(till, "allergen-checked", product=cast.extra.id, answer="override", reason="plan allows traces")
    assert AllergenEvent.objects.get().reason == "plan allows traces"
    press(till, "allergen-checked", product="no id")
    assert AllergenEvent.objects.count() == 1
