"""A cashier's own PIN: chosen on the page My sign-in, soon after signing in, by who works at tills."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.support.signing import sign_in

from willing.credentials.models import StaffPin
from willing.credentials.staff_pins import give_pin, sign_on_by_pin

PAGE, MINE = "/my-sign-in/till-pin/", "/my-sign-in/"


@pytest.mark.parametrize("role", ["cashier", "office"])
def test_who_works_at_tills_chooses_a_pin(cast: Any, role: str) -> None:
    client, user = sign_in(Client(), cast.user(role)), cast.user(role)
    assert "Choose a PIN" in client.get(MINE).content.decode()
    answer = client.post(PAGE, {"pin": "4826"}, follow=True)
    text = answer.content.decode()
    assert "Your PIN for the till is saved." in text
    assert "You have one." in text
    assert sign_on_by_pin(cast.till, user.pk, "4826") == user
    give_pin(user.pk, by=cast.user("administrator"))
    assert "Please choose your own." in client.get(MINE).content.decode()


@pytest.mark.parametrize("pin", ["", "12", "4444", "four"])
def test_what_is_no_pin_is_said_beside_the_field(cast: Any, pin: str) -> None:
    answer = sign_in(Client(), cast.user("cashier")).post(PAGE, {"pin": pin})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"pin"})
    assert not StaffPin.objects.exists()


@pytest.mark.parametrize(
    "role", ["canteen", "teacher", "dpo", "administrator", "outsider", "guardian", "pupil"]
)
def test_nobody_else_has_one(cast: Any, role: str) -> None:
    client = sign_in(Client(), cast.user(role))
    assert client.post(PAGE, {"pin": "4826"}).status_code == 403
    assert PAGE not in client.get(MINE).content.decode()
    assert not StaffPin.objects.exists()


def test_a_till_left_signed_in_gives_no_colleague_a_pin_of_its_user(cast: Any) -> None:
    client = sign_in(Client(), cast.user("cashier"))
    session = client.session
    for one in session["account_authentication_methods"]:
        one["at"] -= timedelta(minutes=11).total_seconds()
    session.save()
    answer = client.post(PAGE, {"pin": "4826"})
    assert answer.headers["Location"].startswith("/sign-in/")
    assert not StaffPin.objects.exists()
