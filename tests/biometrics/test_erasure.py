"""An erasure holds up no till, survives a kill at any point, and says what is not destroyed yet."""

import json
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing

import pytest
from django.db import connection, connections, transaction

from willing.audit.models import Entry
from willing.audit.verify_database import verify_log
from willing.biometrics import erasure
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.erasure import finish_erasures
from willing.biometrics.models import GalleryState, KeyToDestroy, Template
from willing.consent.models import Decision
from willing.documents.erasure_receipt import erasure_receipt
from willing.keys.actions import (
    create_person_key,
    destroy_person_keys,
    key_exists,
    newest_gallery_secret,
    pending_wipes,
)
from willing.keys.models import PersonKey
from willing.ops.health import conditions


@pytest.fixture
def stored(cast):
    """Ada's template, which nobody opens."""
    ada, school = cast.person("Ada"), cast.school
    GalleryState.objects.create(school=school, purpose="canteen", secret_id=newest_gallery_secret(school.id))
    return Template.objects.create(
        person=ada,
        purpose="canteen",
        sealed=bytes(100),
        key_id=create_person_key(ada.id)[0],
        model_id="model",
        references=3,
        own_decision=Decision.objects.get(person=ada, guardian=None),
    )


def facts_of(event):
    return [json.loads(bytes(one.hashed))["facts"] for one in Entry.objects.filter(event=event)]


def faults(cast):
    return {one.code for one in conditions(cast.school) if not one.is_ok}


def text_of(school, sequence):
    document = erasure_receipt(school, Entry.objects.get(sequence=sequence))
    return str(document.sections)


def test_keys_are_destroyed_after_the_decision_and_with_no_lock_of_the_main_database(
    cast, stored, monkeypatch
):
    seen = []
    plain = destroy_person_keys

    def destroy(keys):
        decided = Decision.objects.filter(person=cast.person("Ada"), answer="no").exists()
        seen.append((connection.in_atomic_block, decided, Template.objects.exists()))
        return plain(keys)

    monkeypatch.setattr(erasure, "destroy_person_keys", destroy)
    with transaction.atomic():
        receipt = record_consent(cast.says("Ada", "no")).erasure
        assert key_exists(stored.key_id)
    assert seen == [(False, True, False)]
    assert (receipt.keys_destroyed, receipt.keys_pending) == (1, 0)
    assert Entry.objects.get(sequence=receipt.log_sequence).event == "face.erased"
    assert not key_exists(stored.key_id)


def test_a_deed_that_is_undone_leaves_its_template_readable(cast, stored):
    with pytest.raises(RuntimeError), transaction.atomic():
        record_consent(cast.says("Ada", "no"))
        raise RuntimeError
    assert key_exists(stored.key_id)
    assert Template.objects.get() == stored
    assert not KeyToDestroy.objects.exists()


@pytest.mark.sqlite
def test_an_open_reader_keeps_bytes_on_the_disk_and_that_is_said_until_it_ends(cast, stored, db):
    wrapped = bytes(PersonKey.objects.get(pk=stored.key_id).wrapped)

    def on_disk():
        return any(wrapped in path.read_bytes() for path in db.glob("keys.sqlite3*"))

    with closing(sqlite3.connect(db / "keys.sqlite3")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM keys_personkey").fetchone()
        receipt = record_consent(cast.says("Ada", "no")).erasure
        assert receipt.keys_destroyed == 1
        assert not key_exists(stored.key_id)
        assert on_disk()
        finish_erasures()
        assert "erasures" in faults(cast)
        assert "not done yet" in text_of(cast.school, receipt.log_sequence)
        assert facts_of("keys.wiped") == []
    finish_erasures()
    assert not on_disk()
    assert not pending_wipes()
    assert "erasures" not in faults(cast)
    assert "done since" in text_of(cast.school, receipt.log_sequence)
    assert facts_of("keys.wiped") == [{"wipes": 1}]


@pytest.mark.sqlite
def test_a_refusal_waits_for_nobody_who_writes_keys_and_the_key_goes_later(cast, stored, db):
    connections["keys"].close()
    with closing(sqlite3.connect(db / "keys.sqlite3", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        receipt = record_consent(cast.says("Ada", "no")).erasure
        assert (receipt.keys_destroyed, receipt.keys_pending) == (0, 1)
        assert not Template.objects.exists()
        assert "erasures" in faults(cast)
        assert "not destroyed yet" in text_of(cast.school, receipt.log_sequence)
    finish_erasures()
    assert not key_exists(stored.key_id)
    assert not KeyToDestroy.objects.exists()
    assert facts_of("face.key_destroyed") == [{"keys_destroyed": 1, "erasure": receipt.log_sequence}]
    assert "destroyed since" in text_of(cast.school, receipt.log_sequence)


@pytest.mark.sqlite
def test_keys_that_were_lost_are_destroyed_when_they_are_back(cast, stored, db):
    (db / "keys.sqlite3").rename(db / "elsewhere")
    receipt = record_consent(cast.says("Ada", "no")).erasure
    assert receipt.keys_pending == 1
    finish_erasures()  # the thread that tries again is not at fault
    assert KeyToDestroy.objects.count() == 1
    assert not (db / "keys.sqlite3").exists()
    (db / "elsewhere").rename(db / "keys.sqlite3")
    finish_erasures()
    assert not key_exists(stored.key_id)


DIES = {
    "before its key is destroyed": "erasure.destroy_person_keys = die",
    "before the bytes are overwritten": "keys.wipe = die",
    "before the receipt is written": "erasure._book = die",
}


@pytest.mark.sqlite
@pytest.mark.parametrize("moment", DIES)
def test_killed_in_the_middle_of_an_erasure_the_refusal_stands_and_the_next_start_finishes_it(
    cast, stored, db, moment
):
    wrapped = bytes(PersonKey.objects.get(pk=stored.key_id).wrapped)
    connections.close_all()
    code = textwrap.dedent(f"""
        import os, signal, sys
        from tests.support.elsewhere import open_school; open_school(sys.argv[1])
        from willing.biometrics import erasure
        from willing.biometrics.consent_changes import record_consent
        from willing.keys import actions as keys
        from willing.people.models import Person
        from tests.support.school import Cast
        def die(*_):
            os.kill(os.getpid(), signal.SIGKILL)
        {DIES[moment]}
        record_consent(Cast({{}}, {{}}, "").says("Ada", "no"))
    """)
    done = subprocess.run([sys.executable, "-c", code, str(db)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert Decision.objects.filter(person=cast.person("Ada"), answer="no").exists()
    assert not Template.objects.exists()
    assert key_exists(stored.key_id) == (moment == "before its key is destroyed")
    finish_erasures()
    finish_erasures()
    assert not key_exists(stored.key_id)
    assert not pending_wipes()
    assert not any(wrapped in path.read_bytes() for path in db.glob("keys.sqlite3*"))
    assert [one["keys_destroyed"] for one in facts_of("face.erased")] == [1]
    assert not KeyToDestroy.objects.exists()
    assert verify_log().ok
