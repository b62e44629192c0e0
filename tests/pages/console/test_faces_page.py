"""The page of faces: who decides what, who comes again, who looks like whom."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from willing.biometrics.consent_changes import record_consent
from willing.biometrics.models import OwnScores, Template
from willing.biometrics.picture_models import DeskPictureDay, PictureDay
from willing.biometrics.queries import find_face_policy, has_face, kinds_of, mode_of
from willing.consent.decisions import NewDecision
from willing.consent.models import Decision
from willing.consent.queries import require_notice
from willing.core import clock
from willing.credentials.cards import find_card_owner
from willing.people.models import School
from willing.people.persons import NewPerson, add_person
from willing.people.queries import today
from willing.terminals.models import Terminal
from willing.till.school_limits import school_face_daily_minor


def test_the_officer_decides_how_faces_are_used_and_the_office_reads_it(cast: Any, browser: Any) -> None:
    dpo, office = browser("dpo"), browser("office")
    empty = dpo.post("/staff/faces/mode/", {"mode": "verify", "reason": ""})
    assert (empty.status_code, mode_of(cast.school)) == (422, "identify")
    assert office.post("/staff/faces/mode/", {"mode": "verify", "reason": "x"}).status_code == 403
    dpo.post("/staff/faces/mode/", {"mode": "verify", "reason": "Families asked for it"})
    assert mode_of(cast.school) == "verify"
    text = office.get("/staff/faces/").content.decode()
    assert "Card or PIN first, then the face" in text
    assert "Families asked for it" in text
    assert "Only the data protection officer changes it." in text


def test_the_officer_decides_which_faces_are_enrolled(cast: Any, browser: Any) -> None:
    dpo, office = browser("dpo"), browser("office")
    address = "/staff/faces/kinds/"
    assert "The school alone" in office.get("/staff/faces/").content.decode()
    assert office.post(address, {"kinds": "card"}).status_code == 403
    assert dpo.post(address, {"kinds": "none"}).status_code == 422
    dpo.post(address, {"kinds": "card"})
    assert kinds_of(cast.school) == {"card"}
    text = office.get("/staff/faces/").content.decode()
    assert "Only together with the pupil's card" in text
    School.objects.update(legal_profile="strict")
    assert dpo.post(address, {"kinds": "both"}).status_code == 409


def test_the_officer_records_the_filing_and_the_office_the_limit(cast: Any, browser: Any) -> None:
    School.objects.update(legal_profile="china")
    dpo, office = browser("dpo"), browser("office")
    assert office.post("/staff/faces/filing/", {"reference": "CAC 17"}).status_code == 403
    dpo.post("/staff/faces/filing/", {"reference": "CAC 17"})
    rules = find_face_policy(cast.school)
    assert rules is not None
    assert rules.filing_reference == "CAC 17"
    assert "Filed as CAC 17" in dpo.get("/staff/faces/").content.decode()
    assert office.post("/staff/faces/limit/", {"amount": "-1"}).status_code == 422
    office.post("/staff/faces/limit/", {"amount": "9.50"})
    assert school_face_daily_minor(cast.school) == 950


@pytest.mark.face
def test_the_office_sees_who_comes_again_and_who_is_there_twice(cast: Any, browser: Any, enrol: Any) -> None:
    enrol("Ada", "person_a_2.jpg")
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    enrol("Wes", "person_a_2.jpg")
    text = browser("office").get("/staff/faces/").content.decode()
    assert "Probably one person enrolled under two names" in text
    assert "More than a school year has passed." not in text
    later = clock.now() + timedelta(days=367)
    with clock.running(lambda: later):
        text = browser("office").get("/staff/faces/").content.decode()
    assert text.count("More than a school year has passed.") == 2


def test_a_till_with_a_camera_is_not_set_up_in_a_changing_room(cast: Any, office: Any) -> None:
    said = {"name": "Gym", "purpose": "shop", "location": "changing_room", "ways": ["card", "face"]}
    refused = office.post("/staff/terminals/", said)
    assert refused.status_code == 409
    assert "be set up where people sleep or undress." in refused.content.decode()
    assert office.post("/staff/terminals/", {**said, "ways": ["card", "pin"]}).status_code == 302
    assert Terminal.objects.get(name="Gym").location == "changing_room"


def test_recording_that_somebody_has_left_ends_cards_and_face(cast: Any, browser: Any, enrol: Any) -> None:
    enrol("Ada", "person_a_2.jpg")
    ada, office = cast.person("Ada"), browser("office")
    page = f"/staff/people/{ada.id}/leave/"
    assert "Has Ada Agrees left the school?" in office.get(page).content.decode()
    assert has_face(ada)
    for _ in range(2):
        text = office.post(page, follow=True).content.decode()
        assert "Cards are revoked and faces deleted" in text
    assert not has_face(ada)
    assert find_card_owner(cast.school, cast.cards["Ada"]) is None
    assert f'href="/staff/people/{ada.id}/leave/"' not in text
    assert f'action="/staff/people/{ada.id}/leave/"' not in text


def test_the_officer_decides_whether_pictures_are_detected_and_the_office_reads_the_figures(
    cast: Any, browser: Any
) -> None:
    dpo, office = browser("dpo"), browser("office")
    address, said = "/staff/faces/pictures/", {"pictures": "shadow", "why": "A try"}
    assert "Pictures are not detected" in office.get("/staff/faces/").content.decode()
    assert office.post(address, said).status_code == 403
    assert dpo.post(address, {"pictures": "shadow", "why": ""}).status_code == 422
    early = dpo.post(address, {"pictures": "acting", "why": "At once"})
    assert early.status_code == 422
    assert "Let it count first." in early.content.decode()
    dpo.post(address, said)
    assert "No face has been counted in the last 14 days." in office.get("/staff/faces/").content.decode()
    day = today(cast.school)
    for terminal, live, picture in ((cast.till, 7, 2), (cast.other_till, 4, 0)):
        PictureDay.objects.create(terminal=terminal, day=day, acts=False, live=live, picture=picture, doubt=1)
    PictureDay.objects.create(terminal=cast.till, day=day - timedelta(days=15), acts=False, live=90)
    DeskPictureDay.objects.create(school=cast.school, day=day, acts=False, live=3, picture=1)
    text = office.get("/staff/faces/").content.decode()
    assert "Counted only" in text
    assert "A try" in text
    cells = re.findall(r'<td class="num" data-label="\w[\w ]*">(\d+)</td>', text)
    assert sorted([cells[:3], cells[3:6]]) == [["4", "1", "0"], ["7", "1", "2"]]
    assert cells[6:] == ["3", "0", "1"]


def test_the_office_and_the_officer_read_how_faces_age_and_nothing_of_a_few(cast: Any, browser: Any) -> None:
    assert "No face has been recognised yet." in browser("dpo").get("/staff/faces/").content.decode()
    month = today(cast.school).replace(day=1)
    notice = require_notice("canteen", "child", "en")
    for number in range(10):
        person = add_person(cast.school, NewPerson(f"P{number}", "Q"))
        record_consent(NewDecision(person, "canteen", "yes", notice, "desk", recorded_by=cast.user("office")))
        template = Template.objects.create(
            person=person, purpose="canteen", sealed=b"", key_id=uuid4(), model_id="m", references=3,
            own_decision=Decision.objects.get(person=person),
        )  # fmt: skip
        OwnScores.objects.create(template=template, month=month, uses=4, hundredths=4 * 62)
        if number < 9:
            later = (month + timedelta(days=130)).replace(day=1)
            OwnScores.objects.create(template=template, month=later, uses=1, hundredths=31)
    for who in ("dpo", "office"):
        text = browser(who).get("/staff/faces/").content.decode()
        cells = re.findall(r'<td class="num" data-label="(\w+)">([\d.]+)</td>', text)
        assert cells == [("People", "10"), ("Uses", "40"), ("Mean", "0.62")]
        assert text.count("Fewer than ten people: not shown") == 1
        assert "0 to under 3" in text
