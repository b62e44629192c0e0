"""What the two halves show, and what they never show."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.pages.kiosk.test_access import at

from willing.biometrics.models import FaceSession
from willing.terminals.actions import NewTerminal, add_terminal
from willing.till.baskets import show_basket
from willing.till.menu_models import Product
from willing.till.models import Basket, Sale


def till_screen(client: Client) -> str:
    """Return the screen as it is."""
    return client.get(reverse("kiosk:screen"), headers={"HX-Request": "true"}).content.decode()


def press(client: Client, name: str, **data: object) -> str:
    """Press a button as htmx does and return the screen. "Yes" says which sum was on it."""
    if name == "confirm":
        shown = till_screen(client)
        data.setdefault("total", re.findall(r'name="total" value="(\d+)"', shown)[0])
    answer = client.post(reverse(f"kiosk:{name}"), data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def pupils_half(screen: str) -> str:
    """Return the part of a screen that the pupil looks at."""
    return screen[screen.index('class="pupil"') :]


@pytest.fixture
def till(cast: Any) -> Client:
    """A till with a meal in the basket."""
    client = at(cast.till, cast)
    press(client, "add", product=cast.meal.id)
    return client


def test_a_press_answers_with_both_halves(till: Client, cast: Any) -> None:
    screen = press(till, "add", product=cast.extra.id)
    assert screen.lstrip().startswith('<div class="till"')
    assert "£3.40" in screen
    assert "How would you like to pay?" in screen


def test_without_htmx_a_press_leads_back_to_the_till_with_its_notice(till: Client) -> None:
    answer = till.post(reverse("kiosk:card"), {"code": "NOTACARD"}, follow=True)
    assert answer.redirect_chain == [(reverse("kiosk:till"), 302)]
    assert "This card or code is not recognised." in answer.content.decode()
    assert "This card or code is not recognised." not in till.get(reverse("kiosk:till")).content.decode()


def test_the_page_may_ask_for_the_camera_and_no_other_page_may(till: Client) -> None:
    assert "camera=(self)" in till.get(reverse("kiosk:till")).headers["Permissions-Policy"]
    for other in ("kiosk:screen", "kiosk:pair", "account_login"):
        assert "camera=()" in till.get(reverse(other)).headers["Permissions-Policy"], other


def test_the_pupils_half_never_shows_a_family_name_a_balance_or_a_debt(till: Client, cast: Any) -> None:
    screen = press(till, "card", code=cast.cards["Bo"])  # Bo has no money at all
    assert "Hello, Bo" in pupils_half(screen)
    assert "Broke" not in screen
    basket = show_basket(cast.till)
    assert basket is not None
    screen = press(till, "confirm", basket=basket.id)
    assert "Paid. Thank you!" in pupils_half(screen)
    for word in ("Broke", "balance", "owe", "debt", "-£", "£0"):
        assert word not in pupils_half(screen), word


def test_a_free_or_unpaid_meal_looks_like_any_other(cast: Any) -> None:
    client = at(cast.till, cast)
    seen = []
    for name in ("Carl", "Bo"):
        press(client, "add", product=cast.meal.id)
        press(client, "card", code=cast.cards[name])
        basket = show_basket(cast.till)
        assert basket is not None
        screen = press(client, "confirm", basket=basket.id)
        number = Sale.objects.get(basket=basket).receipt_number
        seen.append(pupils_half(screen).replace(f"Receipt {number}", "Receipt"))
    tokens = [part.split('name="csrfmiddlewaretoken" value="')[0] for part in seen]
    assert tokens[0] == tokens[1]


def test_a_pin_shows_name_and_year_to_the_cashier_only(till: Client, cast: Any) -> None:
    carl = cast.person("Carl")
    screen = press(till, "pin", number=carl.till_number, pin=cast.pins["Carl"])
    assert "Cardholder" in screen
    assert "7A" in screen
    assert "Cardholder" not in pupils_half(screen)


def test_a_wrong_pin_keeps_the_keypad_and_tells_nothing(till: Client, cast: Any) -> None:
    press(till, "way", way="pin")
    known = press(till, "pin", number=cast.person("Carl").till_number, pin="0000")
    unknown = press(till, "pin", number="999999", pin="0000")
    odd = press(till, "pin", number="²", pin="")
    for screen in (known, unknown, odd):
        assert 'data-stage="pin"' in screen
        assert "Number and PIN don&#x27;t match." in screen


def test_the_look_up_answers_only_while_the_pupil_asked_staff(till: Client) -> None:
    address = reverse("kiosk:people")
    assert "Cardholder" not in till.get(address, {"text": "carl"}).content.decode()
    press(till, "way", way="staff")
    assert "Cardholder" in till.get(address, {"text": "carl"}).content.decode()
    assert "Cardholder" not in till.get(address, {"text": "c"}).content.decode()


def test_extras_that_are_not_covered_are_put_back_without_asking_who_it_is_again(cast: Any) -> None:
    client = at(cast.till, cast)
    press(client, "add", product=cast.meal.id)
    press(client, "add", product=cast.extra.id)
    press(client, "card", code=cast.cards["Bo"])
    basket = show_basket(cast.till)
    assert basket is not None
    refused = press(client, "confirm", basket=basket.id)
    assert "The extras are not covered today." in pupils_half(refused)
    assert "Hello, Bo" in pupils_half(refused)
    assert "£2.50" in pupils_half(press(client, "remove", product=cast.extra.id))
    assert "Paid. Thank you!" in press(client, "confirm", basket=basket.id)


def test_putting_everything_back_forgets_who_was_shown(till: Client, cast: Any) -> None:
    press(till, "card", code=cast.cards["Carl"])
    assert "Carl" not in press(till, "remove", product=cast.meal.id)
    basket = Basket.objects.get()
    assert (basket.state, basket.person) == (Basket.State.OPEN, None)


@pytest.mark.face
def test_one_press_opens_one_look_and_a_new_press_ends_the_one_before(till: Client) -> None:
    first = press(till, "way", way="face", press="one")
    assert 'data-press="one"' in first
    assert 'data-press="one"' in press(till, "way", way="face", press="one")
    assert FaceSession.objects.count() == 1
    press(till, "way", way="face", press="two")
    assert sorted(FaceSession.objects.values_list("state", flat=True)) == ["open", "stopped"]
    press(till, "way", way="card")
    assert not FaceSession.objects.filter(state="open").exists()


@pytest.mark.face
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("cancelled", "How would you like to pay?"),
        ("timeout", "The camera could not be sure."),
        ("camera_refused", "The camera is blocked in this browser."),
        ("camera_missing", "There is no camera here."),
        ("camera_busy", "The camera is in use by another program."),
        ("camera_lost", "The camera was unplugged."),
        ("network", "because the server did not answer"),
        ("hidden", "because this page was hidden"),
        ("<script>", "How would you like to pay?"),
    ],
)
def test_every_end_of_a_look_has_its_words_and_leads_to_the_ways(
    till: Client, reason: str, words: str
) -> None:
    press(till, "way", way="face", press="one")
    session = FaceSession.objects.get()
    answer = till.post(
        reverse("kiosk:close", args=[session.pk]), {"reason": reason}, headers={"HX-Request": "true"}
    )
    screen = answer.content.decode()
    assert 'data-stage="choose"' in screen
    assert words in screen
    assert "<script>" not in screen
    session.refresh_from_db()
    assert (session.state, session.person) == ("stopped", None)


def test_stopping_the_face_asks_once_and_leads_on(till: Client, cast: Any) -> None:
    press(till, "card", code=cast.cards["Ada"])
    assert "Stop using your face?" in press(till, "stop")
    assert "Hello, Ada" in press(till, "stop", answer="keep")
    press(till, "stop")
    stopped = press(till, "stop", answer="stop")
    assert "Your face has been deleted." in stopped
    assert "Hello, Ada" in stopped  # the card said who she is; the card still does


def test_cancelling_clears_both_halves(till: Client) -> None:
    press(till, "way", way="card")
    assert 'data-stage="empty"' in press(till, "cancel")
    assert Basket.objects.get().state == Basket.State.CANCELLED


def test_a_scan_is_a_product_or_else_a_card(till: Client, cast: Any) -> None:
    assert "Juice" in press(till, "scan", code="4006381333931")
    assert "Hello, Carl" in press(till, "scan", code=cast.cards["Carl"])
    assert "Press “Not me” first" in press(till, "scan", code="4006381333931")


def test_a_product_of_no_school_or_off_the_menu_is_refused(till: Client, cast: Any) -> None:
    Product.objects.filter(pk=cast.extra.pk).update(is_on_sale=False)
    for product in (cast.extra.id, "not-an-id", ""):
        assert "This is not on the menu." in press(till, "add", product=product)


def test_a_till_without_a_face_way_shows_no_face_button(cast: Any) -> None:
    terminal = add_terminal(cast.school, NewTerminal("No face", ways=("card", "pin", "staff")))
    client = at(terminal, cast)
    screen = press(client, "add", product=cast.meal.id)
    assert "Use my face" not in screen
    assert 'value="pin"' in screen


def test_without_the_engine_no_face_button_is_shown(
    till: Client, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("willing.biometrics.engine.is_installed", lambda: False)
    assert "Use my face" not in press(till, "add", product=cast.extra.id)


def test_the_next_press_of_a_product_starts_the_next_customer(till: Client, cast: Any) -> None:
    press(till, "card", code=cast.cards["Carl"])
    basket = show_basket(cast.till)
    assert basket is not None
    assert 'data-stage="paid"' in press(till, "confirm", basket=basket.id)
    assert 'data-stage="choose"' in press(till, "add", product=cast.meal.id)
    assert Basket.objects.count() == 2


def test_the_menu_speaks_the_readers_language(till: Client) -> None:
    till.post(reverse("set_language"), {"language": "zh-hans", "next": "/till/"})
    screen = till.get(reverse("kiosk:till")).content.decode()
    assert "意面" in screen
    assert 'lang="zh-hans"' in screen


def test_a_yes_to_another_sum_than_the_screens_charges_nothing(till: Client, cast: Any) -> None:
    press(till, "add", product=cast.meal.id)
    press(till, "scan", code=cast.cards["Carl"])
    basket = Basket.objects.get()
    for total in ("251", "", "x"):
        refused = press(till, "confirm", basket=basket.id, total=total)
        assert "The total has changed." in pupils_half(refused)
    assert not Sale.objects.exists()
    assert 'data-stage="paid"' in press(till, "confirm", basket=basket.id)
