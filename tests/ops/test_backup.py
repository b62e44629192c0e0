import errno
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import connections
from tests.audit.logs import make_key
from tests.support.damage import spoil_table
from tests.support.homes import make_secrets
from tests.support.money import pay_in

from willing.audit.models import Head
from willing.audit.signing import trusted_keys
from willing.audit.verify_kept import verify_copy
from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.retention import purge_faces
from willing.config import opening
from willing.core import clock
from willing.keys.models import PersonKey
from willing.ops.backup import backup, delete_old_key_copies
from willing.ops.copies import BackupRefused, clean_up, copy_database, new_identity, open_copy
from willing.ops.manifest import CopyUnproven, require_proven

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
    from willing.biometrics.gallery import drop_all_galleries
    from willing.demo.frames import CameraLike

    shots, user = (
        CameraLike(portrait("person_a_2.jpg"), require_engine(cast.school), seed=1),
        cast.user("office"),
    )
    capture = start_capture(cast.person("Ada"), "canteen", user=user)
    for _ in range(3):
        add_capture_frame(capture, shots.frame(), user=user)
    finish_capture(capture, user=user)
    copy = copy_database("default", tmp_path / "main", key)
    record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
    assert not PersonKey.objects.exists()
    connections["default"].close()
    for extra in ("-wal", "-shm"):
        (db / f"default.sqlite3{extra}").unlink(missing_ok=True)
    open_copy(copy.path, tmp_path / "private.key", tmp_path / "opened.sqlite3")
    shutil.copy(tmp_path / "opened.sqlite3", db / "default.sqlite3")
    drop_all_galleries()
    assert purge_faces().unreadable == 1


def test_copies_of_the_keys_end_after_a_week(cast, tmp_path, key):
    copy_database("keys", tmp_path / "keys", key)
    start = clock.now()
    with clock.running(lambda: start + timedelta(days=6)):
        copy_database("keys", tmp_path / "keys", key)
        assert delete_old_key_copies(tmp_path / "keys") == 0
    with clock.running(lambda: start + timedelta(days=8)):
        assert delete_old_key_copies(tmp_path / "keys") == 1
    [copy] = (tmp_path / "keys").glob("*.age")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [copy.name, f"{copy.name}.signed"]


@pytest.fixture
def run(db, monkeypatch):
    monkeypatch.setattr(opening, "prepare_django", lambda: None)
    return lambda *arguments: CliRunner().invoke(backup, [str(argument) for argument in arguments])


@pytest.mark.parametrize(("alias", "table"), [("default", "ledger_transfer"), ("keys", "keys_personkey")])
def test_no_copy_is_taken_of_a_damaged_database_and_no_older_one_deleted(
    cast, db, run, tmp_path, key, alias, table
):
    (tmp_path / "n").mkdir()
    (tmp_path / "n" / "keys-20200101T000000Z.sqlite3.age").write_text("an older copy")
    spoil_table(db / f"{alias}.sqlite3", table)
    done = run("take", "--recipient", key, "--to", tmp_path / "m", "--keys-to", tmp_path / "n")
    assert done.exit_code == 1
    assert "database is damaged" in done.output
    assert "none of the older ones deleted" in done.output
    assert [path.name for path in (tmp_path / "n").glob("*.age")] == ["keys-20200101T000000Z.sqlite3.age"]


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
    [copy] = (tmp_path / "m").glob("*.age")
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


def test_a_copy_is_for_its_owner_only_and_says_under_signature_what_it_is(cast, tmp_path, key):
    copies = {alias: copy_database(alias, tmp_path / alias, key).path for alias in ("default", "keys")}
    for alias, path in copies.items():
        assert {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()} == {0o600}
        found = require_proven(path, trusted_keys(), alias=alias)
        assert (found.file, found.size_bytes) == (path.name, path.stat().st_size)
    head = Head.objects.get()
    log = require_proven(copies["default"], trusted_keys(), alias="default").log
    assert log is not None
    assert log[0] == head.sequence


@pytest.mark.parametrize("change", ["bytes", "signature", "no signature", "other database", "other key"])
def test_a_copy_that_is_not_what_was_signed_is_refused(cast, tmp_path, key, change):
    path = copy_database("default", tmp_path / "main", key).path
    note, keys, alias = path.with_name(f"{path.name}.signed"), trusted_keys(), "default"
    if change == "bytes":
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    elif change == "signature":
        note.write_text(note.read_text().replace("bytes ", "bytes 1"))
    elif change == "no signature":
        note.unlink()
    elif change == "other database":
        alias = "keys"
    else:
        keys = [make_key(1)[0]]
    with pytest.raises(CopyUnproven):
        require_proven(path, keys, alias=alias)


TAKING = Path(__file__).with_name("taking.py")


@pytest.mark.parametrize("moment", ["copied", "encrypting", "signed"])
def test_a_killed_copy_leaves_nothing_to_read(cast, db, tmp_path, monkeypatch, moment):
    """A destroyed key must not lie readable in what a killed copy left behind."""
    home, folder = tmp_path / "home", tmp_path / "copies"
    (make_secrets(home) / "keys").mkdir()
    connections.close_all()
    shutil.copy(db / "default.sqlite3", home / "willing.sqlite3")
    shutil.copy(db / "keys.sqlite3", home / "keys" / "keys.sqlite3")
    public = new_identity(tmp_path / "k")
    done = subprocess.run(
        [sys.executable, TAKING, moment, public, folder],
        env={**os.environ, "WILLING_HOME": str(home)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    databases = {home / "willing.sqlite3", home / "keys" / "keys.sqlite3"}
    left = [path for root in (home, folder) for path in root.rglob("*") if path.is_file()]
    assert [path for path in left if b"SQLite format 3" in path.read_bytes() and path not in databases] == []
    assert not list(folder.rglob("*.age"))
    monkeypatch.setattr(settings, "HOME", home)
    clean_up([folder / "main", folder / "keys"])
    assert not [path for root in (home, folder) for path in root.rglob("*.part")]
    assert not list(home.glob("backup-*"))


def test_what_a_killed_copy_of_an_earlier_version_left_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "HOME", tmp_path)
    (tmp_path / "backup-x1").mkdir()
    (tmp_path / "backup-x1" / "plain").write_bytes(b"SQLite format 3")
    (tmp_path / "willing-20260901T000000Z.sqlite3.part").write_bytes(b"half")
    assert clean_up([tmp_path]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["backup.lock"]


def test_a_copy_that_finds_the_disk_full_leaves_nothing(cast, tmp_path, key, monkeypatch):
    def full(_source, target, _recipients):
        target.write(b"some")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pyrage, "encrypt_io", full)
    with pytest.raises(OSError, match="No space"):
        copy_database("default", tmp_path / "main", key)
    assert list((tmp_path / "main").iterdir()) == []
