"""Card or PIN and face together on the till's screen."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press, pupils_half
from tests.support.camera import camera, enrol  # noqa: F401  (fixtures)

from willing.biometrics.erasure import erase_faces
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.school_policy import decide_mode
from willing.core.clock import now
from willing.till.models import Basket, Sale

pytestmark = pytest.mark.face


@pytest.fixture
def till(cast: Any, enrol: Any) -> Client:  # noqa: F811
    """A till with a meal in the basket; Ada is enrolled."""
    enrol("Ada", "person_a_2.jpg")
    client = at(cast.till, cast)
    press(client, "add", product=cast.meal.id)
    return client


def look(client: Client, shots: Any, key: str = "1") -> str:
    """Press "confirm with my face", send frames until it is decided, and return the screen."""
    press(client, "way", way="face", press=key)
    session = FaceSession.objects.get(state="open")
    frame = reverse("kiosk:frame", args=[session.id])
    for _ in range(12):
        answer = client.post(frame, shots.frame(), content_type="image/jpeg").json()
        if answer["state"] != "looking":
            break
    return client.get(reverse("kiosk:screen"), headers={"HX-Request": "true"}).content.decode()


def test_after_a_card_the_face_confirms_and_pays(till: Client, cast: Any, camera: Any) -> None:  # noqa: F811
    assert "Confirm with my face" in pupils_half(press(till, "card", code=cast.cards["Ada"]))
    screen = look(till, camera("person_a_1.jpg"))
    assert "It is you." in pupils_half(screen)
    assert "Confirm with my face" not in screen
    assert "Agrees" not in screen  # the family name is nobody's business here
    press(till, "confirm", basket=Basket.objects.get().id)
    assert Sale.objects.get().way == "face"


def test_a_look_that_is_not_sure_shows_the_cashier_name_and_year_and_the_card_pays(
    till: Client,
    cast: Any,
    camera: Any,  # noqa: F811
) -> None:
    assert "Agrees" not in press(till, "card", code=cast.cards["Ada"])
    screen = look(till, camera("impostor_1.jpg"))
    assert "Your card or PIN is enough." in pupils_half(screen)
    assert "Yes, pay" in pupils_half(screen)
    assert "Ada Agrees" in screen
    assert "7A" in screen
    assert "Agrees" not in pupils_half(screen)


def test_a_look_that_never_began_is_no_reason_to_send_anybody_away(till: Client, cast: Any) -> None:
    press(till, "card", code=cast.cards["Ada"])
    press(till, "way", way="face", press="1")
    session = FaceSession.objects.get()
    screen = press_close(till, session, "camera_refused")
    assert "The camera is off. Your card or PIN is enough." in pupils_half(screen)
    assert "Yes, pay" in pupils_half(screen)


def press_close(client: Client, session: FaceSession, reason: str) -> str:
    """Close a look as the page does."""
    address = reverse("kiosk:close", args=[session.id])
    return client.post(address, {"reason": reason}, headers={"HX-Request": "true"}).content.decode()


def test_where_the_school_only_verifies_the_face_asks_for_a_card_first(till: Client, cast: Any) -> None:
    decide_mode(cast.school, "verify", reason="As the law starts", by=cast.user("dpo"))
    screen = pupils_half(press(till, "way", way="", press=""))
    assert "After your card or PIN" in screen
    screen = pupils_half(press(till, "way", way="face", press="1"))
    assert "First your card or PIN, then your face" in screen
    assert 'value="staff"' not in screen
    assert not FaceSession.objects.exists()
    screen = pupils_half(press(till, "card", code=cast.cards["Ada"]))
    assert "Confirm with my face" in screen


def test_who_has_no_face_enrolled_is_asked_for_none(till: Client, cast: Any) -> None:
    assert "Confirm with my face" not in press(till, "card", code=cast.cards["Carl"])


def test_the_face_button_is_gone_once_three_looks_are_used(till: Client) -> None:
    for key in ("1", "2", "3"):
        assert 'value="face"' in press(till, "way", way="", press="")
        press(till, "way", way="face", press=key)
        press_close(till, FaceSession.objects.get(state="open"), "cancelled")
    assert 'value="face"' not in press(till, "way", way="", press="")


def test_who_has_paid_with_card_and_face_may_refresh_the_picture_once(
    till: Client,
    cast: Any,
    camera: Any,  # noqa: F811
    enrol: Any,  # noqa: F811
) -> None:
    erase_faces(cast.person("Ada"), cause="test")
    enrol("Ada", "person_b_1.jpg")
    Template.objects.update(enrolled_at=now() - timedelta(days=60))
    press(till, "card", code=cast.cards["Ada"])
    look(till, camera("person_b_2.jpg"))
    paid = pupils_half(press(till, "confirm", basket=Basket.objects.get().id))
    assert "Refresh my picture" in paid
    sale = Sale.objects.get()
    pressed = pupils_half(press(till, "refresh-face", sale=sale.id))
    assert "Your picture is refreshed." in pressed
    assert "Refresh my picture" not in pressed
    assert "That was too late" in pupils_half(press(till, "refresh-face", sale=sale.id))
    assert "That was too late" in pupils_half(press(till, "refresh-face", sale="nothing"))
    assert Template.objects.get().refreshed_at is not None
