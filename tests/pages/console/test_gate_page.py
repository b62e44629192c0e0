"""The office's page of the gate."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from tests.support.clocks import stopped_at
from tests.support.gates import a_lane, a_passage, walk_through
from tests.support.meant import meant

from willing.core.clock import now
from willing.gate.models import Door, Lane, PassageWay
from willing.gate.passages import Press, record_passage
from willing.gate.queries import lanes


@pytest.fixture
def page(office):
    def press(address, /, *args, **sent):
        return office.post(reverse(f"console:{address}", args=args), sent)

    return press


def lane_form(door, **more):
    return {"name": "Lane 1", "door": str(door.pk), "use": "in", "ways": ["card", "pin"], **more}


def ways_of(text):
    """Return which ways a form of a lane offers, each with whether it is ticked."""
    boxes = re.findall(r'<input[^>]*name="ways"[^>]*>', text)
    return {"".join(re.findall(r'value="(\w+)"', one)): "checked" in one for one in boxes}


def test_a_door_and_a_lane_are_set_up_paired_closed_and_taken_out_of_use(cast, office, page):
    assert "No lane yet" in office.get(reverse("console:gate")).content.decode()
    page("gate-door", deed="add", name="Main gate")
    door = Door.objects.get()
    page("gate-door", deed="rename", door=str(door.pk), name="North gate")
    assert page("new-lane", **lane_form(door)).status_code == 302
    lane = Lane.objects.get()
    assert page("gate-door", deed="retire", door=str(door.pk)).status_code == 409
    assert lane.terminal.takes_face is False
    offered = ways_of(office.get(reverse("console:gate")).content.decode())
    assert offered == {"card": True, "pin": True, "staff": True, "face": False}, "a face is off until chosen"
    text = page("pair-lane", lane.pk).content.decode()
    assert reverse("lane:pair") in text
    page("lane-state", lane.pk, deed="close")
    text = office.get(reverse("console:gate")).content.decode()
    assert "Closed for now" in text
    assert "North gate" in text
    page("lane-state", lane.pk, deed="reopen")
    page("lane-state", lane.pk, deed="unpair")
    page("lane-state", lane.pk, deed="nothing")
    assert page("lane", lane.pk, **lane_form(door, name="Way in", use="both")).status_code == 302
    assert "Way in" in office.get(reverse("console:lane", args=[lane.pk])).content.decode()
    page("lane-state", lane.pk, deed="retire")
    assert lanes(cast.school) == []
    page("gate-door", deed="retire", door=str(door.pk))
    assert "No lane yet" in office.get(reverse("console:gate")).content.decode()


def test_what_is_wrong_is_said_beside_its_field(cast, office, page):
    assert page("gate-door", deed="rename", door="x", name="A").status_code == 409
    lane = a_lane(cast.school, by=cast.user("office"))
    assert page("gate-door", deed="add", name=lane.door.name).status_code == 409
    assert page("new-lane", **lane_form(lane.door)).status_code == 409
    assert page("new-lane", **lane_form(lane.door, name="")).status_code == 422
    answer = page("lane", lane.pk, **lane_form(lane.door, name="Lane 9", ways=["face"]))
    assert answer.status_code == 409
    assert page("lane", lane.pk, **lane_form(lane.door, use="up")).status_code == 422
    assert page("lane-state", uuid4(), deed="close").status_code in (404, 409)


def test_today_is_counted_without_names(cast, office):
    a_passage(cast.school, cast.person("Ada"), by=cast.user("office"))
    text = office.get(reverse("console:gate")).content.decode()
    assert "Card or code" in text
    assert "too few passages to tell" in text
    assert "Ada" not in meant(text)


def test_a_lane_whose_clock_is_wrong_is_named_and_how_long_each_way_takes_is_shown(cast, office):
    lane = a_lane(cast.school, by=cast.user("office"))
    at = now()
    for seconds, said in ((90, "90 seconds ahead"), (-61, "61 seconds behind"), (5, "")):
        at += timedelta(minutes=1)
        with stopped_at(at):
            press = Press(uuid4(), device_time=at + timedelta(seconds=seconds), waited_ms=400)
            record_passage(lane, press, cast.person("Ada"), PassageWay.CARD)
            text = office.get(reverse("console:gate")).content.decode()
        assert [f"The clock of Lane 1 is {said}."] * bool(said) == re.findall(r"The clock of [^.]*\.", text)
    walk_through(lane, cast.person("Nia"), "pin", waited_ms=1_730, times=20)
    text = office.get(reverse("console:gate")).content.decode()
    assert "1.7 seconds (20 passages)" in text


def test_the_sign_of_a_lanes_camera_leads_back_to_the_lanes(cast, browser):
    sign = reverse("console:camera-notice", args=[a_lane(cast.school, by=cast.user("office")).pk])
    for role, query, back in (
        ("office", "", "console:gate"),
        ("office", "?from=terminal", "console:gate"),
        ("dpo", "?from=protection", "console:protection"),
        ("dpo", "", "console:protection"),
    ):
        text = browser(role).get(sign + query).content.decode()
        assert f'<a class="crumb" href="{reverse(back)}"' in text, (role, query)


def test_a_lane_is_no_till_on_the_pages_of_tills(cast, office, page):
    lane = a_lane(cast.school, by=cast.user("office"))
    shown = office.get(reverse("console:terminal", args=[lane.pk]))
    assert shown.headers["Location"] == reverse("console:lane", args=[lane.pk])
    assert page("terminal", lane.pk, name="Till 9").headers["Location"] == shown.headers["Location"]
    for press in (
        "pair",
        "terminal-refunds",
        "terminal-look-ups",
        "retire-terminal",
        "unpair",
        "unpair-screen",
    ):
        assert page(press, lane.pk).status_code in (404, 409), press
    assert [one.terminal.name for one in lanes(cast.school)] == ["Lane 1"]
