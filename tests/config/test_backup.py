import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import connections

from willing import cli
from willing.audit.verifier import verify_copy
from willing.biometrics import actions
from willing.core import clock
from willing.keys.models import PersonKey
from willing.ledger.actions import pay_in
from willing.ops.backup import (
    BackupRefused,
    backup,
    copy_database,
    end_old_key_copies,
    new_identity,
    open_copy,
)

pytestmark = pytest.mark.sqlite


@pytest.fixture
def key(tmp_path):
    return new_identity(tmp_path / "private.key")


def test_a_copy_opens_only_with_its_key_and_holds_a_whole_log(cast, tmp_path, key):
    copy = copy_database("default", tmp_path / "main", key)
    assert b"SQLite format" not in copy.path.read_bytes()
    assert b"Agrees" not in copy.path.read_bytes()
    open_copy(copy.path, tmp_path / "private.key", tmp_path / "opened.sqlite3")
    assert verify_copy(tmp_path / "opened.sqlite3").ok
    new_identity(tmp_path / "other.key")
    with pytest.raises(BackupRefused, match="does not open"):
        open_copy(copy.path, tmp_path / "other.key", tmp_path / "again.sqlite3")
    assert not (tmp_path / "again.sqlite3").exists()


def test_a_copy_taken_while_the_school_is_selling_is_consistent(cast, tmp_path, key):
    from uuid import uuid4

    stop = threading.Event()

    def sell():
        while not stop.is_set():
            pay_in(cast.person("Carl"), 1, key=uuid4())
        connections.close_all()

    thread = threading.Thread(target=sell)
    thread.start()
    try:
        copies = [copy_database("default", tmp_path / str(n), key) for n in range(3)]
    finally:
        stop.set()
        thread.join()
    for n, copy in enumerate(copies):
        open_copy(copy.path, tmp_path / "private.key", tmp_path / f"{n}.sqlite3")
        assert verify_copy(tmp_path / f"{n}.sqlite3").ok
        with closing(sqlite3.connect(tmp_path / f"{n}.sqlite3")) as database:
            [(debited, credited)] = database.execute(
                "SELECT SUM(debits_posted), SUM(credits_posted) FROM ledger_account"
            )
            assert debited == credited


@pytest.mark.face
def test_a_backup_from_before_an_erasure_cannot_bring_the_template_back(cast, db, tmp_path, key, portrait):
    from willing.biometrics.engine import require_engine
    from willing.biometrics.gallery import forget_all
    from willing.demo.frames import CameraLike

    shots, user = (
        CameraLike(portrait("person_a_2.jpg"), require_engine(cast.school), seed=1),
        cast.user("office"),
    )
    capture = actions.start_capture(cast.person("Ada"), "canteen", user=user)
    for _ in range(3):
        actions.add_capture_frame(capture, shots.frame(), user=user)
    actions.finish_capture(capture, user=user)
    copy = copy_database("default", tmp_path / "main", key)
    actions.decide(cast.says("Ada", "withdrawn", guardian="Gus"))
    assert not PersonKey.objects.exists()
    connections["default"].close()
    for extra in ("-wal", "-shm"):
        (db / f"default.sqlite3{extra}").unlink(missing_ok=True)
    open_copy(copy.path, tmp_path / "private.key", tmp_path / "opened.sqlite3")
    shutil.copy(tmp_path / "opened.sqlite3", db / "default.sqlite3")
    forget_all()
    assert actions.sweep().unreadable == 1


def test_copies_of_the_keys_end_after_a_week(cast, tmp_path, key):
    copy_database("keys", tmp_path / "keys", key)
    start = clock.now()
    with clock.running(lambda: start + timedelta(days=6)):
        copy_database("keys", tmp_path / "keys", key)
        assert end_old_key_copies(tmp_path / "keys") == 0
    with clock.running(lambda: start + timedelta(days=8)):
        assert end_old_key_copies(tmp_path / "keys") == 1
    assert len(list((tmp_path / "keys").iterdir())) == 1


@pytest.fixture
def run(db, monkeypatch):
    monkeypatch.setattr(cli, "_set_up", lambda: None)
    return lambda *arguments: CliRunner().invoke(backup, [str(argument) for argument in arguments])


def test_the_keys_never_lie_beside_the_main_database(cast, run, tmp_path, key):
    done = run("take", "--recipient", key, "--to", tmp_path / "b", "--keys-to", tmp_path / "x" / ".." / "b")
    assert done.exit_code != 0
    assert "two folders" in done.output
    assert not (tmp_path / "b").exists()


def test_taking_and_opening_from_the_command_line(cast, run, tmp_path):
    public = run("new-key", tmp_path / "k").output.strip()
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
    assert "never overwritten" in run("new-key", tmp_path / "k").output
    assert (
        run("take", "--recipient", public, "--to", tmp_path / "m", "--keys-to", tmp_path / "n").exit_code == 0
    )
    [copy] = (tmp_path / "m").iterdir()
    assert run("open", copy, tmp_path / "o", "--key", tmp_path / "k").exit_code == 0
    assert "nothing is overwritten" in run("open", copy, tmp_path / "o", "--key", tmp_path / "k").output
    assert (
        "no age public key"
        in run("take", "--recipient", "x", "--to", tmp_path / "m", "--keys-to", tmp_path / "n").output
    )


def test_a_damaged_copy_is_refused(cast, run, tmp_path, key):
    copy = copy_database("default", tmp_path / "main", key)
    content = bytearray(copy.path.read_bytes())
    content[len(content) // 2] ^= 1
    copy.path.write_bytes(bytes(content))
    done = run("open", copy.path, tmp_path / "o", "--key", tmp_path / "private.key")
    assert done.exit_code != 0
    assert "damaged" in done.output
    assert not (tmp_path / "o").exists()
