"""A till's second screen: what it may press, what it never shows, and who it stops being."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.signing import sign_in

from willing.allergens.actions import record_allergen
from willing.core.clock import now
from willing.core.doorbell import DOORBELL, WAIT
from willing.core.errors import Refused
from willing.pages.kiosk import pupil_urls
from willing.pages.kiosk.access import AtTill
from willing.pages.kiosk.second_screen import COOKIE
from willing.terminals.models import SecondScreen
from willing.terminals.pairing import pair_terminal, start_pairing, unpair_terminal
from willing.terminals.second_screens import (
    pair_second_screen,
    require_second_screen,
    start_screen_pairing,
    unpair_all_second_screens,
)
from willing.till.declarations import NewDeclaration, declare, sign_menu
from willing.till.models import Basket, Sale
from willing.till.screen_models import TillScreen
from willing.till.screens import ring_for_others

HTMX = {"HX-Request": "true"}


@pytest.fixture
def till(cast: Any) -> Client:
    """A till with a cashier signed in."""
    return at(cast.till, cast)


@pytest.fixture
def second(cast: Any, till: Client) -> Client:
    """Its second screen; nobody is signed in there."""
    assert till.get(reverse("kiosk:till")).status_code == 200
    client = Client()
    client.cookies[COOKIE] = paired(cast)
    return client


def paired(cast: Any) -> str:
    cast.till.refresh_from_db()
    return pair_second_screen(start_screen_pairing(cast.till, by=cast.user("cashier"))).token


def show(client: Client, name: str = "kiosk:screen") -> str:
    return client.get(reverse(name), headers=HTMX).content.decode()


def pupil(client: Client) -> str:
    return show(client, "second-screen:screen")


def press(client: Client, name: str, **values: Any) -> str:
    """Press on the second screen, which says what it shows."""
    shown = re.findall(r'data-shown="(\w*)"', pupil(client))[0]
    address = reverse(f"second-screen:{name}")
    return client.post(address, {"shown": shown, **values}, headers=HTMX).content.decode()


def stage(text: str) -> str:
    return str(re.findall(r'data-stage="(\w+)"', text)[0])


def sell(till: Client, cast: Any) -> None:
    till.post(reverse("kiosk:add"), {"product": cast.meal.id})


def test_it_has_addresses_for_the_pupils_half_and_for_nothing_else() -> None:
    assert {pattern.name for pattern in pupil_urls.urlpatterns} == {
        "till", "screen", "wait", "pair", "scan", "way", "card", "pin", "confirm", "deny", "stop",
        "frame", "face-share", "close", "refresh-face", "receipt", "next",
    }  # fmt: skip


def test_a_pupil_pays_there_and_the_till_shows_the_same(cast: Any, till: Client, second: Client) -> None:
    assert stage(pupil(second)) == "empty"
    sell(till, cast)
    assert cast.meal.name in pupil(second)
    carl = cast.person("Carl")
    assert stage(press(second, "way", way="pin")) == "pin"
    assert stage(show(till)) == "pin"
    shown = press(second, "pin", number=carl.till_number, pin=cast.pins["Carl"])
    assert stage(shown) == stage(show(till)) == "identified"
    # Who it is, in full, only the cashier reads.
    assert carl.given_name in shown
    assert carl.family_name not in shown
    assert carl.family_name in show(till)
    basket = Basket.objects.get()
    paid = press(second, "confirm", basket=basket.id, total=cast.meal.price_minor)
    assert stage(paid) == stage(show(till)) == "paid"
    assert Sale.objects.get().person == carl
    press(second, "next", sale=Sale.objects.get().id)
    assert stage(show(till)) == "empty"


def test_it_never_sells_voids_or_looks_anyone_up(cast: Any, till: Client, second: Client) -> None:
    sell(till, cast)
    for name in ("add", "cancel", "staff", "people", "cash", "cashier", "void", "serve-meal", "repeat"):
        answer = second.post(reverse(f"kiosk:{name}"), headers=HTMX)
        assert answer.status_code in (302, 405), name
        assert second.post(f"/pupil/{name}/").status_code == 404
    text = press(second, "way", way="staff")
    assert stage(text) == "staff"
    assert "look-up" not in text
    # A barcode fills no basket there.
    assert "not recognised" in press(second, "scan", code="4006381333931")
    assert Basket.objects.get().lines.count() == 1


def test_a_dish_that_is_held_back_is_named_to_the_cashier_alone(
    cast: Any, till: Client, second: Client
) -> None:
    office = cast.user("office")
    declare(cast.meal, NewDeclaration(("milk",)), by=office)
    sign_menu(cast.school, by=office)
    record_allergen(cast.person("Carl"), "milk", by=office)
    sell(till, cast)
    text = press(second, "card", code=cast.cards["Carl"])
    assert "the cashier presses first" in text
    assert [word for word in ("Milk", "Allergy", "Contains") if word in text] == []
    assert "Milk" in show(till)


def test_a_press_for_a_person_who_is_no_longer_shown_does_nothing(
    cast: Any, till: Client, second: Client
) -> None:
    sell(till, cast)
    press(second, "card", code=cast.cards["Carl"])
    stale = re.findall(r'data-shown="(\w*)"', pupil(second))[0]
    # At the till somebody says that it is not them, and another pupil is shown.
    till.post(reverse("kiosk:deny"), headers=HTMX)
    till.post(reverse("kiosk:card"), {"code": cast.cards["Ada"]}, headers=HTMX)
    basket = Basket.objects.get()
    values = {"basket": basket.id, "total": cast.meal.price_minor}
    presses: list[tuple[str, dict[str, Any]]] = [
        ("confirm", values),
        ("deny", {}),
        ("stop", {"answer": "stop"}),
        ("way", {"way": "pin"}),
    ]
    for name, more in presses:
        for shown in (stale, ""):
            address = reverse(f"second-screen:{name}")
            answer = second.post(address, {"shown": shown, **more}, headers=HTMX).content.decode()
            assert "The screen has changed. Please look again." in answer
            assert "Hello, Ada" in answer
    basket.refresh_from_db()
    assert (basket.state, basket.person) == ("identified", cast.person("Ada"))
    assert not Sale.objects.exists()


def test_a_press_from_a_screen_that_shows_another_basket_is_refused(cast: Any, till: Client) -> None:
    sell(till, cast)
    cast.till.refresh_from_db()
    request = RequestFactory().post("/till/way/", {"shown": "another"})
    request.session = till.session
    here = AtTill(request, cast.till)
    with pytest.raises(Refused, match="screen_changed"):
        here.require_shown()
    assert here.basket is not None


def test_a_pin_on_both_screens_names_the_first_and_yes_on_both_charges_once(
    cast: Any, till: Client, second: Client
) -> None:
    sell(till, cast)
    press(second, "way", way="pin")
    carl, ada = cast.person("Carl"), cast.person("Ada")
    shown = re.findall(r'data-shown="(\w*)"', pupil(second))[0]
    at_till = {"number": carl.till_number, "pin": cast.pins["Carl"], "shown": shown}
    till.post(reverse("kiosk:pin"), at_till, headers=HTMX)
    late = {"number": ada.till_number, "pin": cast.pins["Ada"], "shown": shown}
    answer = second.post(reverse("second-screen:pin"), late, headers=HTMX).content.decode()
    assert "The screen has changed" in answer
    assert "Hello, Carl" in answer
    values = {"basket": Basket.objects.get().id, "total": cast.meal.price_minor}
    as_now = re.findall(r'data-shown="(\w*)"', answer)[0]
    till.post(reverse("kiosk:confirm"), {**values, "shown": as_now}, headers=HTMX)
    again = second.post(reverse("second-screen:confirm"), {**values, "shown": as_now}, headers=HTMX)
    assert stage(again.content.decode()) == "paid"
    assert [sale.person for sale in Sale.objects.all()] == [carl]


def test_a_wrong_pin_there_leaves_the_entry_open(cast: Any, till: Client, second: Client) -> None:
    sell(till, cast)
    press(second, "way", way="pin")
    text = press(second, "pin", number=cast.person("Carl").till_number, pin="0000")
    assert stage(text) == stage(show(till)) == "pin"


def test_the_next_customer_is_not_sent_away_by_a_screen_that_is_behind(
    cast: Any, till: Client, second: Client
) -> None:
    sell(till, cast)
    press(second, "card", code=cast.cards["Carl"])
    press(second, "confirm", basket=Basket.objects.get().id, total=cast.meal.price_minor)
    sale = Sale.objects.get()
    till.post(reverse("kiosk:next"), {"sale": sale.id})
    sell(till, cast)
    press(second, "way", way="pin")
    till.post(reverse("kiosk:next"), {"sale": sale.id}, headers=HTMX)
    assert stage(pupil(second)) == "pin"


def test_without_a_cashier_the_till_is_closed_there_and_says_so(
    cast: Any, till: Client, second: Client
) -> None:
    sell(till, cast)
    till.logout()
    text = pupil(second)
    assert stage(text) == "closed"
    assert "This till is closed" in text
    answer = second.post(reverse("second-screen:way"), {"way": "pin"}, headers=HTMX)
    assert stage(answer.content.decode()) == "closed"
    assert "This till is closed" in second.get(reverse("second-screen:till")).content.decode()
    assert TillScreen.objects.filter(stage="pin").count() == 0


def test_another_cashiers_browser_finds_the_basket_and_nothing_that_was_being_entered(
    cast: Any, till: Client, second: Client
) -> None:
    sell(till, cast)
    press(second, "way", way="pin")
    token = till.cookies["willing_till"].value
    till.logout()
    sign_in(till, cast.user("office"))
    till.cookies["willing_till"] = token
    assert stage(show(till)) == "choose"
    assert stage(pupil(second)) == "choose"
    assert cast.meal.name in pupil(second)


def test_a_user_who_may_no_longer_sell_closes_it(cast: Any, till: Client, second: Client) -> None:
    cast.user("cashier").roles.all().delete()
    assert stage(pupil(second)) == "closed"


def test_a_new_screen_takes_the_place_of_the_one_before(cast: Any, till: Client, second: Client) -> None:
    other = Client()
    other.cookies[COOKIE] = paired(cast)
    assert stage(pupil(other)) == "empty"
    assert second.get(reverse("second-screen:screen"), headers=HTMX).headers["HX-Redirect"] == "/pupil/pair/"
    assert second.get(reverse("second-screen:wait")).status_code == 403
    with pytest.raises(Refused) as refused:
        require_second_screen(second.cookies[COOKIE].value)
    assert refused.value.code == "screen_not_paired"


def test_the_screen_of_another_till_shows_and_presses_nothing_here(
    cast: Any, till: Client, second: Client
) -> None:
    other_till = at(cast.other_till, cast, "office")
    other_till.get(reverse("kiosk:till"))
    cast.other_till.refresh_from_db()
    other = Client()
    other.cookies[COOKIE] = pair_second_screen(
        start_screen_pairing(cast.other_till, by=cast.user("office"))
    ).token
    sell(till, cast)
    assert stage(pupil(second)) == "choose"
    assert stage(pupil(other)) == "empty"
    shown = re.findall(r'data-shown="(\w*)"', pupil(second))[0]
    values = {"shown": shown, "basket": Basket.objects.get().id, "total": cast.meal.price_minor}
    other.post(reverse("second-screen:confirm"), values, headers=HTMX)
    assert not Sale.objects.exists()


def test_a_code_pairs_one_device_once_and_not_for_long(cast: Any, till: Client) -> None:
    address = reverse("second-screen:pair")
    panel = till.post(reverse("kiosk:second-screen"), headers=HTMX).content.decode()
    code = re.findall(r"\?code=(\w+)", panel)[0]
    assert Client().get(f"{address}?code={code}").status_code == 200  # opening it changes nothing
    device = Client()
    answer = device.post(address, {"code": code})
    assert answer.headers["Location"] == "/pupil/"
    assert answer.cookies[COOKIE]["httponly"]
    for wrong in (code, "", "WRONG234"):
        refused = Client().post(address, {"code": wrong})
        assert refused.status_code == 409
        assert "Second screen" in refused.content.decode()
    cast.till.refresh_from_db()
    late = start_screen_pairing(cast.till, by=cast.user("cashier"))
    with stopped_at(now() + timedelta(minutes=16)), pytest.raises(Refused) as refused_late:
        pair_second_screen(late)
    assert refused_late.value.code == "screen_code_unknown"
    # A code that is waiting does not end the screen that is paired.
    assert stage(pupil(device)) in ("empty", "closed")


def test_a_code_for_another_screen_is_no_news_and_says_which_pairing_it_follows(
    cast: Any, till: Client, second: Client
) -> None:
    def pairing(text: str) -> str:
        return str(re.findall(r'data-pairing="([^"]*)"', text)[0])

    before = show(till)
    panel = till.post(reverse("kiosk:second-screen"), {"answer": "another"}, headers=HTMX).content.decode()
    # A page that fetched its screen for this press would have nothing new to show.
    assert version(show(till)) == version(before)
    assert pairing(panel) == pairing(before) != ""
    sell(till, cast)
    assert pairing(show(till)) == pairing(panel)
    code = re.findall(r"\?code=(\w+)", panel)[0]
    Client().post(reverse("second-screen:pair"), {"code": code})
    assert pairing(show(till)) not in ("", pairing(panel))


def test_the_cashier_and_the_office_remove_it(cast: Any, till: Client, second: Client) -> None:
    text = till.post(reverse("kiosk:second-screen"), headers=HTMX).content.decode()
    assert "It is connected" in text
    till.post(reverse("kiosk:second-screen"), {"answer": "remove"}, headers=HTMX)
    assert not SecondScreen.objects.exists()
    assert facts_of("second_screen.unpaired")[-1]["why"] == "pressed"
    paired(cast)
    office = Client()
    sign_in(office, cast.user("office"))
    assert "Remove the second screen" in office.get("/staff/terminals/").content.decode()
    answer = office.post(f"/staff/terminals/{cast.till.id}/unpair-screen/", follow=True)
    assert "has no second screen any more" in answer.content.decode()
    assert not SecondScreen.objects.exists()


def test_it_ends_with_the_tills_own_device(cast: Any, till: Client, second: Client) -> None:
    pair_terminal(start_pairing(cast.till), key="new", device="kiosk")
    assert not SecondScreen.objects.exists()
    paired(cast)
    unpair_terminal(cast.till)
    assert not SecondScreen.objects.exists()
    with pytest.raises(Refused) as refused:
        start_screen_pairing(cast.till, by=cast.user("cashier"))
    assert refused.value.code == "terminal_not_paired"


def test_a_restore_leaves_none(cast: Any, second: Client) -> None:
    unpair_all_second_screens()
    assert second.get(reverse("second-screen:till")).status_code == 302


# --- the wait


def version(text: str) -> str:
    return str(re.findall(r'data-version="(\w*)"', text)[0])


@pytest.mark.parametrize("name", ["kiosk", "second-screen"])
def test_a_wait_is_answered_at_once_where_a_screen_is_behind_and_else_held(
    cast: Any, till: Client, second: Client, name: str
) -> None:
    client = till if name == "kiosk" else second
    sell(till, cast)
    shown = version(show(till))
    assert shown == version(pupil(second))
    behind = client.get(reverse(f"{name}:wait"), {"version": "before"}, headers=HTMX).content.decode()
    assert (version(behind), stage(behind)) == (shown, "choose")
    assert "<html" not in behind
    held = client.get(reverse(f"{name}:wait"), {"version": shown})
    assert held.status_code == 204
    key, count = held.headers[WAIT].split()
    assert UUID(key) == cast.till.id
    assert DOORBELL.count(key) == int(count)


def test_what_either_screen_presses_rings_for_both_and_a_till_without_one_writes_nothing(
    cast: Any, till: Client
) -> None:
    key = str(cast.till.id)
    show(till)
    before = DOORBELL.count(key)
    sell(till, cast)
    assert DOORBELL.count(key) == before
    assert not TillScreen.objects.exists()
    second = Client()
    second.cookies[COOKIE] = paired(cast)
    before = DOORBELL.count(key)
    sell(till, cast)
    assert DOORBELL.count(key) == before + 1
    press(second, "way", way="pin")
    assert DOORBELL.count(key) == before + 2


def test_no_more_than_a_few_pages_wait_for_one_till(
    cast: Any, second: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DOORBELL, "waiting", lambda _key: 8)
    shown = version(pupil(second))
    assert second.get(reverse("second-screen:wait"), {"version": shown}).status_code == 429


def test_a_closed_till_is_a_version_of_its_own(cast: Any, till: Client, second: Client) -> None:
    till.logout()
    behind = second.get(reverse("second-screen:wait"), {"version": ""}, headers=HTMX).content.decode()
    assert (version(behind), stage(behind)) == ("closed", "closed")
    assert second.get(reverse("second-screen:wait"), {"version": "closed"}).status_code == 204
    assert version(pupil(second)) == "closed"


def test_what_another_process_writes_is_rung_for_here(
    cast: Any, till: Client, second: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    key = str(cast.till.id)
    sell(till, cast)
    monkeypatch.setattr(DOORBELL, "waited", lambda: [key])
    monkeypatch.setattr(DOORBELL, "ring", rung.append)
    monkeypatch.setattr("willing.till.screens._seen", {})
    ring_for_others()
    # It may have been written after the page looked and before this process did for the first time.
    assert rung == [key]
    ring_for_others()
    TillScreen.objects.update(version="elsewhere")
    ring_for_others()
    ring_for_others()
    assert rung == [key, key]
    monkeypatch.setattr(DOORBELL, "waited", list)
    TillScreen.objects.update(version="while nobody waits")
    ring_for_others()
    assert rung == [key, key]
    monkeypatch.setattr(DOORBELL, "waited", lambda: [key])
    ring_for_others()
    assert rung == [key, key, key]


def test_who_is_signed_out_hears_that_there_is_news_and_not_which(
    cast: Any, till: Client, second: Client
) -> None:
    sell(till, cast)
    till.session.flush()
    answer = till.get(reverse("kiosk:wait"), {"version": ""}, headers=HTMX)
    assert answer.status_code == 302
    assert "/sign-in/" in answer.headers["Location"]
    assert cast.meal.name not in second.get(reverse("second-screen:wait"), headers=HTMX).content.decode()


def test_waiting_keeps_nobody_signed_in(cast: Any, till: Client, second: Client) -> None:
    before = dict(till.session.items())
    asks = {**HTMX, "X-Quiet": "1"}  # as the page does (follow.js)
    with stopped_at(now() + timedelta(minutes=5)):
        assert till.get(reverse("kiosk:wait"), {"version": "before"}, headers=asks).status_code == 200
        assert (
            second.get(reverse("second-screen:wait"), {"version": "before"}, headers=asks).status_code == 200
        )
        assert dict(till.session.items()) == before
