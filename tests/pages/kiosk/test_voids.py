"""The last sale is voided on the cashier's half: offered to who made it, asked once, and only for a while."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_cashier import PIN, sign_on
from tests.pages.kiosk.test_screen import press, pupils_half, till_screen
from tests.support.clocks import stopped_at

from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import User
from willing.core.clock import now
from willing.credentials.staff_pins import set_own_pin
from willing.ledger.queries import available_minor
from willing.till.models import Sale

OFFER = "Void the last sale"


@pytest.fixture
def kim(cast: Any) -> User:
    user = add_user(cast.school, NewUser("kim", "unused pass phrase", "Kim", ("cashier",)))
    set_own_pin(user, PIN)
    return user


@pytest.fixture
def till(cast: Any, kim: User) -> Client:
    client = at(cast.till, cast)
    sign_on(client, kim)
    return client


def sell(till: Client, cast: Any, name: str = "Carl") -> Sale:
    press(till, "add", product=cast.meal.id)
    screen = press(till, "card", code=cast.cards[name])
    basket = re.findall(r'name="basket" value="([^"]+)"', screen)[0]
    press(till, "confirm", basket=basket)
    return Sale.objects.latest("receipt_number")


def ask(till: Client, sale: Sale) -> str:
    address = reverse("kiosk:void-sale", args=[sale.pk])
    return till.get(address, headers={"HX-Request": "true"}).content.decode()


def answer(till: Client, sale: Sale) -> Any:
    return till.post(reverse("kiosk:void-sale", args=[sale.pk]), headers={"HX-Request": "true"})


def test_the_cashier_is_asked_once_and_both_halves_then_say_that_it_is_done(till: Client, cast: Any) -> None:
    before = available_minor(cast.person("Carl"))
    sale = sell(till, cast)
    screen = till_screen(till)
    assert OFFER in screen
    assert OFFER not in pupils_half(screen)
    panel = ask(till, sale)
    assert f"Void receipt {sale.receipt_number}?" in panel
    assert "Pasta" in panel
    assert "Carl" not in panel
    done = answer(till, sale)
    assert done.headers["HX-Trigger"] == "panel-done"
    screen = done.content.decode()
    assert f"Receipt {sale.receipt_number} is voided." in pupils_half(screen)
    assert "Paid. Thank you!" not in screen
    assert OFFER not in screen
    assert available_minor(cast.person("Carl")) == before
    assert answer(till, sale).status_code == 200  # pressed twice
    assert available_minor(cast.person("Carl")) == before


def test_it_is_offered_to_nobody_but_who_sold_it_and_for_five_minutes(till: Client, cast: Any) -> None:
    sale = sell(till, cast)
    with stopped_at(now() + timedelta(minutes=4)):
        assert OFFER in till_screen(till)
    with stopped_at(now() + timedelta(minutes=6)):
        assert OFFER not in till_screen(till)
        assert "more than five minutes ago" in ask(till, sale)
    press(till, "cashier-off")
    assert OFFER not in till_screen(till)
    assert "Please sign on with your PIN first." in ask(till, sale)


def test_while_the_next_basket_is_filled_it_waits_and_is_gone_once_that_is_paid(
    till: Client, cast: Any
) -> None:
    first = sell(till, cast)
    assert OFFER not in press(till, "add", product=cast.extra.id)
    press(till, "cancel")
    assert OFFER in till_screen(till)
    sell(till, cast, "Ada")
    panel = ask(till, first)
    assert "Something was sold here since." in panel
    assert "Yes, void it" not in panel
    refused = answer(till, first)
    assert refused.headers["HX-Retarget"] == "#cashier-panel"
    assert "Something was sold here since." in refused.content.decode()


def test_a_sale_of_another_till_is_not_found(till: Client, cast: Any) -> None:
    sale = sell(till, cast)
    other = at(cast.other_till, cast)
    assert "We can&#x27;t find that receipt." in ask(other, sale)


def test_without_scripts_it_is_a_page_of_its_own(till: Client, cast: Any) -> None:
    sale = sell(till, cast)
    address = reverse("kiosk:void-sale", args=[sale.pk])
    page = till.get(address).content.decode()
    assert "<html" in page
    assert "Yes, void it" in page
    done = till.post(address, follow=True)
    assert "is voided" in done.content.decode()
