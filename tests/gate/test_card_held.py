"""A face at the gate that only its owner's card opens: the one kind there under `strict` and `eu`."""

import secrets
from uuid import uuid4

import pytest
from tests.gate.test_faces import agree_to_the_gate, refusal, watch
from tests.support.card_faces import asked_for, enrol_with_card, seal

from willing.audit.models import Entry
from willing.biometrics import card_processes
from willing.biometrics.gallery import live_gallery
from willing.biometrics.laws import change_law
from willing.biometrics.models import Template
from willing.biometrics.queries import kinds_of
from willing.biometrics.school_policy import decide_kinds
from willing.gate.faces import needs_card, open_face, prepare_face, stop_face, submit_frame, submit_share
from willing.gate.passages import Press
from willing.gate.queries import require_lane
from willing.people.models import School
from willing.terminals.models import Device, Terminal

pytestmark = pytest.mark.face


@pytest.fixture(autouse=True)
def no_process_left():
    yield
    card_processes.close_all()


@pytest.fixture
def camera(cast, portrait):
    from willing.biometrics.engine import require_engine
    from willing.demo.frames import CameraLike

    return lambda name: CameraLike(portrait(name), require_engine(cast.school), seed=1)


@pytest.fixture
def faces(cast, lane):
    """The lane takes faces of both kinds, and every purpose is enrolled as the school may."""
    Terminal.objects.update(takes_face=True, device=Device.KIOSK)
    return require_lane(cast.school, lane.pk)


def at_the_lane(cast, lane, share, shots):
    """Press, show the card, look: what a page does."""
    session = open_face(lane, Press(uuid4()), code=cast.cards["Ada"])
    looked = submit_share(lane, session.id, seal(*asked_for(session), share))
    return looked if looked.state != "looking" else watch(lane, session, shots)


@pytest.mark.parametrize("law", ["strict", "eu"])
def test_under_strict_and_eu_a_lane_takes_the_face_of_a_card_and_no_other(cast, faces, camera, law):
    change_law(cast.school, law, by=cast.user("dpo").pk)
    ada = agree_to_the_gate(cast)
    lane = require_lane(School.objects.get(), faces.pk)
    assert kinds_of(lane.terminal.school) == {"card"}
    assert needs_card(lane)
    held = enrol_with_card(cast, camera, purpose="gate")
    assert (held.template.holder, held.template.mode) == ("card", "verify")
    assert refusal(open_face, lane, Press(uuid4())) == "claim_first"
    looked = at_the_lane(cast, lane, held.share, camera("person_a_1.jpg"))
    assert (looked.passage.person, looked.passage.way) == (ada, "face")
    assert live_gallery(cast.school, "gate").held == {}
    # As if it were one that the school alone can open, of before the law: the card alone passes.
    Template.objects.update(holder="central", card_id=None)
    assert refusal(open_face, lane, Press(uuid4()), code=cast.cards["Ada"]) == "face_not_usable"


def test_what_opens_the_face_is_ready_when_the_card_comes_and_only_where_cards_open_faces(
    cast, faces, camera
):
    prepare_face(faces)
    assert card_processes._processes == {}  # the school enrols no such faces
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    agree_to_the_gate(cast)
    enrol_with_card(cast, camera, purpose="gate")
    prepare_face(faces)
    ready = card_processes._processes[faces.pk]
    session = open_face(faces, Press(uuid4()), code=cast.cards["Ada"])
    assert card_processes.find(session.id) is ready


def test_a_share_that_opens_nothing_lets_its_owner_through_by_the_card_and_no_stranger_by_the_face(
    cast, faces, camera
):
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    agree_to_the_gate(cast)
    held = enrol_with_card(cast, camera, purpose="gate")
    shots, entries = camera("person_a_1.jpg"), Entry.objects.count()
    wrong = at_the_lane(cast, faces, secrets.token_bytes(16), shots)
    stranger = at_the_lane(cast, faces, held.share, camera("impostor_1.jpg"))
    assert [one.passage.way for one in (wrong, stranger)] == ["card", "card"]
    before = open_face(faces, Press(uuid4()), code=cast.cards["Ada"])
    sealed = seal(*asked_for(before), held.share)
    stop_face(faces, before.id)
    later = open_face(faces, Press(uuid4()), code=cast.cards["Ada"])
    assert submit_share(faces, later.id, sealed).passage.way == "card"  # of the session before
    without = open_face(faces, Press(uuid4()), code=cast.cards["Ada"])
    assert submit_frame(faces, without.id, shots.frame()).state != "matched"
    assert Template.objects.get().suspended_at is None
    assert Entry.objects.count() == entries
