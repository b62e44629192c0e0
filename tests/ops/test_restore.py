"""Restoring a copy forgets no refusal: drills with a killed process, and everything that can be amiss."""

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.contrib.sessions.models import Session
from django.db import connections
from tests.ops.homes import move_in
from tests.support.till import pay

from willing import cli
from willing.audit.actions import sign_log
from willing.audit.checkpoints import store_checkpoint
from willing.audit.export import export_log
from willing.audit.models import Entry
from willing.audit.origins import open_origin
from willing.audit.queries import inclusion_receipt, newest_restore, restores
from willing.audit.signing import own_key, trusted_keys
from willing.audit.verify.errors import Unproven
from willing.audit.verify.files import read_checkpoint
from willing.audit.verify.receipts import verify_receipt
from willing.audit.verify.signed_note import Checkpoint
from willing.audit.verify_database import verify_log, verify_since
from willing.audit.verify_kept import verify_kept_receipt
from willing.biometrics.consent_changes import record_consent, record_refusal
from willing.biometrics.face_sessions import lock_faces
from willing.biometrics.models import GalleryState, Template
from willing.biometrics.queries import comparable
from willing.biometrics.suspension import suspend_face
from willing.config.startup import require_startable
from willing.consent.models import Decision
from willing.consent.queries import permission
from willing.core import clock
from willing.core.errors import Refused
from willing.core.running import release_installation
from willing.credentials.cards import revoke_cards
from willing.keys.actions import create_person_key, destroy_person_keys, key_exists, newest_gallery_secret
from willing.ledger.queries import verify_ledger
from willing.ops import copies as copies_module
from willing.ops import replay
from willing.ops.copies import new_identity
from willing.terminals.pairing import pair_terminal, start_pairing, unpair_terminal
from willing.till.baskets import cancel_basket, show_basket

pytestmark = pytest.mark.sqlite
AFTER = Path(__file__).with_name("after_the_copy.py")


@pytest.fixture
def home(cast, db, tmp_path, monkeypatch):
    home = move_in(db, tmp_path, monkeypatch)
    yield home
    release_installation()
    connections.close_all()


def enrol(person, purpose="canteen"):
    """Give somebody a template without the engine; nothing here opens it."""
    granted = permission(person, purpose)
    key_id, _ = create_person_key(person.id)
    secret = newest_gallery_secret(person.school_id)
    GalleryState.objects.get_or_create(
        school_id=person.school_id, purpose=purpose, defaults={"secret_id": secret}
    )
    return Template.objects.create(
        person=person,
        purpose=purpose,
        sealed=b"sealed",
        key_id=key_id,
        model_id="m",
        references=3,
        own_decision_id=granted.own_decision,
        guardian_decision_id=granted.guardian_decision,
    )


def test_a_restore_forgets_no_refusal(cast, home):
    """Copy, refuse, revoke a card, sell, kill, restore: face off, card dead, and the till sells."""
    assert home.run("journal", home.journal).exit_code == 0
    row = enrol(cast.person("Ada"))
    pay(cast, "Carl")
    sign_log()
    first_key = own_key()
    copied = Entry.objects.count()
    main, keys = home.take()
    killed = home.process(AFTER, cast.cards["Carl"])
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert (home.home / "willing.sqlite3-wal").stat().st_size > 0
    done = home.restore(main, keys)
    assert done.exit_code == 0, done.output

    assert not permission(cast.person("Ada"), "canteen").granted
    assert not Template.objects.exists()
    assert not key_exists(row.key_id)
    assert Decision.objects.order_by("id").last().channel == "journal"
    with pytest.raises(Refused, match="code_unknown"):
        pay(cast, "Nia")
    cancel_basket(cast.till, show_basket(cast.till).id)
    sale = pay(cast, "Carl")
    assert sale.receipt_number == 5  # 1 stands in the copy, 2 to 4 were given out after it

    restored = newest_restore()
    assert restored.sequence == copied + 1
    assert restored.origins == (first_key.name,)
    assert restored.lost is not None
    assert restored.lost >= 5
    assert own_key().name == restored.opened != first_key.name
    sign_log()
    assert verify_log().ok
    assert verify_ledger().ok
    assert not (home.home / "restore.unfinished").exists()
    [aside] = home.home.glob("set-aside-*")
    assert {"willing.sqlite3", "keys.sqlite3"} <= {path.name for path in aside.iterdir()}
    for name in ("willing.sqlite3", "keys/keys.sqlite3"):
        assert stat.S_IMODE((home.home / name).stat().st_mode) == 0o600


def test_without_the_journal_every_face_waits_for_the_officer(cast, home):
    from willing.biometrics.restores import confirm_face

    enrol(cast.person("Ada"))
    main, keys = home.take()
    home.lose()
    assert "no journal" in home.restore(main, keys).output
    assert not list(home.home.glob("set-aside-*"))
    done = home.restore(main, keys, options=("--without-journal",))
    assert done.exit_code == 0, done.output
    assert "1 faces are suspended" in done.output
    assert not comparable(Template.objects.all(), "canteen").exists()
    ada = cast.person("Ada")
    with pytest.raises(Refused, match="not_the_dpo"):
        confirm_face(cast.school, ada.id, "canteen", by=cast.user("office"))
    confirm_face(cast.school, ada.id, "canteen", by=cast.user("dpo"))
    confirm_face(cast.school, ada.id, "canteen", by=cast.user("dpo"))
    assert comparable(Template.objects.all(), "canteen").exists()
    with pytest.raises(Refused, match="nothing_to_confirm"):
        confirm_face(cast.school, cast.person("Bo").id, "canteen", by=cast.user("dpo"))
    pay(cast, "Carl")
    assert newest_restore().lost is None
    assert verify_log().ok


def test_the_restored_log_is_told_from_a_rewritten_one(cast, home, tmp_path):
    """The stick, a receipt and an outsider see that entries were lost, and no sign of a forgery."""
    home.run("journal", home.journal)
    stick = tmp_path / "stick"
    kept = Entry.objects.count()
    main, keys = home.take()
    pay(cast, "Carl")
    store_checkpoint(stick)
    [old] = stick.glob("*.checkpoint")
    receipt = json.dumps(inclusion_receipt(Entry.objects.latest("sequence")))
    early = json.dumps(inclusion_receipt(Entry.objects.get(sequence=3)))
    old_key = str(own_key())
    assert home.restore(main, keys).exit_code == 0
    pay(cast, "Carl")

    written = store_checkpoint(stick)
    assert [path.name.endswith(".restored.json") for path in written] == [True, False]
    proof = verify_receipt(written[0].read_text(), trusted_keys())
    assert (proof.said.event, proof.said.sequence) == ("log.restored", kept + 1)
    checkpoint = read_checkpoint(old, trusted_keys())
    found = verify_log(known=[checkpoint])
    assert found.ok
    assert found.lost == (checkpoint,)
    assert [one.kept for one in found.restores] == [kept]
    with pytest.raises(Unproven, match="lost when the log was restored"):
        verify_kept_receipt(receipt, trusted_keys())
    assert verify_kept_receipt(early, trusted_keys()).said.sequence == 3
    with pytest.raises(Unproven) as refused:
        verify_since(checkpoint)
    assert refused.value.code == "lost"
    export_log(tmp_path / "log.jsonl")
    line = outsider(tmp_path / "log.jsonl", old, old_key, str(own_key()))
    assert line.startswith("proven")
    assert "were lost; willing/" in line
    assert "of entries that were lost" in line
    store_checkpoint(stick)  # and the stick goes on under the new origin


def outsider(export, checkpoint, *keys):
    """Return what the verifier that needs no installation says."""
    command = [sys.executable, "-m", "willing.audit.verify", "log", export, "--checkpoint", checkpoint]
    for key in keys:
        command += ["--key", key]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_log_that_was_cut_without_saying_so_is_still_found(cast, home, tmp_path):
    home.run("journal", home.journal)
    main, keys = home.take()
    pay(cast, "Carl")
    longer = sign_log()
    assert home.restore(main, keys).exit_code == 0
    signed = Checkpoint(newest_restore().origins[0], longer.size + 1000, bytes(32), longer.at)
    assert "cut_off" in {fault.code for fault in verify_log(known=[signed]).faults}


def test_the_old_key_signs_no_more_even_where_the_change_of_keys_was_broken_off(cast, home, monkeypatch):
    before = own_key()
    open_origin(uuid4(), None, by={})
    assert own_key() == before  # as after a crash between the entry and the change
    sign_log()
    assert own_key() != before
    assert own_key().name == newest_restore().opened
    assert verify_log().ok


def test_an_older_copy_is_restored_again_after_a_restore(cast, home):
    home.run("journal", home.journal)
    row = enrol(cast.person("Ada"))
    main, keys = home.take()
    record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
    assert home.restore(main, keys).exit_code == 0
    revoke_cards(cast.person("Nia"))
    sign_log()
    assert home.restore(main, keys).exit_code == 0
    assert not permission(cast.person("Ada"), "canteen").granted
    assert not key_exists(row.key_id)
    with pytest.raises(Refused, match="code_unknown"):
        pay(cast, "Nia")
    assert len(newest_restore().origins) == 2
    sign_log()
    assert verify_log().ok


def test_a_yes_in_the_copy_that_follows_a_no_stays(cast, home):
    home.run("journal", home.journal)
    record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
    record_consent(cast.says("Ada", "yes", guardian="Gus"))
    main, keys = home.take()
    pay(cast, "Carl")
    assert home.restore(main, keys).exit_code == 0
    assert permission(cast.person("Ada"), "canteen").granted


def test_a_pause_a_lock_a_fuse_and_an_unpaired_till_hold_after_a_restore(cast, home):
    from willing.dpia.fuses import replay_blown
    from willing.dpia.queries import lock_of

    home.run("journal", home.journal)
    enrol(cast.person("Ada"))
    code = start_pairing(cast.till)
    token = pair_terminal(code, key="k").token
    main, keys = home.take()
    suspend_face(cast.person("Ada"), reason="wrong_person", by=cast.user("office"))
    lock_faces(cast.school, reason="an incident", by=cast.user("dpo"))
    assert replay_blown(str(cast.school.id), "faster_face", None)
    unpair_terminal(cast.till)
    done = home.restore(main, keys)
    assert done.exit_code == 0, done.output
    assert "1 faces suspended, 2 locks, 1 tills unpaired" in done.output
    assert Template.objects.get().suspended_for == "wrong_person"
    assert lock_of(cast.school).reasons[:2] == ("locked_by_hand", "fuse_blown")
    assert cast.till.token_digest == ""
    assert token


def test_every_kind_of_line_that_a_room_notes_is_replayed():
    source = Path(replay.__file__).parents[1]
    texts = [path.read_text() for path in source.rglob("*.py")]
    calls = [
        text for text in texts if re.search(r"from willing\.audit(\.journal)? import .*(note|journal)", text)
    ]
    noted = {kind for text in calls for kind in re.findall(r'\bnote(?:_many)?\(\[?\(?\s*"([\w.]+)"', text)}
    assert {"consent.refused", "card.revoked", "keys.destroyed", "face.suspended"} <= noted
    assert noted <= replay.REPLAYERS.keys() | replay.TOGETHER


def test_a_refusal_by_somebody_whom_the_copy_does_not_list_lets_the_face_wait(cast, home):
    from willing.people.guardians import add_guardian

    home.run("journal", home.journal)
    enrol(cast.person("Ada"))
    main, keys = home.take()
    record_refusal(cast.person("Ada"), add_guardian(cast.person("Ada"), "Gil"), by=cast.user("office"))
    done = home.restore(main, keys)
    assert done.exit_code == 0, done.output
    # The key went with the no, so the template did; had it not, it would wait.
    assert not comparable(Template.objects.all(), "canteen").exists()


@pytest.mark.parametrize("fault", ["changed", "another", "began later", "unwritable at the copy"])
def test_a_journal_that_cannot_be_shown_to_cover_the_copy_does_not_count(cast, home, fault):
    enrol(cast.person("Ada"))
    if fault == "began later":
        main, keys = home.take()
        home.run("journal", home.journal)
    else:
        home.run("journal", home.journal)
        path = home.journal / "refusals.journal"
        revoke_cards(cast.person("Wes"))
        whole = path.read_bytes()
        if fault == "unwritable at the copy":
            path.unlink()
        main, keys = home.take()
        path.write_bytes(whole)
        if fault == "changed":
            path.write_bytes(whole.replace(b'"kind":"card.revoked"', b'"kind":"card.issued"'))
        elif fault == "another":
            path.write_bytes(whole.splitlines(keepends=True)[0])
    pay(cast, "Carl")
    done = home.restore(main, keys)
    assert done.exit_code == 0, done.output
    assert "does not cover this copy: 1 faces are suspended" in done.output
    assert Template.objects.get().unconfirmed_since is not None


def test_a_copy_without_a_signature_is_taken_only_when_said_so_and_every_face_waits(cast, home):
    home.run("journal", home.journal)
    enrol(cast.person("Ada"))
    main, keys = home.take()
    for copy in (main, keys):
        copy.with_name(f"{copy.name}.signed").unlink()
    pay(cast, "Carl")
    assert "signature does not hold" in home.restore(main, keys).output
    assert home.restore(main, keys, options=("--unsigned",)).exit_code == 0
    assert Template.objects.get().unconfirmed_since is not None


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("exchanged", "a copy of the other database"),
        ("damaged file", "not the file that was signed"),
        ("damaged page", "is damaged"),
        ("money changed", "ledger does not verify"),
        ("log changed", "log does not verify"),
        ("master key", "master.key is not the master key"),
        ("private key", "does not open this copy"),
        ("no keys", "the database of the keys is missing"),
    ],
)
def test_a_copy_that_is_not_sound_changes_nothing(cast, home, monkeypatch, fault, says):
    monkeypatch.setattr(copies_module, "check_connection", lambda _: [])  # no copy is taken of a damaged one
    home.run("journal", home.journal)
    enrol(cast.person("Ada"))
    pay(cast, "Carl")
    connections.close_all()
    if fault in ("damaged page", "money changed", "log changed"):
        damage(home.home / "willing.sqlite3", fault)
    main, keys = home.take()
    copies: tuple[Path, ...] = (main, keys)
    options: tuple[str, ...] = ()
    if fault == "exchanged":
        copies = (keys, main)
    elif fault == "damaged file":
        main.write_bytes(main.read_bytes()[:-9] + b"123456789")
    elif fault == "master key":
        (home.home / "secrets" / "master.key").write_bytes(os.urandom(32))
    elif fault == "private key":
        home.private.unlink()
        new_identity(home.private)
    elif fault == "no keys":
        connections.close_all()
        for path in (home.home / "keys").iterdir():
            path.unlink()
        copies = (main,)
    before = contents(home)
    done = home.restore(*copies, options=options)
    assert done.exit_code == 1
    assert says in done.output
    assert contents(home) == before


def damage(path, fault):
    with closing(sqlite3.connect(path)) as database, database:
        if fault == "damaged page":
            database.execute("PRAGMA writable_schema=ON")
            database.execute("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'till_sale'")
        elif fault == "money changed":
            database.execute("DROP TRIGGER ledger_account_only_transfers_move")
            database.execute("UPDATE ledger_account SET credits_posted = credits_posted + 1")
        else:
            database.execute("DROP TRIGGER audit_entry_no_update")
            database.execute("UPDATE audit_entry SET event = 'x' WHERE sequence = 4")


def contents(home):
    """Return what lies in the home, but for SQLite's own files and locks."""
    connections.close_all()
    return {
        path: path.read_bytes()
        for path in home.home.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


RUNNING = Path(__file__).with_name("running.py")


@pytest.mark.whole
def test_a_restore_and_a_server_refuse_each_other(cast, home):
    main, keys = home.take()
    server = home.process(RUNNING, "share")
    try:
        assert server.stdout.readline() == b"held\n"
        done = home.restore(main, keys, options=("--without-journal",))
        assert done.exit_code == 1
        assert "a server or another command is running" in done.output
    finally:
        server.kill()
        server.communicate()
    restoring = home.process(RUNNING, "own")
    try:
        assert restoring.stdout.readline() == b"held\n"
        with pytest.raises(SystemExit, match="a restore is running"):
            require_startable()
        assert "a restore is running" in CliRunner().invoke(cli.main, ["retention", "run"]).output
    finally:
        restoring.kill()
        restoring.communicate()
    require_startable()


@pytest.mark.whole
@pytest.mark.parametrize("moment", ["staged", "half", "replaying"])
def test_a_restore_that_is_killed_lets_nothing_start_and_is_finished_by_running_it_again(cast, home, moment):
    home.run("journal", home.journal)
    row = enrol(cast.person("Ada"))
    main, keys = home.take()
    record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
    for _ in range(2):
        pay(cast, "Carl")
    killed = home.process(RUNNING, "die", moment, main, keys, home.private)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    if moment == "staged":  # nothing had been touched
        require_startable()
        release_installation()
    else:
        with pytest.raises(SystemExit, match="a restore was broken off here"):
            require_startable()
        assert "broken off" in CliRunner().invoke(cli.main, ["retention", "run"]).output
    if moment in ("in place", "replaying"):
        done = home.run("restore", "--only-replay")
    else:
        if moment != "staged":
            assert "had not put anything in place" in home.run("restore", "--only-replay").output
        done = home.restore(main, keys)
    assert done.exit_code == 0, done.output
    require_startable()
    assert not permission(cast.person("Ada"), "canteen").granted
    assert not key_exists(row.key_id)
    assert pay(cast, "Carl").receipt_number == 3
    assert not list(home.home.glob("restore-*/"))
    assert len(restores()) == 1
    sign_log()
    assert verify_log().ok
    assert verify_ledger().ok


def test_only_the_keys_are_restored_where_only_they_were_lost(cast, home):
    home.run("journal", home.journal)
    row, other = enrol(cast.person("Ada")), create_person_key(cast.person("Bo").id)[0]
    _, keys = home.take()
    destroy_person_keys([other])
    connections.close_all()
    for path in (home.home / "keys").iterdir():
        path.unlink()
    done = home.run("restore", "--keys", keys, "--key", home.private)
    assert done.exit_code == 0, done.output
    assert key_exists(row.key_id)
    assert not key_exists(other)  # destroyed after the copy
    assert newest_restore() is None
    assert Template.objects.get().unconfirmed_since is None


def test_everybody_signs_in_again_after_a_restore(cast, home):
    home.run("journal", home.journal)
    Session.objects.create(session_key="k", session_data="", expire_date=clock.now() + timedelta(days=1))
    main, keys = home.take()
    assert home.restore(main, keys).exit_code == 0
    assert not Session.objects.exists()
