"""Colleagues change at the till with their PIN, beside what is being sold; presses bear the right name."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press, pupils_half, till_screen
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.meant import meant

from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import User
from willing.accounts.staff import disable_user
from willing.core.clock import now
from willing.credentials.staff_pins import set_own_pin
from willing.people.school import set_cashier_required
from willing.till.models import Basket, Sale

PIN = "4826"
ASKED = "One moment, please: the cashier signs on first."


@pytest.fixture
def kim(cast: Any) -> User:
    user = add_user(cast.school, NewUser("kim", "unused pass phrase", "Kim", ("cashier",)))
    set_own_pin(user, PIN)
    return user


@pytest.fixture
def till(cast: Any, kim: User) -> Client:
    return at(cast.till, cast)


def sign_on(till: Client, user: User, pin: str = PIN) -> str:
    return press(till, "cashier", user=user.pk, pin=pin)


def test_the_basket_says_who_is_on_and_the_panel_lists_who_may_be(till: Client, kim: User) -> None:
    assert "Cashier: nobody" in till_screen(till)
    panel = till.get(reverse("kiosk:cashier"), headers={"HX-Request": "true"}).content.decode()
    assert "Kim" in panel
    assert "Office" not in panel  # has a role for it, and no PIN
    assert 'id="screen"' not in panel
    answer = sign_on(till, kim)
    assert 'data-hx-swap-oob="true"' in answer
    assert "Cashier: Kim" in answer
    assert "Cashier: Kim" in till_screen(till)
    assert "Cashier: nobody" in press(till, "cashier-off")


def test_a_change_leaves_the_basket_and_the_pupil_where_they_are(till: Client, cast: Any, kim: User) -> None:
    press(till, "add", product=cast.meal.id)
    before = pupils_half(press(till, "card", code=cast.cards["Carl"]))
    sign_on(till, kim)
    basket = Basket.objects.get()
    assert (basket.state, basket.person) == ("identified", cast.person("Carl"))
    after = pupils_half(till_screen(till))
    assert "Hello, Carl" in before
    assert "Hello, Carl" in after
    press(till, "confirm", basket=basket.pk)
    assert Sale.objects.get().cashier == kim


def test_a_wrong_pin_is_said_in_the_panel_and_not_on_the_pupils_half(till: Client, kim: User) -> None:
    answer = sign_on(till, kim, "9999")
    assert "Name and PIN don&#x27;t match." in answer
    assert (
        f'value="{kim.pk}"\n                               required\n                               checked'
        in answer
    )
    assert "match" not in pupils_half(till_screen(till))
    for _ in range(4):
        answer = sign_on(till, kim, "9999")
    assert "locked for five minutes" in answer


@pytest.mark.parametrize("user", ["", "x", "0", "999999999", "9" * 40])
def test_what_is_no_cashier_is_answered_like_a_wrong_pin(till: Client, user: str) -> None:
    answer = till.post(reverse("kiosk:cashier"), {"user": user, "pin": PIN}, headers={"HX-Request": "true"})
    assert "Name and PIN don&#x27;t match." in answer.content.decode()


def test_without_scripts_it_is_a_page_of_its_own(till: Client, kim: User) -> None:
    page = till.get(reverse("kiosk:cashier")).content.decode()
    assert "<html" in page
    assert "Who is at the till?" in page
    answer = till.post(reverse("kiosk:cashier"), {"user": kim.pk, "pin": PIN})
    assert answer.headers["Location"] == reverse("kiosk:till")


def test_where_nobody_has_a_pin_the_panel_says_how_to_get_one(cast: Any) -> None:
    page = at(cast.till, cast).get(reverse("kiosk:cashier")).content.decode()
    assert "Nobody has a PIN for the till yet." in page


def test_presses_bear_the_name_of_who_signed_on_and_not_of_the_browsers_user(
    till: Client, cast: Any, kim: User
) -> None:
    sign_on(till, kim)
    press(till, "sold-out", sold_out=cast.extra.id)
    press(till, "sold-out", back=cast.extra.id)
    press(till, "add", product=cast.meal.id)
    press(till, "way", way="staff")
    press(till, "staff", person=cast.person("Carl").id)
    assert Basket.objects.get().identified_by == kim
    for event in ("product.sold_out_set", "product.sold_out_undone", "person.staff_identified"):
        assert facts_of(event)[-1]["by"] == kim.pk
    press(till, "cashier-off")
    press(till, "sold-out", sold_out=cast.extra.id)
    assert facts_of("product.sold_out_set")[-1]["by"] == cast.user("cashier").pk


def test_the_press_for_a_third_meal_is_recorded_once_with_who_pressed(
    till: Client, cast: Any, kim: User
) -> None:
    sign_on(till, kim)
    for _ in range(3):
        press(till, "add", product=cast.meal.id)
    press(till, "card", code=cast.cards["Carl"])
    for _ in range(2):
        press(till, "serve-meal")
    said = {"by": kim.pk, "terminal": str(cast.till.id), "meals": 3}
    assert facts_of("meal.further_served") == [said]


def test_presses_keep_a_cashier_on_and_silence_ends_it_on_the_screen(
    till: Client, cast: Any, kim: User
) -> None:
    begun = now()
    with stopped_at(begun):
        sign_on(till, kim)
    with stopped_at(begun + timedelta(minutes=10)):
        press(till, "add", product=cast.meal.id)
    with stopped_at(begun + timedelta(minutes=24)):
        assert "Cashier: Kim" in till_screen(till)  # looking keeps nobody on, but the press did
    with stopped_at(begun + timedelta(minutes=26)):
        assert "Cashier: nobody" in till_screen(till)


def test_who_is_disabled_is_off_at_the_next_look(till: Client, cast: Any, kim: User) -> None:
    sign_on(till, kim)
    disable_user(cast.school, kim.pk, by=cast.user("administrator"))
    assert "Cashier: nobody" in till_screen(till)
    panel = till.get(reverse("kiosk:cashier"), headers={"HX-Request": "true"}).content.decode()
    assert "Kim" not in meant(panel)


def test_another_signed_in_browser_begins_with_nobody(till: Client, cast: Any, kim: User) -> None:
    sign_on(till, kim)
    token = till.cookies["willing_till"].value
    till.post("/sign-out/")
    other = at(cast.other_till, cast)
    other.cookies["willing_till"] = token
    assert "Cashier: nobody" in till_screen(other)


def test_a_school_that_wants_a_name_says_so_and_takes_the_payment_after_the_pin(
    till: Client, cast: Any, kim: User
) -> None:
    set_cashier_required(cast.school, is_required=True)
    assert "Sign on to take payments." in press(till, "add", product=cast.meal.id)
    press(till, "card", code=cast.cards["Carl"])
    basket = Basket.objects.get()
    assert ASKED in pupils_half(press(till, "confirm", basket=basket.pk))
    sign_on(till, kim)
    assert "Receipt" in press(till, "confirm", basket=basket.pk)
    assert Sale.objects.get().cashier == kim
