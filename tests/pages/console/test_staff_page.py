"""The administrator's page about staff."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.support.meant import meant
from tests.support.signing import give_factor, sign_in

from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import User
from willing.accounts.queries import roles_of
from willing.credentials.models import StaffPin
from willing.credentials.staff_pins import sign_on_by_pin
from willing.people.school import set_public_address
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import cashier_of

PASSWORD = "four quite ordinary words"
PAGE = "/staff/staff/"


@pytest.fixture
def administrator(browser: Callable[[str], Client]) -> Client:
    return browser("administrator")


def invite(client: Client, *roles: str, name: str = "Casey Hill", key: Any = None) -> Any:
    return client.post(PAGE, {"key": key or uuid4(), "name": name, "roles": roles})


def accept(code: str, username: str) -> tuple[Client, Any]:
    client = Client()
    client.post("/sign-in/code/", {"code": code})
    values = {"username": username, "password": PASSWORD}
    return client, client.post("/sign-in/code/password/", values)


def test_a_colleague_is_invited_and_signs_in(cast: Any, administrator: Client) -> None:
    page = invite(administrator, "cashier")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.context["address"].startswith("http://testserver/sign-in/code/#")
    assert page.context["code"] not in administrator.get(PAGE).content.decode()
    client, answer = accept(page.context["code"], "casey")
    assert answer.headers["Location"] == "/"
    assert client.get("/staff/today/").status_code == 200
    text = administrator.get(PAGE).content.decode()
    assert "casey" in text
    assert "Cashier" in text


def test_an_invited_office_sets_up_a_second_factor_before_anything_else(
    cast: Any, administrator: Client
) -> None:
    client, _ = accept(invite(administrator, "office").context["code"], "olga")
    assert client.get("/staff/people/").headers["Location"] == "/my-sign-in/"


def test_what_is_wrong_is_said_beside_the_field(cast: Any, administrator: Client) -> None:
    nobody = invite(administrator)
    assert (nobody.status_code, set(nobody.context["form"].errors)) == (409, {"roles"})
    nameless = invite(administrator, "cashier", name="")
    assert (nameless.status_code, set(nameless.context["form"].errors)) == (422, {"name"})
    family = invite(administrator, "guardian")
    assert (family.status_code, set(family.context["form"].errors)) == (422, {"roles"})


def test_a_press_that_comes_twice_invites_once(cast: Any, administrator: Client) -> None:
    key = uuid4()
    for _ in range(2):
        assert invite(administrator, "cashier", key=key).status_code == 200
    assert User.objects.filter(display_name="Casey Hill").count() == 1


def test_the_list_says_who_when_and_with_what(cast: Any, administrator: Client) -> None:
    invite(administrator, "cashier")
    text = administrator.get(PAGE).content.decode()
    kitchen = "Menu, prices, allergens, the day&#x27;s sales, refunds"
    for said in ("Authenticator app", "Not needed", "Never", "Invited", "School office", "No role", kitchen):
        assert said in text, said
    assert "Gus" not in meant(text)
    assert "Carl" not in text


def test_the_list_asks_no_more_of_the_database_for_more_people(
    cast: Any, administrator: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        add_user(cast.school, NewUser(f"cashier{number}", PASSWORD, f"Cashier {number}", ("cashier",)))
    with django_assert_max_num_queries(16):
        administrator.get(PAGE)


def test_roles_are_changed_and_the_last_administrator_stays(cast: Any, administrator: Client) -> None:
    cashier, own = cast.user("cashier").pk, cast.user("administrator").pk
    answer = administrator.post(f"{PAGE}{cashier}/roles/", {"roles": ["canteen"]}, follow=True)
    assert "The roles are saved." in answer.content.decode()
    assert roles_of(cast.user("cashier"), cast.school) == {"canteen"}
    refused = administrator.post(f"{PAGE}{own}/roles/", {"roles": ["office"]})
    assert refused.status_code == 409
    assert "the only administrator" in refused.content.decode()


def test_whoever_changes_their_own_roles_stays_signed_in(cast: Any, administrator: Client) -> None:
    own = cast.user("administrator").pk
    administrator.post(f"{PAGE}{own}/roles/", {"roles": ["administrator", "office"]})
    assert administrator.get("/staff/people/").status_code == 200


def test_disabling_asks_once_and_enabling_undoes_it(cast: Any, administrator: Client) -> None:
    cashier = cast.user("cashier")
    at_the_till = sign_in(Client(), cashier)
    assert "Disable Cashier?" in administrator.get(f"{PAGE}{cashier.pk}/disable/").content.decode()
    assert at_the_till.get("/staff/today/").status_code == 200
    administrator.post(f"{PAGE}{cashier.pk}/disable/")
    assert at_the_till.get("/staff/today/").status_code == 302
    assert "Disabled" in administrator.get(f"{PAGE}{cashier.pk}/").content.decode()
    administrator.post(f"{PAGE}{cashier.pk}/enable/")
    assert sign_in(Client(), cast.user("cashier")).get("/staff/today/").status_code == 200


def test_the_last_administrator_is_told_why_they_stay(cast: Any, administrator: Client) -> None:
    own = cast.user("administrator").pk
    for deed in ("disable", "reset"):
        answer = administrator.post(f"{PAGE}{own}/{deed}/")
        assert answer.status_code == 409
        assert "the only administrator" in answer.content.decode()
    assert administrator.get(PAGE).status_code == 200


def test_a_reset_shows_a_new_link_and_keeps_the_username(cast: Any, administrator: Client) -> None:
    office = cast.user("office")
    assert "Reset the sign-in of Office?" in administrator.get(f"{PAGE}{office.pk}/reset/").content.decode()
    code = administrator.post(f"{PAGE}{office.pk}/reset/").context["code"]
    client = Client()
    client.post("/sign-in/code/", {"code": code})
    assert 'value="office"' in client.get("/sign-in/code/password/").content.decode()
    accept(code, "office")
    give_factor(cast.user("office"))
    assert sign_in(Client(), cast.user("office")).get("/staff/people/").status_code == 200


def test_a_new_link_replaces_the_one_that_was_lost(cast: Any, administrator: Client) -> None:
    first = invite(administrator, "cashier").context["code"]
    user = User.objects.get(display_name="Casey Hill")
    second = administrator.post(f"{PAGE}{user.pk}/link/").context["code"]
    assert accept(first, "casey")[1].status_code != 200
    assert not User.objects.filter(username="casey").exists()
    accept(second, "casey")
    assert User.objects.get(username="casey").pk == user.pk


@pytest.mark.parametrize("who", ["cashier", "office"])
def test_nobody_who_can_sign_in_or_is_disabled_gets_a_link_without_a_reset(
    cast: Any, administrator: Client, who: str
) -> None:
    if who == "office":
        administrator.post(f"{PAGE}{cast.user(who).pk}/disable/")
    answer = administrator.post(f"{PAGE}{cast.user(who).pk}/link/")
    assert answer.headers["Location"] == f"{PAGE}{cast.user(who).pk}/"


@pytest.mark.parametrize("who", ["guardian", "pupil"])
def test_families_are_not_on_these_pages(cast: Any, administrator: Client, who: str) -> None:
    assert administrator.get(f"{PAGE}{cast.user(who).pk}/").status_code == 409


def test_a_first_pin_for_the_till_is_given_shown_once_and_taken_away(
    cast: Any, administrator: Client
) -> None:
    cashier = cast.user("cashier")
    page, pin = f"{PAGE}{cashier.pk}/", f"{PAGE}{cashier.pk}/pin/"
    assert "Give a PIN" in administrator.get(page).content.decode()
    shown = administrator.post(pin)
    given = shown.context["pin"]
    assert shown.headers["Cache-Control"] == "no-store"
    assert given in shown.content.decode()
    text = administrator.get(page).content.decode()
    assert "They have the one that was given here." in text
    assert given not in meant(text)
    assert sign_on_by_pin(cast.till, cashier.pk, given) == cashier
    administrator.post(pin, {"remove": "1"})
    assert cashier_of(Terminal.objects.get(pk=cast.till.pk)) is None
    assert "Give a PIN" in administrator.get(page).content.decode()
    assert "Give a PIN" not in administrator.get(f"{PAGE}{cast.user('dpo').pk}/").content.decode()


@pytest.mark.parametrize("role", ["office", "cashier", "canteen", "dpo"])
def test_nobody_else_gives_a_pin(cast: Any, browser: Any, role: str) -> None:
    assert browser(role).post(f"{PAGE}{cast.user('cashier').pk}/pin/").status_code == 403
    assert not StaffPin.objects.exists()


def test_a_link_carries_the_schools_public_address(cast: Any, administrator: Client) -> None:
    set_public_address(cast.school, "https://lunch.example.org")
    page = invite(administrator, "cashier")
    assert page.context["address"].startswith("https://lunch.example.org/sign-in/code/#")
