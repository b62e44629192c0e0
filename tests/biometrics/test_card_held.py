"""Templates that only a card opens: what enrols them, what opens them, and what does not."""

import resource
import secrets
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from typing import cast as as_type
from uuid import uuid4

import pytest
from tests.support.camera import look
from tests.support.card_faces import (
    asked_for,
    basket_of,
    begin_look,
    card_id_of,
    enrol_with_card,
    look_with_card,
    pair_as_kiosk,
    seal,
)

from willing.audit.models import Entry
from willing.biometrics import card_processes, card_worker
from willing.biometrics.card_messages import Message, Occasion
from willing.biometrics.card_processes import CardProcess, ProcessFailed
from willing.biometrics.card_sessions import context_of
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.erasure import erase_faces
from willing.biometrics.gallery import live_gallery, open_template
from willing.biometrics.laws import change_law
from willing.biometrics.models import FacePolicy, GalleryState, Template
from willing.biometrics.queries import kinds_of
from willing.biometrics.reissue import reissue
from willing.biometrics.retention import purge_faces
from willing.biometrics.school_policy import decide_kinds
from willing.biometrics.suspension import resume_face
from willing.core import clock
from willing.core.errors import Refused
from willing.credentials.cards import issue_card
from willing.keys.actions import open_person_key
from willing.people.models import School
from willing.terminals.models import Terminal
from willing.till.baskets import add_product
from willing.till.face_identification import face_offer, needs_share, submit_frame, submit_share
from willing.till.identification import deny_identity, identify_by_card, identify_by_pin
from willing.till.payment import confirm_basket
from willing.till.rules import FaceOffer
from willing.till.school_limits import set_school_face_limit


@pytest.fixture(autouse=True)
def no_process_left():
    yield
    card_processes.close_all()


@pytest.fixture
def kiosk(cast):
    pair_as_kiosk()
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    return cast


def test_a_card_and_a_face_pay_whatever_a_face_alone_may(kiosk, camera):
    held = enrol_with_card(kiosk, camera)
    assert (held.template.holder, held.template.mode, held.template.issue) == ("card", "verify", 1)
    set_school_face_limit(kiosk.school, 1, by=kiosk.user("office"))
    session = look_with_card(kiosk, camera("person_a_1.jpg"), held.share)
    assert (session.state, session.person) == ("matched", kiosk.person("Ada"))
    assert card_processes.find(session.id) is None  # it ended with its session
    basket = basket_of(kiosk)
    assert (basket.way, basket.claim) == ("face", "card")
    assert confirm_basket(kiosk.till, basket.id).way == "face"


def test_a_stranger_with_the_card_is_not_confirmed_and_no_gallery_is_built(kiosk, camera):
    held = enrol_with_card(kiosk, camera)
    assert look_with_card(kiosk, camera("impostor_1.jpg"), held.share).state == "unknown"
    assert live_gallery(kiosk.school, "canteen").held == {}
    assert confirm_basket(kiosk.till, basket_of(kiosk).id).way == "card"


def test_a_wrong_cut_or_replayed_share_opens_nothing(kiosk, camera):
    held = enrol_with_card(kiosk, camera)
    assert look_with_card(kiosk, camera("person_a_1.jpg"), secrets.token_bytes(16)).state == "unknown"
    assert Template.objects.get().suspended_at is None  # a wrong card damages nobody's face
    session = begin_look(kiosk, key="2")
    public, info = asked_for(session)
    sealed = seal(public, info, held.share)
    other = Occasion(str(kiosk.school.id), str(session.id), "another basket").info().hex()
    process = card_processes.find(session.id)
    asked: dict[str, object] = {"deed": "open", "half": open_person_key(held.template.key_id).hex()}
    asked["context"] = context_of(held.template)
    blob = bytes(held.template.sealed)
    for share in (sealed[:-2], "", "zz", seal(public, other, held.share)):
        assert process.ask(Message({**asked, "share": share}, blob)).said["is_refused"]
    assert "is_refused" not in process.ask(Message({**asked, "share": sealed}, blob)).said
    assert process.ask(Message({**asked, "share": sealed}, blob)).said["is_refused"]
    deny_identity(kiosk.till, basket_of(kiosk).id)
    later = begin_look(kiosk, key="3")
    assert submit_share(kiosk.till, later.id, sealed).state == "unknown"  # of the session before


def test_an_older_seal_or_another_persons_does_not_open(kiosk, camera):
    old = enrol_with_card(kiosk, camera)
    erase_faces(kiosk.person("Ada"), cause="test")
    new = enrol_with_card(kiosk, camera)
    assert new.template.issue == 2
    Template.objects.update(sealed=old.template.sealed)
    assert look_with_card(kiosk, camera("person_a_1.jpg"), old.share).state == "unknown"
    assert look_with_card(kiosk, camera("person_a_1.jpg"), new.share, key="2").state == "unknown"


def test_a_thief_with_both_databases_and_the_master_key_opens_nothing_and_neither_does_a_card(kiosk, camera):
    from willing.face import SealBroken
    from willing.face.card_seal import Halves, open_with_card
    from willing.face.protect import SealContext

    held = enrol_with_card(kiosk, camera)
    row, half = Template.objects.get(), open_person_key(held.template.key_id)
    context, sealed = SealContext(**as_type("dict[str, Any]", context_of(row))), bytes(row.sealed)
    assert len(open_with_card(sealed, Halves(half, held.share), context)) == row.references
    for key in (Halves(half, bytes(16)), Halves(half, half[:16]), Halves(bytes(32), held.share)):
        with pytest.raises(SealBroken):
            open_with_card(sealed, key, context)
    with pytest.raises(SealBroken):
        open_template(row, live_gallery(kiosk.school, "canteen").rotation)


def test_a_pin_another_card_another_makers_till_and_a_till_without_such_faces_offer_none(kiosk, camera):
    enrol_with_card(kiosk, camera)
    basket = add_product(kiosk.till, kiosk.meal)
    offered = face_offer(identify_by_card(kiosk.till, basket.id, kiosk.cards["Ada"]))
    assert offered is FaceOffer.CONFIRM
    assert needs_share(basket_of(kiosk))
    for change in ({"device": "api"}, {"takes_card_held": False}):
        Terminal.objects.update(**change)
        assert face_offer(basket_of(kiosk)) is FaceOffer.NONE
        with pytest.raises(Refused, match="face_not_usable"):
            begin_look(kiosk)
        Terminal.objects.update(device="kiosk", takes_card_held=True)
    deny_identity(kiosk.till, basket.id)
    identify_by_pin(kiosk.till, basket.id, kiosk.person("Ada").till_number, kiosk.pins["Ada"])
    assert face_offer(basket_of(kiosk)) is FaceOffer.NONE
    deny_identity(kiosk.till, basket.id)
    other = issue_card(kiosk.person("Ada"))
    assert face_offer(identify_by_card(kiosk.till, basket.id, other)) is FaceOffer.NONE


def test_a_till_without_central_faces_searches_nobody_and_confirms_nobody(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    Terminal.objects.update(takes_central=False)
    with pytest.raises(Refused, match="claim_first"):
        look(cast, camera("person_a_1.jpg"))
    identify_by_card(cast.till, basket_of(cast).id, cast.cards["Ada"])
    assert face_offer(basket_of(cast)) is FaceOffer.NONE


def test_enrolment_needs_the_kind_that_the_school_enrols(cast, camera, enrol):
    pair_as_kiosk()
    with pytest.raises(Refused, match="not_the_dpo"):
        decide_kinds(cast.school, "card", by=cast.user("office"))
    with pytest.raises(Refused, match="kind_not_enrolled"):
        enrol_with_card(cast, camera)
    decide_kinds(cast.school, "card", by=cast.user("dpo"))
    with pytest.raises(Refused, match="card_needed"):
        enrol("Ada", "person_a_2.jpg")
    with pytest.raises(Refused, match="card_needed"):
        enrol_with_card(cast, camera, share="00" * 97)
    assert not Template.objects.exists()
    entry = Entry.objects.get(event="face.kinds_decided")
    assert b'"kinds":"card"' in bytes(entry.hashed)
    policy = FacePolicy.objects.get()
    assert (policy.kinds_by, policy.kinds_at is None) == (cast.user("dpo"), False)


@pytest.mark.parametrize("law", ["strict", "eu"])
def test_under_strict_and_eu_only_a_card_opens_a_face(cast, enrol, camera, law):
    enrol("Ada", "person_a_2.jpg")
    change_law(cast.school, law, by=cast.user("dpo").pk)
    assert kinds_of(School.objects.get()) == {"card"}
    with pytest.raises(Refused, match="central_not_allowed"):
        decide_kinds(School.objects.get(), "both", by=cast.user("dpo"))
    assert Template.objects.get().suspended_for == "central"
    assert resume_face(cast.person("Ada"), by=cast.user("office")) == 0
    change_law(School.objects.get(), "england_wales")
    assert resume_face(cast.person("Ada"), by=cast.user("office")) == 1


def purged_after(days):
    later = clock.now() + timedelta(days=days)
    with clock.running(lambda: later):
        return purge_faces().overdue


def test_what_the_school_alone_could_open_is_erased_a_term_after_the_law_changed(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    change_law(cast.school, "eu")
    for guardian in (None, "Gus"):
        record_consent(cast.says("Ada", "yes", guardian=guardian))
    for days, overdue in ((119, 0), (121, 1)):
        assert purged_after(days) == overdue
    assert not Template.objects.exists()


def test_a_new_gallery_secret_leaves_what_a_card_opens_as_it_is(kiosk, camera):
    held = enrol_with_card(kiosk, camera)
    live_gallery(kiosk.school, "canteen")
    assert GalleryState.objects.exists()
    assert reissue(kiosk.school).templates == 0
    assert bytes(Template.objects.get().sealed) == bytes(held.template.sealed)
    assert look_with_card(kiosk, camera("person_a_1.jpg"), held.share).state == "matched"


def test_a_process_that_died_or_answers_for_another_basket_confirms_nobody(kiosk, camera):
    held = enrol_with_card(kiosk, camera)
    session = begin_look(kiosk)
    process = card_processes.find(session.id)
    assert submit_share(kiosk.till, session.id, seal(*asked_for(session), held.share)).state == "looking"
    process.occasion = Occasion(process.occasion.school, process.occasion.session, "another basket")
    assert submit_frame(kiosk.till, session.id, camera("person_a_1.jpg").frame()).state == "unknown"
    assert process.is_over
    with pytest.raises(ProcessFailed):
        process.ask(Message({}))
    assert confirm_basket(kiosk.till, basket_of(kiosk).id).way == "card"


def test_without_a_share_a_look_compares_with_nothing(kiosk, camera):
    enrol_with_card(kiosk, camera)
    session = begin_look(kiosk)
    assert submit_frame(kiosk.till, session.id, camera("person_a_1.jpg").frame()).state == "unknown"


def test_a_process_that_got_ready_serves_the_next_session_and_one_that_waited_is_replaced(monkeypatch):
    place, occasion = uuid4(), Occasion("school", "session", "basket")
    card_processes.get_ready(place)
    ready = card_processes._processes[place]
    card_processes.get_ready(place)
    assert card_processes._processes[place] is ready
    assert card_processes.begin(place, occasion) is ready
    assert card_processes.begin(place, occasion) is ready  # pressed twice
    assert len(bytes.fromhex(ready.public)) == 65
    assert card_processes.begin(place, Occasion("school", "next", "basket")) is not ready
    assert ready.is_over
    monkeypatch.setattr(card_processes, "SECONDS_MAX", -1)
    card_processes.tidy()
    assert card_processes._processes == {}


def test_the_process_ends_by_itself_half_a_minute_after_it_began_and_leaves_no_core(monkeypatch):
    alarms: list[int] = []
    limits: list[object] = []
    monkeypatch.setattr("willing.biometrics.card_worker.signal.alarm", alarms.append)
    monkeypatch.setattr(
        "willing.biometrics.card_worker.resource.setrlimit", lambda *limit: limits.append(limit)
    )
    monkeypatch.setattr("willing.biometrics.card_worker.os.environ", {})
    asked = iter([Message({"school": "s", "session": "1", "basket": "b"}), Message({"deed": "reset"}), None])
    monkeypatch.setattr(card_worker, "read_message", lambda _stream: next(asked))
    monkeypatch.setattr("willing.biometrics.card_worker.sys.stdin", type("In", (), {"buffer": None}))
    monkeypatch.setattr("willing.biometrics.card_worker.sys.stdout", type("Out", (), {"buffer": None}))
    answers: list[Message] = []
    monkeypatch.setattr(card_worker, "write_message", lambda _stream, message: answers.append(message))
    card_worker.main()
    assert alarms == [30, 30]
    assert limits == [(resource.RLIMIT_CORE, (0, 0))]
    assert answers[1].said == {"school": "s", "session": "1", "basket": "b", "is_refused": True}


def test_a_process_knows_none_of_the_installations_secrets():
    process = CardProcess()
    try:
        process.begin(Occasion("school", "session", "basket"))
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        assert b"WILLING" not in environment
    finally:
        process.close()


def test_the_card_of_somebody_else_is_named_by_its_id_only(kiosk, camera):
    held = enrol_with_card(kiosk, camera)
    assert held.template.card_id == card_id_of(kiosk, "Ada")
    assert held.share.hex() not in repr(held.template)


def test_the_process_that_opens_a_template_has_no_database_and_reads_no_picture() -> None:
    script = (
        "import io, sys; from willing.biometrics import card_worker;"
        "sys.stdin = type('In', (), {'buffer': io.BytesIO()}); card_worker.main();"
        "import willing.face.card_seal; found = {name.partition('.')[0] for name in sys.modules};"
        "assert 'numpy' in found; assert not found & {'django', 'cv2', 'openvino', 'onnx', 'sqlite3'}, found"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
