"""A database that was put back by other means (pg_restore) is replayed into, on either engine."""

import shutil

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import connections
from tests.support.databases import Postgres, close_all
from tests.support.till import pay

from willing.audit import journal
from willing.audit.actions import sign_log
from willing.audit.queries import newest_restore
from willing.audit.verify_database import verify_log
from willing.biometrics.consent_changes import record_consent
from willing.consent.queries import permission
from willing.core.errors import Refused
from willing.core.running import release_installation, unfinished_path
from willing.credentials.cards import revoke_cards
from willing.keys.actions import create_person_key, destroy_person_keys, key_exists
from willing.ledger.queries import verify_ledger
from willing.ops.backup import backup
from willing.till.baskets import cancel_basket, show_basket

ALIASES = ("default", "keys")


@pytest.fixture
def copied(_template, cast, db, tmp_path, monkeypatch):
    """Return a function that copies both databases as they are, and one that puts the copies back."""
    engine, names = _template[0], {}
    # A home of its own, since a restore changes the key that signs the log.
    shutil.copytree(settings.HOME / "secrets", tmp_path / "home" / "secrets")
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "home"))
    (tmp_path / "home").chmod(0o700)
    monkeypatch.setenv("WILLING_JOURNAL_DIR", str(tmp_path / "journal"))
    journal.begin(tmp_path / "journal")

    def copy():
        for alias in ALIASES:
            before = connections[alias].settings_dict["NAME"]
            names[alias] = f"{before}_copy"
            if isinstance(engine, Postgres):
                close_all()
                engine.let_go()
                engine._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", names[alias], before)
            else:
                with connections[alias].cursor() as cursor:
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                close_all()
                shutil.copy(before, names[alias])

    def put_back():
        close_all()
        for alias in ALIASES:
            monkeypatch.setitem(connections[alias].settings_dict, "NAME", names[alias])

    yield copy, put_back
    close_all()
    release_installation()
    unfinished_path().unlink(missing_ok=True)
    if isinstance(engine, Postgres):
        monkeypatch.undo()
        for name in names.values():
            engine._run("DROP DATABASE {} WITH (FORCE)", name)


def test_a_replay_into_a_restored_database_forgets_no_refusal(cast, copied):
    copy, put_back = copied
    kept, gone = (create_person_key(cast.person("Ada").id)[0] for _ in range(2))
    copy()
    record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
    revoke_cards(cast.person("Nia"))
    destroy_person_keys([gone])
    assert pay(cast, "Carl").receipt_number == 1
    sign_log()
    put_back()
    assert permission(cast.person("Ada"), "canteen").granted
    done = CliRunner().invoke(backup, ["restore", "--only-replay"])
    assert done.exit_code == 0, done.output
    assert not permission(cast.person("Ada"), "canteen").granted
    assert (key_exists(kept), key_exists(gone)) == (True, False)
    with pytest.raises(Refused, match="code_unknown"):
        pay(cast, "Nia")
    cancel_basket(cast.till, show_basket(cast.till).id)
    assert pay(cast, "Carl").receipt_number == 2
    lost = newest_restore().lost
    assert lost is not None
    assert lost > 1
    sign_log()
    assert verify_log().ok
    assert verify_ledger().ok
    assert not unfinished_path().exists()


def test_a_replay_without_the_journal_s_disk_is_refused_and_changes_nothing(cast, copied, tmp_path):
    copy, put_back = copied
    copy()
    put_back()
    shutil.rmtree(tmp_path / "journal")
    done = CliRunner().invoke(backup, ["restore", "--only-replay"])
    assert done.exit_code == 1
    assert "--without-journal" in done.output
    assert newest_restore() is None
    assert not unfinished_path().exists()
