import dataclasses
import io
import logging
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from tests.support.camera import look
from tests.support.clocks import stopped_at

from willing.audit.models import Entry
from willing.audit.verify_database import verify_log
from willing.biometrics import gallery
from willing.biometrics.capture import abandon_capture, add_capture_frame, finish_capture, start_capture
from willing.biometrics.consent_changes import record_consent, stop_using_face
from willing.biometrics.first_frames import note_first_frame
from willing.biometrics.gallery import held_persons, live_gallery, open_template
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.queries import has_face
from willing.biometrics.retention import RetentionResult, purge_faces
from willing.core import clock
from willing.core.errors import Refused
from willing.credentials.queries import ways_here
from willing.keys.actions import key_exists, key_ids
from willing.keys.errors import KeyGone, MasterKeyWrong
from willing.keys.models import PersonKey
from willing.ledger.queries import available_minor
from willing.ops.clock import accept_clock
from willing.people.guardians import add_guardian
from willing.people.models import School
from willing.people.persons import mark_left
from willing.till.baskets import add_product, cancel_basket, show_basket
from willing.till.face_identification import open_face_session, stop_session, submit_frame
from willing.till.identification import identify_by_card
from willing.till.payment import confirm_basket

pytestmark = pytest.mark.face


def permit_wes(cast):
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))


def test_a_face_pays_on_a_portrait_taken_years_apart(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    basket, session = look(cast, camera("person_a_1.jpg"))
    assert session.state == "matched"
    assert (basket.person, basket.way) == (cast.person("Ada"), "face")
    assert confirm_basket(cast.till, basket.id).way == "face"
    assert available_minor(cast.person("Ada")) == 1750


def test_a_stranger_is_unknown_and_nothing_of_them_is_kept(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    basket, session = look(cast, camera("impostor_1.jpg"))
    assert session.state == "unknown"
    assert (basket.state, basket.person) == ("open", None)
    session = FaceSession.objects.get()
    assert session.person is None
    entry = Entry.objects.filter(event="face.session_closed").get()
    assert entry.subject == session.id
    assert entry.personal_json == "{}"
    assert set(__import__("json").loads(bytes(entry.hashed))["facts"]) == {
        "session",
        "outcome",
        "terminal",
        "mode",
    }


@pytest.mark.parametrize(
    ("name", "reason"), [("Carl", "own_yes_missing"), ("Nia", "own_no"), ("Wes", "guardian_no")]
)
def test_nobody_is_enrolled_without_a_live_permission(cast, enrol, name, reason):
    with pytest.raises(Refused, match="not_permitted") as refused:
        enrol(name, "person_a_2.jpg")
    assert reason in refused.value.data["reasons"]
    assert not Template.objects.exists()
    assert not PersonKey.objects.exists()


def test_a_permission_that_ends_during_the_capture_leaves_nothing(cast, camera):
    user, shots = cast.user("office"), camera("person_a_2.jpg")
    capture = start_capture(cast.person("Ada"), "canteen", user=user)
    for _ in range(3):
        add_capture_frame(capture, shots.frame(), user=user)
    record_consent(cast.says("Ada", "no"))
    with pytest.raises(Refused, match="not_permitted"):
        finish_capture(capture, user=user)
    assert not Template.objects.exists()
    assert not PersonKey.objects.exists()


def test_two_frames_are_too_few(cast, enrol):
    with pytest.raises(Refused, match="too_few_frames"):
        enrol("Ada", "person_a_2.jpg", frames=2)


def test_frames_of_two_people_make_no_reference(cast, camera):
    user = cast.user("office")
    capture = start_capture(cast.person("Ada"), "canteen", user=user)
    first, second = camera("person_a_2.jpg"), camera("person_b_2.jpg")
    for shots in (first, first, second):
        add_capture_frame(capture, shots.frame(), user=user)
    with pytest.raises(Refused, match="several_people"):
        finish_capture(capture, user=user)
    assert not PersonKey.objects.exists()


def test_a_capture_belongs_to_who_began_it_and_ends(cast, camera):
    capture = start_capture(cast.person("Ada"), "canteen", user=cast.user("office"))
    with pytest.raises(Refused, match="capture_gone"):
        add_capture_frame(capture, camera("person_a_2.jpg").frame(), user=cast.user("cashier"))
    abandon_capture(capture, user=cast.user("office"))
    with pytest.raises(Refused, match="capture_gone"):
        finish_capture(capture, user=cast.user("office"))


def test_enrolling_twice_is_refused(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    with pytest.raises(Refused, match="already_enrolled"):
        enrol("Ada", "person_a_2.jpg")


def test_people_whom_the_engine_cannot_tell_apart_leave_the_search_both(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    permit_wes(cast)
    enrol("Wes", "person_a_1.jpg")
    assert set(Template.objects.values_list("mode", flat=True)) == {"verify"}
    assert look(cast, camera("person_a_2.jpg")).session.state == "unknown"
    assert Entry.objects.filter(event="face.lookalike_found").count() == 2


WORDS = [
    ("a guardian withdraws", lambda cast: record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))),
    ("a guardian says no", lambda cast: record_consent(cast.says("Ada", "no", guardian="Gus"))),
    ("the pupil says no", lambda cast: record_consent(cast.says("Ada", "no"))),
    (
        "the pupil stops",
        lambda cast: stop_using_face(cast.person("Ada"), channel="till", recorded_by=None),
    ),
]


@pytest.mark.parametrize("word", [word for _, word in WORDS], ids=[name for name, _ in WORDS])
def test_withdrawn_permission_erases_the_template_before_the_next_search(cast, enrol, camera, word):
    key_id = enrol("Ada", "person_a_2.jpg").key_id
    assert look(cast, camera("person_a_1.jpg")).session.state == "matched"
    word(cast)
    assert not key_exists(key_id)
    assert not has_face(cast.person("Ada"))
    cancel_basket(cast.till, show_basket(cast.till).id)
    assert look(cast, camera("person_a_1.jpg")).session.state == "unknown"
    assert Entry.objects.filter(event="face.erased", subject=cast.person("Ada").id).count() == 1


def test_withdrawing_while_the_till_shows_the_pupil_charges_nothing(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    basket, _ = look(cast, camera("person_a_1.jpg"))
    record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
    with pytest.raises(Refused, match="face_withdrawn"):
        confirm_basket(cast.till, basket.id)
    basket.refresh_from_db()
    assert (basket.state, basket.person, basket.way) == ("open", None, "")
    assert available_minor(cast.person("Ada")) == 2000
    identify_by_card(cast.till, basket.id, cast.cards["Ada"])
    assert confirm_basket(cast.till, basket.id).receipt_number


def test_an_erasure_reaches_another_process_within_a_second_without_a_search(cast, enrol, db):
    enrol("Ada", "person_a_2.jpg")
    names = {alias: str(connections.settings[alias]["NAME"]) for alias in ("default", "keys")}
    script = f"""
        import os, sys, time
        os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
        import django; django.setup()
        from django.db import connections
        for alias in ("default", "keys"):
            connections.settings[alias]["NAME"] = {names!r}[alias]
        from willing.biometrics import gallery
        from willing.people.models import School
        school = School.objects.get()
        gallery.live_gallery(school, "canteen")
        gallery.start_watching()
        print(len(gallery.held_persons(school.id, "canteen")), flush=True)
        sys.stdin.readline()
        begin = time.monotonic()
        while gallery.held_persons(school.id, "canteen") and time.monotonic() - begin < 20:
            time.sleep(0.01)
        print(time.monotonic() - begin, flush=True)
    """
    import os

    environment = os.environ | {"PYTHONPATH": "."}
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout.readline().strip() == "1"
        record_consent(cast.says("Ada", "no"))
        process.stdin.write("\n")
        process.stdin.flush()
        assert float(process.stdout.readline()) < 1.0
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.mark.sqlite
def test_a_restored_backup_cannot_be_opened_and_the_sweep_reports_it(cast, enrol, camera, db, tmp_path):
    enrol("Ada", "person_a_2.jpg")
    connections["default"].close()
    with (
        closing(sqlite3.connect(db / "default.sqlite3")) as source,
        closing(sqlite3.connect(tmp_path / "b")) as copy,
    ):
        source.backup(copy)
    record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
    connections["default"].close()
    for extra in ("-wal", "-shm"):
        (db / f"default.sqlite3{extra}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "b", db / "default.sqlite3")
    gallery.drop_all_galleries()
    row = Template.objects.get()
    with pytest.raises(KeyGone):
        open_template(row, live_gallery(cast.school, "canteen").rotation)
    assert look(cast, camera("person_a_1.jpg")).session.state == "unknown"
    assert purge_faces().unreadable == 1
    assert not Template.objects.exists()
    assert dataclasses.replace(purge_faces(), sessions=0) == RetentionResult(0, 0, 0, 0, 0)


@pytest.mark.sqlite
def test_an_erased_key_is_not_left_in_the_files_of_the_key_database(cast, enrol, db):
    key = PersonKey.objects.get(pk=enrol("Ada", "person_a_2.jpg").key_id)
    wrapped = bytes(key.wrapped)
    record_consent(cast.says("Ada", "no"))
    connections["keys"].close()
    assert not any(wrapped in path.read_bytes() for path in db.iterdir() if path.name.startswith("keys"))


def test_the_sweep_ends_a_template_whose_permission_was_lost_behind_our_back(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    add_guardian(cast.person("Ada"), "Gil")  # not told yet, so the permission is suspended
    swept = purge_faces()
    assert swept.unpermitted == 1
    assert not Template.objects.exists()
    assert not PersonKey.objects.exists()


def test_the_sweep_ends_faces_of_who_left_and_of_last_year_and_keys_of_nobody(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    School.objects.update(legal_profile="strict")
    term, longer = (clock.now() + timedelta(days=days) for days in (119, 121))
    with clock.running(lambda: term):
        assert purge_faces().overdue == 0
    with clock.running(lambda: longer):
        assert purge_faces().overdue == 1  # a term without use
    accept_clock(cast.school, reason="Back from the future", by=None)
    School.objects.update(legal_profile="england_wales")
    cast.school.refresh_from_db()
    enrol("Ada", "person_a_2.jpg")
    mark_left([cast.person("Ada").id])
    assert purge_faces().unpermitted == 1
    PersonKey.objects.create(
        person_id=uuid4(), wrapped=b"x" * 60, created_at=clock.now() - timedelta(hours=1)
    )
    assert purge_faces().orphan_keys == 1
    assert key_ids() == {}


def test_a_session_ends_by_itself_after_eight_seconds_of_looking(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    shots = camera("person_a_1.jpg")
    submit_frame(cast.till, session.id, shots.frame())
    later = clock.now() + timedelta(seconds=8)
    with clock.running(lambda: later), pytest.raises(Refused, match="session_closed"):
        submit_frame(cast.till, session.id, shots.frame())
    session.refresh_from_db()
    assert (session.state, session.person) == ("unknown", None)


def test_the_first_frame_decides_once_when_a_session_expires(cast):
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    first = session.opened_at + timedelta(seconds=1)
    for moment in (first, first + timedelta(seconds=2)):
        with stopped_at(moment):
            note_first_frame(session.id, terminal_id=cast.till.id)
        session.refresh_from_db()
        assert (session.first_frame_at, session.expires_at) == (first, first + timedelta(seconds=8))


def test_a_session_that_is_over_stopped_or_anothers_has_no_first_frame(cast):
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    note_first_frame(session.id, terminal_id=cast.other_till.id)
    for moment in (session.expires_at, session.opened_at - timedelta(hours=1)):  # over; and a clock put back
        with stopped_at(moment):
            note_first_frame(session.id, terminal_id=cast.till.id)
    stop_session(cast.till, session.id)
    note_first_frame(session.id, terminal_id=cast.till.id)
    session.refresh_from_db()
    assert (session.first_frame_at, session.state) == (None, "stopped")


def test_a_frame_for_a_closed_foreign_or_unknown_session_is_dropped_unread(cast, monkeypatch):
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    monkeypatch.setattr(
        "willing.face.Engine.process_frame", lambda *_, **__: pytest.fail("the frame was looked at")
    )
    for terminal, session_id in ((cast.other_till, session.id), (cast.till, uuid4())):
        with pytest.raises(Refused, match="session_closed"):
            submit_frame(terminal, session_id, b"frame")
    stop_session(cast.till, session.id)
    with pytest.raises(Refused, match="session_closed"):
        submit_frame(cast.till, session.id, b"frame")


def test_a_frame_that_is_no_picture_is_refused_and_the_session_goes_on(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    for junk in (b"", b"junk", b"\xff\xd8\xff\xe0" + bytes(100)):
        with pytest.raises(Refused, match="frame_not_readable"):
            submit_frame(cast.till, session.id, junk)
    shots = camera("person_a_1.jpg")
    answers = [submit_frame(cast.till, session.id, shots.frame()).state for _ in range(2)]
    assert answers[-1] == "matched"


def test_one_session_at_a_time_and_three_a_basket(cast):
    basket = add_product(cast.till, cast.meal)
    first = open_face_session(cast.till, basket.id, key="1")
    assert open_face_session(cast.till, basket.id, key="1") == first
    with pytest.raises(Refused, match="session_open"):
        open_face_session(cast.till, basket.id, key="2")
    for key in ("1", "2", "3"):
        stop_session(cast.till, open_face_session(cast.till, basket.id, key=key).id)
    with pytest.raises(Refused, match="too_many_sessions"):
        open_face_session(cast.till, basket.id, key="4")


def test_choosing_another_way_turns_the_camera_off(cast):
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    session.refresh_from_db()
    assert session.state == "stopped"


def test_the_gallery_holds_nobody_of_another_purpose(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    live_gallery(cast.school, "shop")
    live_gallery(cast.school, "canteen")
    assert held_persons(cast.school.id, "shop") == []
    assert held_persons(cast.school.id, "canteen") == [str(cast.person("Ada").id)]


def test_the_database_refuses_a_template_without_its_decisions(cast, enrol):
    template = enrol("Ada", "person_a_2.jpg")
    copy = {
        "purpose": "canteen",
        "sealed": b"x",
        "key_id": uuid4(),
        "model_id": "m",
        "references": 3,
    }
    carl, nia = cast.person("Carl"), cast.person("Nia")
    with pytest.raises(IntegrityError, match="template_rests_on_a_decision"), transaction.atomic():
        Template.objects.create(person=carl, **copy)
    with pytest.raises(IntegrityError, match="rests on a yes"), transaction.atomic():
        Template.objects.create(person=carl, own_decision=template.own_decision, **copy)
    own_no = nia.decisions.get(guardian=None)
    with pytest.raises(IntegrityError, match="rests on a yes"), transaction.atomic():
        Template.objects.create(person=nia, own_decision=own_no, **copy)
    with pytest.raises(IntegrityError, match="rests on a yes"), transaction.atomic():
        Template.objects.filter(pk=template.pk).update(person=carl)
    with pytest.raises(IntegrityError, match="three_frames"), transaction.atomic():
        Template.objects.filter(pk=template.pk).update(references=2)


def test_a_sealed_template_opens_for_nobody_else_and_under_no_other_master_key(cast, enrol, monkeypatch):
    template = enrol("Ada", "person_a_2.jpg")
    rotation = live_gallery(cast.school, "canteen").rotation
    from willing.face.errors import SealBroken

    template.person = cast.person("Carl")
    with pytest.raises(SealBroken):
        open_template(template, rotation)
    monkeypatch.setenv("WILLING_MASTER_KEY", "00" * 32)
    with pytest.raises(MasterKeyWrong):
        open_template(Template.objects.get(), rotation)


def test_the_template_of_one_school_says_nothing_elsewhere(cast, enrol, camera):
    from willing.biometrics.engine import require_engine

    template = enrol("Ada", "person_a_2.jpg")
    stored = open_template(template, live_gallery(cast.school, "canteen").rotation)[0].vector
    plain = require_engine(cast.school).process_frame(camera("person_a_2.jpg").frame()).face.template.vector
    assert (
        abs(float(stored @ plain)) < 0.4
    )  # under the secret rotation even the same face looks like a stranger


def test_no_picture_template_key_or_name_reaches_the_log_files(cast, enrol, camera):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        template = enrol("Ada", "person_a_2.jpg")
        look(cast, camera("person_a_1.jpg"))
        stop_using_face(cast.person("Ada"), channel="till", recorded_by=None)
    finally:
        root.removeHandler(handler)
        root.setLevel(logging.WARNING)
    text = stream.getvalue()
    assert "Ada" not in repr(template)
    for secret in ("Ada", "Agrees", "Gus", cast.cards["Ada"]):
        assert secret not in text
    assert "array(" not in text


def test_without_the_engine_faces_are_refused_and_everything_else_works(cast, monkeypatch):
    monkeypatch.setattr("willing.biometrics.engine.is_installed", lambda: False)
    basket = add_product(cast.till, cast.meal)
    with pytest.raises(Refused, match="face_not_available"):
        open_face_session(cast.till, basket.id, key="1")
    with pytest.raises(Refused, match="face_not_available"):
        start_capture(cast.person("Ada"), "canteen", user=cast.user("office"))
    identify_by_card(cast.till, basket.id, cast.cards["Ada"])
    assert confirm_basket(cast.till, basket.id).receipt_number


def test_stopping_where_nothing_is_stored_says_so(cast):
    with pytest.raises(Refused, match="no_face_to_erase"):
        stop_using_face(cast.person("Carl"), channel="till", recorded_by=None)


def test_an_erasure_and_a_search_at_the_same_moment_never_match_afterwards(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    shots = camera("person_a_1.jpg")
    frames = [shots.frame() for _ in range(8)]
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    submit_frame(cast.till, session.id, frames[0])
    erased = threading.Event()

    def erase():
        record_consent(cast.says("Ada", "no"))
        erased.set()
        connections.close_all()

    thread = threading.Thread(target=erase)
    thread.start()
    erased.wait(20)
    thread.join()
    states = []
    for frame in frames[1:]:
        try:
            states.append(submit_frame(cast.till, session.id, frame).state)
        except Refused:
            break
    assert "matched" not in states
    assert verify_log().ok


def test_a_template_in_use_ends_after_a_school_year_all_the_same(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    start = clock.now()
    for days in (100, 200, 300):
        with stopped_at(start + timedelta(days=days)):
            assert look(cast, camera("person_a_1.jpg")).session.state == "matched"
            cancel_basket(cast.till, show_basket(cast.till).id)
            assert purge_faces().overdue == 0
    with clock.running(lambda: start + timedelta(days=367)):
        assert purge_faces().overdue == 1


def test_in_new_york_the_engine_refuses_to_load(cast):
    School.objects.update(legal_profile="new_york")
    basket = add_product(cast.till, cast.meal)
    with pytest.raises(Refused, match="face_not_available"):
        open_face_session(cast.till, basket.id, key="1")
    assert "face" not in ways_here(cast.till)
    identify_by_card(cast.till, basket.id, cast.cards["Ada"])
    assert confirm_basket(cast.till, basket.id).receipt_number
