"""A lane's page: each way, what it shows, and that nothing of ours is in the way out."""

import json
import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from tests.support.clocks import stopped_at
from tests.support.gates import a_lane
from tests.support.leaves import a_leave, a_trip
from tests.support.log import facts_of
from tests.support.meant import meant

from willing.biometrics.models import FacePolicy, Template
from willing.core.clock import now
from willing.gate import opening
from willing.gate.identification import pass_by_card
from willing.gate.models import GateLookUp, Lane, Passage
from willing.gate.passages import Press
from willing.gate.set_up import close_lane
from willing.leave.answering import approve
from willing.leave.desk import sign_back, sign_out
from willing.pages.lane import access, face_views
from willing.terminals.models import Device, Terminal
from willing.terminals.pairing import pair_terminal, start_pairing


@pytest.fixture
def lane(cast):
    return a_lane(cast.school, by=cast.user("office"))


@pytest.fixture
def device(lane):
    """A browser that is the lane; nobody is signed in."""
    client = Client()
    paired = pair_terminal(start_pairing(lane.terminal), key="k", device=Device.KIOSK)
    client.cookies[access.COOKIE] = paired.token
    return client


def post(client, name, *args, **sent):
    answer = client.post(reverse(f"lane:{name}", args=args), {"press": str(uuid4()), **sent})
    return answer, answer.content.decode()


def test_an_unpaired_browser_is_sent_to_pair_and_only_staff_pair(cast, lane, client):
    home = reverse("lane:lane")
    assert client.get(home).headers["Location"] == reverse("lane:pair")
    assert client.get(f"{home}?code=ABC").headers["Location"].endswith("?code=ABC")
    assert client.get(reverse("lane:pair")).status_code == 302
    client.force_login(cast.user("cashier"))
    assert "one-time code" in client.get(reverse("lane:pair")).content.decode()
    assert client.post(reverse("lane:pair"), {"code": "WRONG"}).status_code == 409
    paired = client.post(reverse("lane:pair"), {"code": start_pairing(lane.terminal)})
    assert paired.headers["Location"] == home
    assert "Lane 1" in client.get(home).content.decode()
    # The tablet remains a lane with nobody signed in: the next at it may be a pupil.
    assert client.get(reverse("lane:staff")).status_code == 302
    assert client.get(reverse("console:gate")).status_code == 302
    assert facts_of("user.signed_out")[-1]["why"] == "paired"
    assert client.post(reverse("lane:here")).status_code == 204
    assert Client().post(reverse("lane:here")).status_code == 403


def test_a_card_turns_the_screen_green_with_the_first_name_only(cast, device):
    press = str(uuid4())
    sent = {
        "press": press,
        "code": cast.cards["Carl"],
        "waited": "730",
        "device_time": "2026-11-27T08:00:00Z",
    }
    for _ in range(2):
        answer = device.post(reverse("lane:card"), sent)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "is-green" in text
        assert "Welcome, Carl" in text
        assert "Cardholder" not in text
        assert answer.headers["Cache-Control"].find("no-store") >= 0
    kept = Passage.objects.get()
    assert (str(kept.pk), kept.waited_tenths, kept.device_time.isoformat()) == (
        press,
        7,
        "2026-11-27T08:00:00+00:00",
    )


def test_what_is_wrong_is_said_and_every_way_is_offered_again(cast, device):
    answer, text = post(device, "card", code="WRONG-CODE", device_time="yesterday")
    assert answer.status_code == 409
    assert "Hold your card to the reader" in text
    assert reverse("lane:staff") in text
    answer, text = post(device, "pin", number="1", pin="0000")
    assert answer.status_code == 409
    assert 'name="pin"' in text
    for value in ("", "x", "²", "99999999999999999999999"):
        assert post(device, "pin", number=value, pin=value)[0].status_code == 409
    assert not Passage.objects.exists()


def test_number_and_pin_take_one_press_and_a_lane_without_pins_offers_none(cast, device, lane):
    nia = cast.person("Nia")
    assert 'name="pin"' in device.get(reverse("lane:lane"), {"way": "pin"}).content.decode()
    text = post(device, "pin", number=str(nia.till_number), pin=cast.pins["Nia"])[1]
    assert "Welcome, Nia" in text
    Terminal.objects.filter(pk=lane.pk).update(takes_pin=False)
    text = device.get(reverse("lane:lane"), {"way": "pin"}).content.decode()
    assert 'name="pin"' not in text
    assert '?way=pin" data-way' not in text


def test_the_page_offers_no_face_where_none_is_taken(device):
    assert "Use my face" not in device.get(reverse("lane:lane")).content.decode()
    assert post(device, "face", code="")[0].status_code in (200, 409)
    assert not Passage.objects.exists()


def test_the_press_that_asks_for_the_card_gets_ready_what_opens_a_face_with_it(cast, device, monkeypatch):
    ready: list[Lane] = []
    monkeypatch.setattr(face_views, "prepare_face", ready.append)
    FacePolicy.objects.update(mode=Template.Mode.VERIFY)
    device.get(reverse("lane:lane"), {"way": "face"})
    assert ready == []
    post(device, "face", code="")
    assert len(ready) == 1


def test_who_asks_for_staff_finds_the_way_back_to_the_lane(cast, device):
    home = reverse("lane:lane")
    back = f'href="{home}" data-lane-back'
    asked = device.get(reverse("lane:staff"), follow=True).content.decode()
    assert back in asked
    assert reverse("invitation") not in asked  # nothing there leads away
    assert f'<a class="brand" href="{home}"' in asked
    office = cast.user("office")
    office.set_password("four quite ordinary words")
    office.save()
    sent = {"login": office.username, "password": "wrong", "next": reverse("lane:staff")}
    assert back in device.post(reverse("account_login"), sent).content.decode()
    # Anywhere else the page is as it was.
    asked = Client().get(reverse("account_login"), {"next": reverse("lane:pair")}).content.decode()
    assert "data-lane-back" not in asked
    assert reverse("invitation") in asked


def test_nothing_on_a_lane_leads_away_from_it(cast, device):
    home = reverse("lane:lane")
    assert f'<a class="brand" href="{home}"' in device.get(home).content.decode()
    device.force_login(cast.user("cashier"))
    text = device.get(reverse("lane:staff")).content.decode()
    assert reverse("mfa_index") not in text
    assert device.post(reverse("account_logout"), {"at": "lane"}).headers["Location"] == home
    assert device.get(home).status_code == 200


def test_who_may_not_let_people_through_is_signed_out_and_the_lane_stays_one(cast, device):
    device.force_login(cast.user("pupil"))
    answer = device.get(reverse("lane:staff"))
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "You are signed out again." in text
    assert "Hold your card to the reader" in text
    assert facts_of("user.signed_out")[-1]["why"] == "role"
    assert device.get(reverse("lane:staff")).status_code == 302


def test_who_has_a_second_factor_to_set_up_does_not_leave_that_page_open_at_a_lane(cast, device):
    office = cast.user("office")
    Authenticator.objects.filter(user=office).delete()
    device.force_login(office)
    answer = device.get(reverse("lane:staff"))
    assert answer.status_code == 403
    assert "on a device of your own first" in answer.content.decode()
    assert facts_of("user.signed_out")[-1]["why"] == "factor"
    assert device.get(reverse("mfa_index")).status_code == 302
    # On their own device they are led there.
    own = Client()
    own.force_login(office)
    assert own.get(reverse("lane:staff")).headers["Location"] == reverse("mfa_index")
    assert own.get(reverse("mfa_index")).status_code == 200


def test_on_a_device_that_is_no_lane_a_link_to_its_staff_signs_nobody_out(cast):
    client = Client()
    client.force_login(cast.user("pupil"))
    assert client.get(reverse("lane:staff")).status_code == 403
    assert client.get("/my-sign-in/").status_code == 200
    assert not facts_of("user.signed_out")


def test_what_was_wrong_is_gone_before_the_next_person_reads_it(cast, device):
    assert "data-home-after-seconds" not in device.get(reverse("lane:lane")).content.decode()
    assert 'data-home-after-seconds="15"' in post(device, "card", code="WRONG-CODE")[1]


def test_a_lane_greets_in_chinese_with_a_chinese_comma(cast, device):
    device.cookies["django_language"] = "zh-hans"
    assert "欢迎，Carl" in post(device, "card", code=cast.cards["Carl"])[1]


def test_staff_sign_in_to_look_up_and_to_open(cast, device):
    ada = cast.person("Ada")
    assert device.get(reverse("lane:staff")).status_code == 302
    device.force_login(cast.user("pupil"))
    assert device.get(reverse("lane:staff")).status_code == 403
    device.force_login(cast.user("cashier"))
    text = device.post(reverse("lane:staff"), {"text": "Ada"}).content.decode()
    assert "Ada Agrees" in text
    assert GateLookUp.objects.count() == 1
    assert "Nobody was found" in device.post(reverse("lane:staff"), {"text": "Q"}).content.decode()
    for wrong in ("", "x", str(cast.person("Nia").pk)):
        assert post(device, "person", person=wrong)[0].status_code == 409
    assert "Welcome, Ada" in post(device, "person", person=str(ada.pk))[1]
    answer, text = post(device, "open", reason="other", words=" ")
    assert answer.status_code == 409
    assert "why you open" in text
    assert "Please go through" in post(device, "open", reason="delivery", words="milk")[1]
    assert Passage.objects.get(way="guard").reason == "Delivery: milk"


@pytest.mark.parametrize("later", [timedelta(minutes=2, seconds=1), timedelta(seconds=-1)])
@pytest.mark.parametrize("then", ["lane", "staff"])
def test_staff_are_signed_out_two_minutes_after_their_last_press(cast, device, later, then):
    device.force_login(cast.user("cashier"))
    at = now()
    for minutes in (0, 2, 4):
        with stopped_at(at + timedelta(minutes=minutes)):
            assert device.get(reverse("lane:staff")).status_code == 200
    with stopped_at(at + timedelta(minutes=4) + later):
        assert device.get(reverse(f"lane:{then}")).status_code == (200 if then == "lane" else 302)
        assert post(device, "open", reason="parent")[0].status_code == 302
    assert not Passage.objects.exists()
    assert [one["why"] for one in facts_of("user.signed_out")] == ["time"]


def test_the_guard_reads_who_may_leave_and_not_what_for(cast, device):
    ada, office = cast.person("Ada"), cast.user("office")
    device.force_login(cast.user("cashier"))

    def read():
        return device.post(reverse("lane:staff"), {"text": "Ada"}).content.decode()

    assert "away" not in read()
    leave = a_leave(ada, cast.user("guardian"), kind="appointment")
    assert "Asked to be away today: not agreed yet." in read()
    approve(ada.school, leave.id, by=office)
    text = read()
    assert "Agreed to be away today." in text
    assert "appointment" not in text.lower()
    sign_out(ada.school, leave.id, by=office)
    assert "not back yet." in read()
    sign_back(ada.school, leave.id, by=office)
    assert "away" not in read()
    a_trip(ada.school, [ada.id], by=office)
    assert "On a school trip today." in read()


def test_a_closed_lane_says_where_to_go_and_staff_open_it(cast, device, lane):
    close_lane(lane, by=cast.user("office"))
    text = device.get(reverse("lane:lane")).content.decode()
    assert "This lane is closed" in text
    assert "lane-code" not in text
    assert post(device, "card", code=cast.cards["Carl"])[0].status_code == 409
    device.force_login(cast.user("cashier"))
    assert post(device, "open", reason="parent")[0].status_code == 200


def test_a_door_that_does_not_answer_is_said_and_the_passage_stays(cast, device, monkeypatch):
    asked = []

    def no_answer(door, passage_id):
        asked.append(passage_id)
        return "no_answer"

    monkeypatch.setattr(access, "open_for_passage", no_answer)
    text = post(device, "card", code=cast.cards["Carl"])[1]
    assert "is-amber" in text
    assert "the door did not answer" in text
    assert asked == [Passage.objects.get().pk]
    assert opening.open_for_passage is not no_answer


def test_a_passage_is_shown_at_its_own_lane_for_seconds_and_nowhere_else(cast, device, lane):
    other = a_lane(cast.school, by=cast.user("office"), name="Lane 2")
    here = pass_by_card(lane, Press(uuid4()), cast.cards["Carl"])
    there = pass_by_card(other, Press(uuid4()), cast.cards["Ada"])
    assert device.get(reverse("lane:passed", args=[here.pk])).status_code == 405, "it opens a door"
    assert "Carl" in post(device, "passed", here.pk, waited="2340")[1]
    assert "Ada" not in meant(post(device, "passed", there.pk)[1])
    assert Passage.objects.get(pk=here.pk).waited_tenths == 23, "from the first press, as every way"


def test_a_card_is_shown_to_the_camera_only_where_what_reads_it_was_there_at_the_build(
    cast, device, lane, monkeypatch
):
    with_camera = "data-open-code-camera"
    monkeypatch.setattr(access, "has_codes", lambda: True)
    assert with_camera in device.get(reverse("lane:lane")).content.decode()
    monkeypatch.setattr(access, "has_codes", lambda: False)
    text = device.get(reverse("lane:lane")).content.decode()
    assert with_camera not in text
    assert "Hold your card to the reader" in text
    monkeypatch.setattr(access, "has_codes", lambda: True)
    Terminal.objects.filter(pk=lane.pk).update(takes_card=False)
    assert with_camera not in device.get(reverse("lane:lane")).content.decode()


def test_from_the_page_for_staff_the_screen_goes_on_to_ways_with_a_camera(cast, device):
    device.force_login(cast.user("cashier"))
    for name in ("lane", "staff"):
        assert "camera=(self)" in device.get(reverse(f"lane:{name}")).headers["Permissions-Policy"]
    assert "camera=()" in device.get(reverse("lane:pair")).headers["Permissions-Policy"]


def test_the_page_knows_which_keys_the_lanes_reader_sends_for_a_cards_characters(device, lane):
    assert 'data-reader-keys=""' in device.get(reverse("lane:lane")).content.decode()
    Terminal.objects.filter(pk=lane.pk).update(reader_layout="us")
    keys = re.search(r'data-reader-keys="([^"]+)"', device.get(reverse("lane:lane")).content.decode())
    assert keys
    assert json.loads(unescape(keys[1]))["KeyA"] == "A"
