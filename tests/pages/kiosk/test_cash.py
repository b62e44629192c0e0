"""Cash on the cashier's half: offered over an open drawer only, to visitors and staff, and to no pupil."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_cashier import PIN, sign_on
from tests.pages.kiosk.test_screen import press, pupils_half, till_screen
from tests.support.cash import open_till_drawer
from tests.support.log import facts_of

from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import User
from willing.core.errors import Refused
from willing.credentials.staff_pins import set_own_pin
from willing.drawers.queries import open_session_of
from willing.ledger.queries import available_minor
from willing.people.models import School
from willing.terminals.models import Way
from willing.till.menu_models import SpecialPrice
from willing.till.models import Sale
from willing.till.till_reports import till_report

OFFER = "Cash: visitor or staff"
CASH = re.compile(r"\bcash\b", re.IGNORECASE)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def till(cast: Any) -> Client:
    client = at(cast.till, cast)
    press(client, "add", product=cast.meal.id)
    return client


def panel(till: Client, name: str = "cash", **query: str) -> Any:
    return till.get(reverse(f"kiosk:{name}"), query, headers={**HTMX, "HX-Target": "cashier-panel"})


def take(till: Client, **sent: object) -> Any:
    shown = panel(till, buyer=str(sent.get("buyer", "visitor"))).content.decode()
    basket = re.findall(r'name="basket" value="([^"]+)"', shown)[0]
    due = re.findall(r'name="due" value="(\d+)"', shown)[0]
    data = {"basket": basket, "due": due, "buyer": "visitor", **sent}
    return till.post(reverse("kiosk:cash"), data, headers={**HTMX, "HX-Target": "screen"})


def test_a_visitor_pays_and_both_halves_say_the_change(till: Client, cast: Any) -> None:
    open_till_drawer(cast.till)
    assert OFFER in till_screen(till)
    shown = panel(till).content.decode()
    assert "Exactly £2.50" in shown
    assert "£5.00" in shown
    sold = take(till, key=500)
    assert sold.headers["HX-Trigger"] == "panel-done"
    screen = sold.content.decode()
    assert "Change: £2.50" in pupils_half(screen)
    assert "£2.50" in screen[: screen.index('class="pupil"')]
    assert "data-submit-after-seconds" not in screen  # change is counted out first
    sale = Sale.objects.get()
    assert (sale.way, sale.cash.tendered_minor, sale.person) == ("cash", 500, None)
    receipt = till.get(reverse("kiosk:show-receipt", args=[sale.pk]), headers=HTMX).content.decode()
    assert all(one in receipt for one in ("Receipt 1", "Pasta", "Paid in cash", "£5.00", "Change"))


def test_what_is_typed_is_read_as_the_currency_writes_it(till: Client, cast: Any) -> None:
    open_till_drawer(cast.till)
    take(till, amount="10,00")
    assert Sale.objects.get().cash.change_minor == 750


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"amount": "2.49"}, "That is less than the sum to pay."),
        ({"amount": "0"}, "That is less than the sum to pay."),
        ({"amount": "-5"}, "Please enter the sum that was handed over."),
        ({"amount": ""}, "Please enter the sum that was handed over."),
        ({"amount": "five"}, "Please enter the sum that was handed over."),
        ({"amount": "99999999999"}, "Please enter the sum that was handed over."),
        ({"key": "2.5"}, "Please enter the sum that was handed over."),
        ({"key": "9" * 10}, "Please enter the sum that was handed over."),
        ({"key": "9" * 40}, "Please enter the sum that was handed over."),
        ({"key": 500, "buyer": "pupil"}, "Please choose whether a visitor or a colleague pays."),
    ],
)
def test_what_is_no_payment_is_said_in_the_panel_and_nothing_is_sold(
    till: Client, cast: Any, sent: dict[str, object], said: str
) -> None:
    open_till_drawer(cast.till)
    answer = take(till, **sent)
    assert answer.headers["HX-Retarget"] == "#cashier-panel"
    assert said in answer.content.decode()
    assert not Sale.objects.exists()


def test_enter_in_the_field_never_presses_a_key(till: Client, cast: Any) -> None:
    """A browser without scripts presses the first button of the field's form."""
    open_till_drawer(cast.till)
    forms = panel(till).content.decode().split("<form")
    (with_field,) = (form for form in forms if 'name="amount"' in form)
    assert 'name="key"' not in with_field


def test_staff_see_their_price_before_they_pay(till: Client, cast: Any) -> None:
    open_till_drawer(cast.till)
    SpecialPrice.objects.create(product=cast.meal, kind="staff", price_minor=400)
    assert "Exactly £2.50" in panel(till).content.decode()
    assert "Exactly £4.00" in panel(till, buyer="staff").content.decode()
    take(till, buyer="staff", key=400)
    assert (Sale.objects.get().total_minor, Sale.objects.get().cash.buyer) == (400, "staff")


def test_where_small_coins_are_gone_the_panel_asks_for_coins_that_exist(till: Client, cast: Any) -> None:
    School.objects.update(country="CH", currency="CHF")
    cast.meal.__class__.objects.filter(pk=cast.meal.pk).update(price_minor=252)
    press(till, "cancel")
    press(till, "add", product=cast.meal.id)
    open_till_drawer(cast.till)
    take(till, key=250)
    assert (Sale.objects.get().total_minor, Sale.objects.get().cash.due_minor) == (252, 250)


def test_a_till_without_an_open_drawer_neither_offers_nor_takes_it(till: Client, cast: Any) -> None:
    assert OFFER not in till_screen(till)
    answer = panel(till)
    assert answer.headers["HX-Retarget"] == "#screen"
    assert "This till has no drawer" in answer.content.decode()


def test_no_screen_of_a_pupil_offers_cash(till: Client, cast: Any) -> None:
    """Not beside the ways, not while they say who they are or are known, not by a forged press."""
    open_till_drawer(cast.till)
    assert "cash" not in Way.values
    screens = [till_screen(till), *(press(till, "way", way=way) for way in ("card", "pin", "staff", "cash"))]
    assert OFFER not in screens[1] + screens[2] + screens[3]  # somebody is saying who they are
    screens.append(press(till, "card", code=cast.cards["Bo"]))
    assert OFFER not in screens[-1]
    for screen in screens:
        assert not CASH.search(pupils_half(screen))
    known = panel(till)
    assert "Exactly" not in known.content.decode()
    answer = till.post(reverse("kiosk:cash"), {"basket": "x", "due": "250", "key": "250"}, headers=HTMX)
    assert "Paid. Thank you!" not in answer.content.decode()
    assert not Sale.objects.exists()


def test_who_has_nothing_left_is_offered_no_cash_either(cast: Any) -> None:
    """A pupil whose extras are not covered is told to put them back, and nothing about money."""
    open_till_drawer(cast.till)
    till = at(cast.till, cast)
    press(till, "add", product=cast.extra.id)
    screen = press(till, "card", code=cast.cards["Bo"])
    basket = re.findall(r'name="basket" value="([^"]+)"', screen)[0]
    refused = press(till, "confirm", basket=basket)
    assert "The extras are not covered today." in refused
    assert not CASH.search(refused)


@pytest.fixture
def kim(cast: Any) -> User:
    user = add_user(cast.school, NewUser("kim", "unused pass phrase", "Kim", ("cashier",)))
    set_own_pin(user, PIN)
    return user


def count(till: Client, amount: str) -> str:
    return till.post(reverse("kiosk:count"), {"amount": amount}, headers=HTMX).content.decode()


def test_a_cashier_counts_without_learning_what_should_be_there(till: Client, cast: Any, kim: User) -> None:
    drawer = open_till_drawer(cast.till, 2000)
    assert "Count the drawer" not in panel(till, "cashier").content.decode()
    assert "Please sign on with your PIN before you count." in count(till, "20")
    sign_on(till, kim)
    assert "Count the drawer" in panel(till, "cashier").content.decode()
    take(till, key=250)
    said = panel(till, "count").content.decode() + count(till, "21.30")
    assert "£21.30" in said
    assert not any(told in said for told in ("22.50", "1.20", "2250"))
    session = open_session_of(drawer)
    assert session is not None
    assert (session.counted_minor, session.expected_minor, session.counted_by) == (2130, 2250, kim)
    (facts,) = facts_of("drawer.counted")
    assert (facts["by"], facts["counted"], facts["expected"]) == (kim.pk, 2130, 2250)


def test_a_cashier_reads_the_tills_own_x_without_the_sum_of_cash(till: Client, cast: Any, kim: User) -> None:
    open_till_drawer(cast.till, 2000)
    with pytest.raises(Refused, match="report_needs_sign_on"):
        till_report(cast.till)
    assert (
        "Please sign on with your PIN before you read the report." in panel(till, "report").content.decode()
    )
    sign_on(till, kim)
    assert "X report" in panel(till, "cashier").content.decode()
    assert "Nothing has been sold here yet." in panel(till, "report").content.decode()
    take(till, key=500)
    press(till, "receipt")
    press(till, "add", product=cast.meal.id)
    screen = press(till, "card", code=cast.cards["Ada"])
    basket = re.findall(r'name="basket" value="([^"]+)"', screen)[0]
    press(till, "confirm", basket=basket)
    said = " ".join(re.sub(r"<[^>]+>", " ", panel(till, "report").content.decode()).split())
    assert "Card or code 1 £2.50" in said
    assert "Cash 1 –" in said
    assert "Total 2 £2.50 Sums are without cash" in said
    assert not any(told in said for told in ("22.50", "20.00", "5.00")), "the drawer is counted blind"


@pytest.mark.parametrize("amount", ["", "x", "-1", "9" * 30, "1.2.3", "99999999999"])
def test_what_is_no_sum_is_no_count(till: Client, cast: Any, kim: User, amount: str) -> None:
    drawer = open_till_drawer(cast.till)
    sign_on(till, kim)
    assert "Please enter the sum that is in the drawer." in count(till, amount)
    session = open_session_of(drawer)
    assert session is not None
    assert session.counted_minor is None


def test_a_till_whose_drawer_is_closed_is_not_counted(till: Client, cast: Any, kim: User) -> None:
    sign_on(till, kim)
    assert "This till has no drawer" in count(till, "1")
    assert "Count the drawer" not in panel(till, "cashier").content.decode()


def test_without_scripts_both_are_pages_of_their_own(till: Client, cast: Any, kim: User) -> None:
    open_till_drawer(cast.till)
    sign_on(till, kim)
    page = till.get(reverse("kiosk:cash")).content.decode()
    assert "<html" in page
    basket = re.findall(r'name="basket" value="([^"]+)"', page)[0]
    sent = {"basket": basket, "due": "250", "buyer": "visitor", "amount": "3"}
    done = till.post(reverse("kiosk:cash"), sent, follow=True)
    assert "Change: £0.50" in done.content.decode()
    assert "<html" in till.get(reverse("kiosk:count")).content.decode()
    assert "£2.50" in till.post(reverse("kiosk:count"), {"amount": "2.50"}).content.decode()
    assert available_minor(cast.person("Carl")) == 2000


def test_a_void_says_how_much_is_handed_back_before_and_after(till: Client, cast: Any) -> None:
    kim = add_user(cast.school, NewUser("kim", "unused pass phrase", "Kim Reed", ("cashier",)))
    set_own_pin(kim, PIN)
    sign_on(till, kim)
    open_till_drawer(cast.till)
    take(till, key="500")
    address = reverse("kiosk:void-sale", args=[Sale.objects.get().pk])
    asked = till.get(address, headers={**HTMX, "HX-Target": "cashier-panel"}).content.decode()
    assert "Please hand back £2.50 from the drawer." in asked
    done = till.post(address, headers={**HTMX, "HX-Target": "screen"}).content.decode()
    assert "Receipt 1 is voided. £2.50 goes back in cash." in pupils_half(done)
