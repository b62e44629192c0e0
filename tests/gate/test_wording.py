"""At a lane nobody pays, and no page or refusal there speaks of a till."""

import importlib
import inspect
import pkgutil
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from tests.api.raising import codes_of
from tests.support.gates import a_lane
from tests.support.signing import sign_in

import willing
from willing.consent.publishing import publish_notices
from willing.core.errors import Refused
from willing.gate.wording import WORDS
from willing.pages.console import gate_lanes
from willing.pages.lane import access, urls
from willing.terminals.models import Device
from willing.terminals.pairing import pair_terminal, start_pairing

# A cashier is a member of staff, at a gate too.
TILL = {
    "en": re.compile(r"\b(tills?|pa(y|ys|id|ying|yments?))\b", re.IGNORECASE),
    "zh-hans": re.compile("收银(?!员)|付款|支付"),
}
VIEWS: list[Any] = [
    *(one.callback for one in urls.urlpatterns),
    *(gate_lanes.new_lane, gate_lanes.lane, gate_lanes.pair_lane, gate_lanes.lane_state, gate_lanes.door),
]


def messages():
    """Return the sentence of each refusal that says the same whatever it is about, by its code."""
    found = {}
    for module in pkgutil.walk_packages(willing.__path__, "willing."):
        if not module.name.endswith("errors"):
            continue
        for _name, made in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if made.__annotations__.get("return") is Refused and not inspect.signature(made).parameters:
                refused = made()
                found[refused.code] = refused.message
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_refusal_of_a_lane_speaks_of_a_till_or_of_paying(language):
    said = messages() | WORDS
    codes = set().union(*(codes_of(view) for view in VIEWS))
    assert {"code_unknown", "terminal_needs_another_way", "face_locked"} <= codes
    with translation.override(language):
        spoken = {code: str(said[code]) for code in codes if code in said}
    assert len(spoken) > 25
    assert {code: text for code, text in spoken.items() if TILL[language].search(text)} == {}
    assert set(WORDS) <= codes, "words for what no lane is refused for"


def main_of(answer):
    text = answer.content.decode()
    return re.sub(r"<[^>]+>", " ", text[text.index("<main") : text.index("</main")])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_about_a_lane_speaks_of_a_till_or_of_paying(cast, language):
    publish_notices()
    office = sign_in(Client(), cast.user("office"))
    lane = a_lane(cast.school, by=cast.user("office"), name="Lane 1")
    office.cookies["django_language"] = language
    device = Client()
    device.cookies["django_language"] = language
    paired = pair_terminal(start_pairing(lane.terminal), key="k", device=Device.KIOSK)
    device.cookies[access.COOKIE] = paired.token
    home, form = reverse("lane:lane"), {"name": "Lane 2", "door": str(lane.door_id), "use": "in"}
    answers = [
        office.get(reverse("console:gate")),
        office.get(reverse("console:lane", args=[lane.pk])),
        office.get(reverse("console:reader", args=[lane.pk])),
        office.post(reverse("console:pair-lane", args=[lane.pk])),
        office.post(reverse("console:new-lane"), {**form, "ways": ["face"]}),
        office.post(reverse("console:new-lane"), {**form, "name": lane.terminal.name, "ways": ["card"]}),
        office.get(reverse("lane:pair")),
        device.get(home),
        device.get(f"{home}?way=pin"),
        device.post(reverse("lane:card"), {"code": "WRONG-CODE"}),
        device.post(reverse("lane:pin"), {"number": "1", "pin": "0000"}),
        device.post(reverse("lane:face"), {"code": cast.cards["Ada"]}),
    ]
    assert [one.status_code for one in answers[4:6]] == [409, 409]
    for answer in answers:
        found = TILL[language].search(main_of(answer))
        assert found is None, (answer.request["PATH_INFO"], found)
    tills = main_of(office.get(reverse("console:terminals")))
    assert "Lane 1" not in tills, "a lane is no till"
