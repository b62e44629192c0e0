"""Who may press what at a till, and what a device without pairing gets."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from tests.support.signing import sign_in

from willing.pages.kiosk import urls
from willing.pages.kiosk.access import COOKIE
from willing.terminals.pairing import pair_terminal, start_pairing, unpair_terminal
from willing.till.face_identification import open_face_session

ADDRESSES = [
    reverse(
        f"kiosk:{pattern.name}",
        args=[UUID("12345678-1234-4678-8234-567812345678")] if "<" in str(pattern.pattern) else [],
    )
    for pattern in urls.urlpatterns
    if pattern.name not in ("here", "wait")  # a device says that it is there and listens, signed in or not
]


def at(terminal: Any, cast: Any, role: str = "cashier") -> Client:
    """Return a browser that is paired with a till, with somebody signed in."""
    client = Client()
    sign_in(client, cast.user(role))
    pairing = pair_terminal(start_pairing(terminal), key="test", device="kiosk")
    client.cookies[COOKIE] = pairing.token
    return client


def test_nobody_signed_in_is_sent_to_the_sign_in(db: Any) -> None:
    for address in ADDRESSES:
        answers = (Client().get(address), Client().post(address))
        # A view that takes only one method may say so first; it shows nothing either way.
        assert all(answer.status_code in (302, 405) for answer in answers), address
        sent = [answer for answer in answers if answer.status_code == 302]
        assert sent, address
        assert all(answer.headers["Location"].startswith("/sign-in/") for answer in sent), address


@pytest.mark.parametrize("role", ["canteen", "teacher", "dpo", "administrator", "outsider"])
def test_other_roles_do_not_get_in(cast: Any, role: str) -> None:
    client = at(cast.till, cast, role)
    for address in ADDRESSES:
        answered = {client.get(address).status_code, client.post(address).status_code}
        assert answered <= {403, 405}, address


@pytest.mark.parametrize("role", ["cashier", "office"])
def test_the_cashier_and_the_office_get_the_till(cast: Any, role: str) -> None:
    answer = at(cast.till, cast, role).get(reverse("kiosk:till"))
    assert answer.status_code == 200
    assert "Nothing to pay yet" in answer.content.decode()


def test_a_device_that_is_not_paired_is_asked_for_a_code(cast: Any) -> None:
    client = Client()
    client.force_login(cast.user("cashier"))
    assert client.get(reverse("kiosk:till")).headers["Location"] == reverse("kiosk:pair")
    pressed = client.post(reverse("kiosk:add"), headers={"HX-Request": "true"})
    assert pressed.headers["HX-Redirect"] == reverse("kiosk:pair")


def test_pairing_sets_a_cookie_that_no_script_reads(cast: Any) -> None:
    client = Client()
    client.force_login(cast.user("cashier"))
    answer = client.post(reverse("kiosk:pair"), {"code": start_pairing(cast.till)})
    assert answer.headers["Location"] == reverse("kiosk:till")
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert client.get(reverse("kiosk:till")).status_code == 200


def test_a_wrong_or_used_code_pairs_nothing(cast: Any) -> None:
    client = Client()
    client.force_login(cast.user("cashier"))
    code = start_pairing(cast.till)
    assert client.post(reverse("kiosk:pair"), {"code": code}).status_code == 302
    for bad in (code, "WRONG234", ""):
        answer = Client()
        answer.force_login(cast.user("cashier"))
        refused = answer.post(reverse("kiosk:pair"), {"code": bad})
        assert refused.status_code == 409
        assert COOKIE not in refused.cookies


def test_an_ended_pairing_ends_the_till_at_once(cast: Any) -> None:
    client = at(cast.till, cast)
    unpair_terminal(cast.till)
    assert client.get(reverse("kiosk:till")).status_code == 302


@pytest.mark.face
def test_a_frame_for_another_tills_session_is_dropped(cast: Any, db: Any) -> None:
    client, other = at(cast.till, cast), at(cast.other_till, cast)
    client.post(reverse("kiosk:add"), {"product": str(cast.meal.id)})
    basket = cast.till.baskets.get()
    session = open_face_session(cast.till, basket.id, key="press")
    frame = reverse("kiosk:frame", args=[session.id])
    answer = other.post(frame, data=b"\xff\xd8", content_type="image/jpeg")
    assert answer.json() == {"state": "decided"}
    assert "Nothing to pay yet" in other.get(reverse("kiosk:till")).content.decode()
    session.refresh_from_db()
    assert session.state == "open"
    assert session.first_frame_at is None


def test_a_frame_that_is_far_too_large_is_not_read(cast: Any) -> None:
    client = at(cast.till, cast)
    address = reverse("kiosk:frame", args=[UUID("12345678-1234-4678-8234-567812345678")])
    assert client.post(address, data=b"0" * 500_000, content_type="image/jpeg").status_code == 413
