"""Setting up tills and pairing them."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.support.signing import sign_in

from willing.core import clock
from willing.core.errors import Refused
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.terminals.pairing import pair_terminal, require_terminal, start_pairing

NEW = {
    "name": "Kiosk",
    "purpose": "canteen",
    "location": "canteen",
    "ways": ["card", "pin", "face"],
    "face_kinds": ["central", "card"],
}


@pytest.mark.parametrize("role", ["office", "administrator"])
def test_a_till_is_set_up(browser: Any, role: str) -> None:
    text = browser(role).post("/staff/terminals/", NEW, follow=True).content.decode()
    assert "Kiosk is set up." in text
    assert Terminal.objects.get(name="Kiosk").ways == ("card", "pin", "face")


@pytest.mark.parametrize("ways", [["face"], ["staff"], ["face", "staff"], []])
@pytest.mark.parametrize("role", ["office", "administrator"])
def test_no_role_sets_up_a_till_without_a_card_or_a_pin(browser: Any, role: str, ways: list[str]) -> None:
    answer = browser(role).post("/staff/terminals/", {**NEW, "ways": ways})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert text.count("A till always takes a card or a PIN.") == 2  # the hint, and beside the ways
    assert "autofocus" in text
    assert not Terminal.objects.filter(name="Kiosk").exists()


def test_a_second_till_of_the_same_name_is_refused(office: Client) -> None:
    office.post("/staff/terminals/", NEW)
    answer = office.post("/staff/terminals/", NEW)
    assert answer.status_code == 409
    assert "Another till already has this name." in answer.content.decode()
    assert Terminal.objects.filter(name="Kiosk").count() == 1


def test_the_refusal_of_a_taken_name_has_its_code(cast: Any) -> None:
    from willing.core.errors import Refused
    from willing.terminals.actions import NewTerminal, add_terminal

    with pytest.raises(Refused, match="terminal_name_taken"):
        add_terminal(cast.school, NewTerminal("Till 1"))


def test_a_way_that_does_not_exist_is_asked_for_again(office: Client) -> None:
    assert office.post("/staff/terminals/", {**NEW, "ways": ["telepathy"]}).status_code == 422
    assert office.post("/staff/terminals/", {**NEW, "name": ""}).status_code == 422


def test_a_pairing_code_pairs_a_device_once(cast: Any, office: Client) -> None:
    page = office.post(reverse("console:pair", args=[cast.till.id]))
    assert page.headers["Cache-Control"] == "no-store"
    text = page.content.decode()
    link = re.search(r'href="http://testserver(/till/pair/\?code=\w+)"', text)
    code = re.search(r'class="code">([\w-]+)<', text)
    assert link
    assert code
    device = Client()
    device.force_login(cast.user("cashier"))
    shown = device.get(link[1]).content.decode()
    assert code[1].replace("-", "") in shown
    device.post("/till/pair/", {"code": code[1]})
    assert require_terminal(device.cookies["willing_till"].value, device="kiosk") == cast.till
    assert device.post("/till/pair/", {"code": code[1]}).status_code == 409
    assert "Paired" in office.get("/staff/terminals/").content.decode()


def test_unpairing_ends_the_device_at_once(cast: Any, office: Client) -> None:
    code = re.search(
        r'class="code">([\w-]+)<', office.post(reverse("console:pair", args=[cast.till.id])).content.decode()
    )
    assert code
    device = Client()
    device.force_login(cast.user("cashier"))
    device.post("/till/pair/", {"code": code[1]})
    text = office.post(reverse("console:unpair", args=[cast.till.id]), follow=True).content.decode()
    assert "Till 1 is no longer paired." in text
    assert device.get("/till/").headers["Location"] == "/till/pair/"


def test_a_till_that_is_not_there_is_said_kindly(office: Client) -> None:
    for name in ("pair", "unpair"):
        answer = office.post(reverse(f"console:{name}", args=[uuid4()]))
        assert answer.status_code == 409
        assert "terminal_unknown" in answer.content.decode()


def test_before_the_first_till_the_page_says_what_to_do(office: Client) -> None:
    Terminal.objects.all().delete()
    assert "No till yet" in office.get("/staff/terminals/").content.decode()


def test_the_office_lets_a_till_of_another_maker_refund(cast: Any, browser: Any, office: Client) -> None:
    pair_terminal(start_pairing(cast.till), key="api")
    address = reverse("console:terminal-refunds", args=[cast.till.id])
    assert "Allow refunds" in office.get("/staff/terminals/").content.decode()
    assert "Allow refunds" not in browser("administrator").get("/staff/terminals/").content.decode()
    assert browser("administrator").post(address, {"answer": "allow"}).status_code == 403
    assert "may refund payments" in office.post(address, {"answer": "allow"}, follow=True).content.decode()
    assert cast.till.may_refund
    assert "no longer refund" in office.post(address, {"answer": "forbid"}, follow=True).content.decode()
    assert not cast.till.may_refund


def test_the_office_lets_a_till_of_another_maker_look_people_up(
    cast: Any, browser: Any, office: Client
) -> None:
    pair_terminal(start_pairing(cast.till), key="api")
    address = reverse("console:terminal-look-ups", args=[cast.till.id])
    assert browser("administrator").post(address, {"answer": "allow"}).status_code == 403
    said = office.post(address, {"answer": "allow"}, follow=True).content.decode()
    assert "may look people up" in said
    assert "Stop look-ups" in said
    assert cast.till.may_look_up
    assert "no longer look" in office.post(address, {"answer": "forbid"}, follow=True).content.decode()
    assert not cast.till.may_look_up


@pytest.mark.parametrize("role", ["office", "administrator"])
def test_a_till_is_changed_on_its_page(cast: Any, browser: Any, role: str) -> None:
    till = cast.till
    where = f"/staff/terminals/{till.pk}/"
    assert 'value="Till 1"' in browser(role).get(where).content.decode()
    changed = {"name": " Left  till ", "purpose": "shop", "location": "shop", "ways": ["card"]}
    assert "Left till is saved." in browser(role).post(where, changed, follow=True).content.decode()
    found = Terminal.objects.get(pk=till.pk)
    assert (found.name, found.purpose, found.location, found.ways) == ("Left till", "shop", "shop", ("card",))


@pytest.mark.parametrize(
    ("change", "beside", "text"),
    [
        ({"ways": ["face"]}, "ways", "A till always takes a card or a PIN."),
        ({"name": "Right till"}, "name", "Another till already has this name."),
        ({"location": "toilet"}, "location", "where people sleep or undress"),
    ],
)
def test_what_a_till_can_t_be_is_said_beside_the_field(
    cast: Any, office: Client, change: dict[str, Any], beside: str, text: str
) -> None:
    add_terminal(cast.school, NewTerminal("Right till"))
    answer = office.post(f"/staff/terminals/{cast.till.pk}/", {**NEW, **change})
    assert answer.status_code == 409
    assert text in str(answer.context["form"].errors[beside])
    assert Terminal.objects.get(pk=cast.till.pk).name == "Till 1"


def test_the_office_sees_when_a_till_was_last_there(cast: Any, office: Client) -> None:
    def shown() -> str:
        text = office.get("/staff/terminals/").content.decode()
        return re.search(r"Last seen</dt>\s*<dd[^>]*>([^<]+)<", text)[1].strip()  # type: ignore[index]

    assert shown() == "never"
    device = at(cast.till, cast)
    assert shown() == "now"
    noon = datetime(2026, 11, 25, 13, 2, tzinfo=ZoneInfo(cast.school.time_zone))
    for seen, text in ((noon, "today 13:02"), (noon - timedelta(days=1), "yesterday 13:02")):
        Terminal.objects.filter(pk=cast.till.pk).update(last_seen_at=seen)
        with clock.running(lambda: noon + timedelta(hours=1)):
            signed_in = sign_in(Client(), cast.user("office"))
            page = signed_in.get("/staff/terminals/").content.decode()
        assert text in page
    device.logout()
    device.cookies["willing_till"] = pair_terminal(start_pairing(cast.till), key="k", device="kiosk").token
    Terminal.objects.filter(pk=cast.till.pk).update(last_seen_at=noon)
    assert device.post("/till/here/").status_code == 204
    assert shown() == "now"
    assert Client().post("/till/here/").status_code == 403


def test_the_front_page_names_a_till_that_is_missing_on_a_day_of_sales(
    cast: Any, office: Client, sell: Any
) -> None:
    at(cast.till, cast)
    seen = "A till has not been seen today."
    Terminal.objects.filter(pk=cast.till.pk).update(last_seen_at=clock.now() - timedelta(days=2))
    assert seen not in office.get("/").content.decode()
    sell()
    assert seen in office.get("/").content.decode()
    Terminal.objects.filter(pk=cast.till.pk).update(last_seen_at=clock.now())
    assert seen not in office.get("/").content.decode()


def test_a_till_out_of_use_is_unpaired_and_its_name_is_free_again(office: Client, cast: Any) -> None:
    till = cast.till
    token = pair_terminal(start_pairing(till), key="k").token
    name = Terminal.objects.get(pk=till.pk).name
    assert (
        "is out of use." in office.post(f"/staff/terminals/{till.pk}/retire/", follow=True).content.decode()
    )
    with pytest.raises(Refused, match="terminal_not_paired"):
        require_terminal(token, device="api")
    assert Terminal.objects.get(pk=till.pk).retired_at is not None
    assert f"<h2>{name}</h2>" not in office.get("/staff/terminals/").content.decode()
    assert add_terminal(cast.school, NewTerminal(name)).name == name
    assert office.post(f"/staff/terminals/{till.pk}/retire/").status_code == 409
