"""The assessment on registers, the gate and the roll call: where they are used, signed anew from then on."""

import json
from datetime import timedelta

import pytest
from django.utils import translation
from tests.support.clocks import stopped_at
from tests.support.gates import a_lane, walk_through
from tests.support.registers import ENGLAND
from tests.support.words import foreign_in

from willing.attendance.set_up import set_attendance
from willing.core.clock import now
from willing.core.dates import write_day
from willing.documents.dpia import dpia_document
from willing.documents.dpia_areas import area_sections
from willing.documents.dpia_changes import differences
from willing.documents.dpia_content import is_changed_since, live_dpia
from willing.documents.way_comparison import way_comparison
from willing.dpia.queries import latest_assessment
from willing.people.queries import today
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
    without, with_face = (
        {"gate": {"ways": ["card", *more], "kept_days": 7}} for more in ([], ["face", "pin"])
    )
    for said in map(words, (without, with_face)):
        assert "Is a face needed at the gate? No" in said
        assert "never a door, a direction or a time of day" in said
    assert "No lane has a camera." in words(without)
    assert "not recognised refuses nobody" in words(with_face)
    assert "anyone passes it with Card or code or PIN, and" in words(with_face), (
        "a face is none of what is enough"
    )
    assert "see each use of a face at once, by its day" in words(with_face)
    assert "see each use" not in words(without)


def test_the_assessment_counts_how_long_each_way_through_the_gate_takes_beside_the_tills(cast):
    school, title = cast.school, "Waiting time at the gate"
    assert title not in {one.title for one in dpia_document(live_dpia(school)).sections}
    lane = a_lane(school, by=cast.user("office"))
    at = now() - timedelta(days=3)
    with stopped_at(at):
        walk_through(lane, cast.person("Ada"), "face", waited_ms=2_300, times=20)
    with stopped_at(at + timedelta(hours=1)):
        walk_through(lane, cast.person("Nia"), "pin", waited_ms=7_300, times=20)
    first, last = (write_day(today(school) - timedelta(days=days)) for days in (90, 1))
    assert way_comparison(school).subtitle == f"From {first} to {last}"
    for document in (dpia_document(live_dpia(school)), way_comparison(school)):
        section = next(one for one in document.sections if one.title == title)
        assert section.is_statistics, "no new signature for what is counted"
        assert section.table is not None
        assert {row[0]: row[1:] for row in section.table.rows} == {
            "Card or code": ("0", "too few", "too few"),
            "PIN": ("20", "7.3 s", "7.3 s"),
            "Face": ("20", "2.3 s", "2.3 s"),
            "Looked up by staff": ("0", "too few", "too few"),
        }
        assert "much slower than a face: PIN." in section.warning
    with translation.override("zh-hans"):
        section = next(one for one in dpia_document(live_dpia(school)).sections if "7.3 秒" in str(one))
        assert "PIN码" in section.warning
        assert section.table is not None
        cells = [cell for row in (section.table.headings, *section.table.rows) for cell in row]
        said = "\n".join([section.title, section.warning, *section.paragraphs, *cells])
        assert foreign_in(said, "zh-hans") == []


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
