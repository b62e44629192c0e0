"""The assessment on registers, the gate and the roll call: where they are used, signed anew from then on."""

import json

import pytest
from django.utils import translation
from tests.support.gates import a_lane
from tests.support.registers import ENGLAND
from tests.support.words import foreign_in

from willing.attendance.set_up import set_attendance
from willing.documents.dpia import dpia_document
from willing.documents.dpia_areas import area_sections
from willing.documents.dpia_changes import differences
from willing.documents.dpia_content import is_changed_since, live_dpia
from willing.dpia.queries import latest_assessment
from willing.rollcall.set_up import NewPoint, set_point
from willing.terminals.models import Way


def words(areas):
    return "\n".join(text for section in area_sections(areas) for text in section.paragraphs)


def test_a_school_that_begins_with_any_of_them_has_another_assessment_to_sign(cast):
    school, office = cast.school, cast.user("office")
    signed = latest_assessment(school)
    assert signed is not None
    assert "areas" not in live_dpia(school)
    set_attendance(school, ENGLAND, by=office)
    assert live_dpia(school)["areas"] == {"attendance": {"open_minutes": 30}}
    assert is_changed_since(signed, live_dpia(school))
    a_lane(school, by=office)
    set_point(school, NewPoint("Playground"), by=office)
    live = live_dpia(school)
    assert list(live["areas"]) == ["attendance", "gate", "roll_call"]
    changed = differences(dpia_document(json.loads(signed.content)), dpia_document(live))
    assert {"Registers", "The gate", "The roll call"} <= {one.title for one in changed}


def test_cnil_2019_marseille_2020_the_assessment_asks_whether_the_gate_needs_a_face(cast):
    without, with_face = ({"gate": {"ways": ways, "kept_days": 7}} for ways in (["card"], ["card", "face"]))
    for said in map(words, (without, with_face)):
        assert "Is a face needed at the gate? No" in said
        assert "never a door, a direction or a time of day" in said
    assert "No lane has a camera." in words(without)
    assert "not recognised refuses nobody" in words(with_face)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_is_said_in_one_language(language):
    areas = {
        "attendance": {"open_minutes": 30},
        "gate": {"ways": list(Way.values), "kept_days": 7},
        "roll_call": {"last_seen_hours": 24},
    }
    with translation.override(language):
        assert foreign_in(words(areas), language) == []
        assert [text for text in ("30", "7", "24") if text not in words(areas)] == []
