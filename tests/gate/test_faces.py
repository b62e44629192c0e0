"""A face at the gate: only with a yes for the gate, only after a press, and nobody is turned away by it."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.signing import sign_in

from willing.accounts.sign_ins import require_pupil_user
from willing.audit.models import Entry
from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
from willing.biometrics.consent_changes import record_consent, stop_using_face
from willing.biometrics.engine import is_available
from willing.biometrics.face_sessions import close_overdue_sessions
from willing.biometrics.models import FacePolicy, FaceSession, Template
from willing.biometrics.queries import places_of, uses_of_face
from willing.biometrics.retention import count_gate_sessions
from willing.consent.decisions import NewDecision
from willing.consent.publishing import notify_guardian
from willing.consent.queries import permission, require_notice
from willing.core.clock import now
from willing.core.errors import Refused
from willing.dpia.actions import set_manual_lock
from willing.gate.faces import needs_card, open_face, stop_face, submit_frame
from willing.gate.identification import pass_by_card, pass_by_pin
from willing.gate.models import Passage
from willing.gate.passages import Press
from willing.gate.queries import require_lane
from willing.gate.retention import log_uses
from willing.pages.lane.access import COOKIE
from willing.people.models import Person
from willing.privacy.personal_data import personal_data_of
from willing.terminals.models import Device, Terminal
from willing.terminals.pairing import pair_terminal, start_pairing

pytestmark = pytest.mark.face


def refusal(deed, *args, **more):
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return refused.value.code


@pytest.fixture
def faces(cast, lane):
    """The lane takes faces, those that the school alone can open."""
    Terminal.objects.filter(pk=lane.pk).update(takes_face=True, device=Device.KIOSK)
    FacePolicy.objects.update(mode=Template.Mode.VERIFY)
    return require_lane(cast.school, lane.pk)


@pytest.fixture
def shots(cast, portrait):
    from willing.biometrics.engine import require_engine
    from willing.demo.frames import CameraLike

    return lambda seed: CameraLike(portrait("person_a_2.jpg"), require_engine(cast.school), seed=seed)


def agree_to_the_gate(cast):
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    adult, child = (require_notice("gate", reader, "en") for reader in ("adult", "child"))
    notify_guardian(gus, ada, adult, channel="link")
    record_consent(NewDecision(ada, "gate", "yes", adult, "link", guardian=gus))
    record_consent(NewDecision(ada, "gate", "yes", child, "desk"))
    return ada


@pytest.fixture
def enrol_for(cast, shots):
    def enrol(purpose, name="Ada"):
        user = cast.user("office")
        capture = start_capture(cast.person(name), purpose, user=user)
        camera = shots(1)
        for _ in range(3):
            add_capture_frame(capture, camera.frame(), user=user)
        finish_capture(capture, user=user)

    return enrol


def watch(lane, session, camera):
    for _ in range(30):
        looked = submit_frame(lane, session.id, camera.frame())
        if looked.state != "looking":
            return looked
    raise AssertionError("the camera went on and on")


def test_a_card_and_the_face_of_its_owner_are_a_passage_by_face_that_the_log_has_by_day(
    cast, faces, shots, enrol_for
):
    ada = agree_to_the_gate(cast)
    enrol_for("gate")
    assert needs_card(faces)
    assert refusal(open_face, faces, Press(uuid4())) == "claim_first"
    assert refusal(open_face, faces, Press(uuid4()), code="WRONG-CODE") == "code_unknown"
    before = Entry.objects.count()
    press = Press(uuid4())
    session = open_face(faces, press, code=cast.cards["Ada"])
    assert open_face(faces, press, code=cast.cards["Ada"]).id == session.id
    looked = watch(faces, session, shots(2))
    assert (looked.state, looked.passage.person, looked.passage.way) == ("matched", ada, "face")
    assert refusal(open_face, faces, press, code=cast.cards["Ada"]) == "session_closed"
    assert Entry.objects.count() == before, "the log would say to the minute where a child was"
    kept = uses_of_face(ada).get()
    assert (kept.first_frame_at, kept.is_by_day) == (None, True)
    assert kept.opened_at == kept.closed_at
    assert kept.opened_at.hour in (11, 12)
    assert kept.occasion_id != press.id
    assert places_of([kept]) == {kept.id: "School gate"}
    with stopped_at(now() + timedelta(days=1)):
        log_uses(cast.school)
        for _ in range(2):
            count_gate_sessions(cast.school)
    assert facts_of("gate.used") == [{"day": looked.passage.day.isoformat(), "ways": ["face"]}]
    counted = {"day": looked.passage.day.isoformat(), "outcomes": {"matched": 1}}
    assert facts_of("face.gate_sessions_counted") == [counted]
    with stopped_at(now() + timedelta(days=1)):
        assert [one["ways"] for one in personal_data_of(ada)["gate_days"]] == [["face"]]


def test_a_use_at_the_gate_is_at_once_on_its_owners_pages_by_its_day_and_says_no_door_and_no_minute(
    cast, faces, shots, enrol_for
):
    """A family must be able to object at once; when it was they read only as a message that they chose."""
    ada = agree_to_the_gate(cast)
    enrol_for("gate")
    Person.objects.filter(pk=ada.pk).update(may_sign_in=True)
    morning = (now() + timedelta(days=1)).replace(hour=8, minute=17, second=43)
    page = f"/family/child/{ada.id}/"
    with stopped_at(morning):
        themselves, other = (
            sign_in(Client(), user) for user in (require_pupil_user(cast.person("Ada")), cast.user("pupil"))
        )
        guardian = sign_in(Client(), cast.user("guardian"))
        session = open_face(faces, Press(uuid4()), code=cast.cards["Ada"])
        while_it_looks = guardian.get(f"{page}data.json").json()["uses_of_face"]
        looked = watch(faces, session, shots(2))
        assert looked.state == "matched"
    use = {"purpose": "gate", "place": "School gate", "mode": "verify", "at": f"{looked.passage.day}"}
    assert while_it_looks == [{**use, "outcome": "open"}]
    with stopped_at(morning + timedelta(seconds=1)):
        # Of its day is nothing else on these pages: who agreed and was enrolled did so the day before.
        days = f"{looked.passage.day}|{looked.passage.day:%A, %-d %B %Y}"
        for client, base in ((guardian, page), (themselves, "/family/me/")):
            assert client.get(f"{base}data.json").json()["uses_of_face"] == [{**use, "outcome": "matched"}]
            for name in ("", "data/", f"report/?use={uses_of_face(ada).get().id}"):
                text = client.get(base + name).content.decode()
                parts = [
                    one for one in re.split(r"</?(?:li|tr|p|section|dl)\b", text) if "School gate" in one
                ]
                dated = [one for one in parts if re.search(days, one)]
                assert len(dated) == 1, name
                assert not re.search(r"\d[:.]\d\d|\b(in|out)\b", dated[0], re.IGNORECASE), name
                for place in (faces.terminal.name, faces.door.name, str(faces.pk), str(faces.door_id)):
                    assert place not in text, name
        # On nobody else's page: another pupil finds neither it nor what it is about.
        assert other.get(page).status_code == 403
        assert other.get("/family/me/data.json").json()["uses_of_face"] == []
        assert other.get(f"/family/me/report/?use={uses_of_face(ada).get().id}").status_code == 409


def test_who_showed_a_card_goes_through_by_it_whatever_the_camera_says(cast, faces, portrait, enrol_for):
    from willing.biometrics.engine import require_engine
    from willing.demo.frames import CameraLike

    ada = agree_to_the_gate(cast)
    enrol_for("gate")
    session = open_face(faces, Press(uuid4()), code=cast.cards["Ada"])
    other = CameraLike(portrait("impostor_1.jpg"), require_engine(cast.school), seed=3)
    looked = watch(faces, session, other)
    assert (looked.passage.person, looked.passage.way) == (ada, "card")
    assert not uses_of_face(ada).exists()
    Passage.objects.update(is_logged=True)
    Passage.objects.all().delete()
    session = open_face(faces, Press(uuid4()), code=cast.cards["Ada"])
    stopped = stop_face(faces, session.id)
    assert (stopped.state, stopped.passage.way) == ("stopped", "card")
    assert stop_face(faces, session.id).passage is None


def test_a_look_whose_time_was_over_before_its_frame_came_leaves_the_card(cast, faces, shots, enrol_for):
    ada = agree_to_the_gate(cast)
    enrol_for("gate")
    session = open_face(faces, Press(uuid4()), code=cast.cards["Ada"])
    with stopped_at(now() + timedelta(minutes=2)):
        looked = submit_frame(faces, session.id, shots(2).frame())
        assert (looked.state, looked.passage.person, looked.passage.way) == ("unknown", ada, "card")
        assert refusal(submit_frame, faces, session.id, b"") == "session_closed"
        assert refusal(submit_frame, faces, uuid4(), b"") == "session_closed"
    assert not uses_of_face(ada).exists()


def test_a_yes_for_the_canteen_opens_no_gate_and_a_face_that_was_erased_opens_none(
    cast, faces, enrol_for, shots
):
    enrol_for("canteen")
    card = cast.cards["Ada"]
    assert refusal(open_face, faces, Press(uuid4()), code=card) == "face_not_usable"
    ada = agree_to_the_gate(cast)
    assert permission(ada, "gate").granted
    assert refusal(open_face, faces, Press(uuid4()), code=card) == "face_not_usable"
    enrol_for("gate")
    session = open_face(faces, Press(uuid4()), code=card)
    stop_using_face(ada, channel="till", recorded_by=cast.user("office"))
    assert watch(faces, session, shots(2)).passage.way == "card"
    assert not Template.objects.exists()


def test_a_look_that_nobody_ends_is_over_by_itself_and_says_its_day_alone(cast, faces, enrol_for):
    agree_to_the_gate(cast)
    enrol_for("gate")
    session = open_face(faces, Press(uuid4()), code=cast.cards["Ada"])
    with stopped_at(now() + timedelta(minutes=2)):
        assert close_overdue_sessions() == 1
    kept = FaceSession.objects.get()
    assert (kept.state, kept.opened_at, kept.person) == ("unknown", kept.closed_at, None)
    assert kept.id == session.id


def test_where_the_school_has_decided_to_search_the_face_alone_is_asked_for(cast, faces, enrol_for, shots):
    FacePolicy.objects.update(mode=Template.Mode.IDENTIFY)
    ada = agree_to_the_gate(cast)
    enrol_for("gate")
    assert not needs_card(require_lane(cast.school, faces.pk))
    lane = require_lane(cast.school, faces.pk)
    looked = watch(lane, open_face(lane, Press(uuid4())), shots(2))
    assert (looked.passage.person, looked.passage.way) == (ada, "face")


@pytest.mark.parametrize("why", ["not_signed", "locked_by_hand"])
def test_gdpr_35_where_the_assessment_locks_faces_a_lane_opens_no_camera_and_every_other_way(
    cast, faces, enrol_for, shots, why
):
    ada, card, dpo = agree_to_the_gate(cast), cast.cards["Ada"], cast.user("dpo")
    enrol_for("gate")
    seen, camera = open_face(faces, Press(uuid4()), code=card), shots(2)
    later = timedelta(0)
    if why == "not_signed":  # in date no longer
        later = timedelta(days=400)
    else:
        set_manual_lock(cast.school, is_locked=True, reason="Broken camera", by=dpo)
    with stopped_at(now() + later):
        assert not is_available(cast.school)
        if not later:
            # One that was open: no frame is compared any more, and the card that was shown is enough.
            looked = submit_frame(faces, seen.id, camera.frame())
            assert (looked.state, looked.passage.way) == ("unknown", "card")
        before = FaceSession.objects.count()
        assert refusal(open_face, faces, Press(uuid4()), code=card) == "face_locked"
        FacePolicy.objects.update(mode=Template.Mode.IDENTIFY)
        alone = require_lane(cast.school, faces.pk)
        assert refusal(open_face, alone, Press(uuid4())) == "face_locked"
        assert FaceSession.objects.count() == before
        with stopped_at(now() + timedelta(minutes=1)):
            assert pass_by_card(faces, Press(uuid4()), card).way == "card"
            passed = pass_by_pin(faces, Press(uuid4()), ada.till_number, cast.pins["Ada"])
        assert passed.person == ada
        device = Client()
        paired = pair_terminal(start_pairing(faces.terminal), key="k", device=Device.KIOSK)
        device.cookies[COOKIE] = paired.token
        text = device.get(reverse("lane:lane")).content.decode()
        assert "Use my face" not in text
        assert "Hold your card to the reader" in text
        with stopped_at(now() + timedelta(minutes=2)):
            # Pressed on a page of before, with the card: that is enough.
            sent = {"press": str(uuid4()), "code": card}
            assert "is-green" in device.post(reverse("lane:face"), sent).content.decode()
            assert Passage.objects.get(pk=sent["press"]).way == "card"
    if not later:
        set_manual_lock(cast.school, is_locked=False, reason="Mended", by=dpo)
        assert "Use my face" in device.get(reverse("lane:lane")).content.decode()
