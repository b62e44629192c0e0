"""Damaged pages are found, and named as such by everybody who reads them."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, connections, transaction
from tests.support.damage import spoil_table
from tests.support.till import pay

from willing import cli
from willing.config import opening
from willing.core.integrity import (
    DatabaseDamaged,
    check_connection,
    check_integrity,
    how_checked,
    require_integrity,
    was_damage_met,
)
from willing.ops import doctor
from willing.ops.health import conditions
from willing.ops.integrity import check_databases, describe_damage

sqlite = pytest.mark.sqlite


@pytest.fixture
def run(db: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(opening, "prepare_django", lambda: None)
    return lambda *arguments: CliRunner().invoke(cli.main, list(arguments))


def health(school: Any) -> dict[str, tuple[bool, str]]:
    return {one.code: (one.is_ok, str(one.detail)) for one in conditions(school)}


def test_sound_databases_have_no_fault(cast: Any) -> None:
    assert check_integrity("default") == check_integrity("keys") == []


@sqlite
def test_a_damaged_page_under_the_transfers_is_found_in_the_database_and_in_a_copy(
    cast: Any, db: Any
) -> None:
    spoil_table(db / "default.sqlite3", "ledger_transfer")
    assert check_integrity("default")
    connections.close_all()
    for name, is_damaged in (("default", True), ("keys", False)):
        with closing(sqlite3.connect(db / f"{name}.sqlite3")) as copy:
            assert bool(check_connection(copy)) is is_damaged


@sqlite
def test_a_file_that_is_no_database_is_found(tmp_path: Any) -> None:
    (tmp_path / "file").write_bytes(b"not a database at all" * 100)
    with closing(sqlite3.connect(tmp_path / "file")) as opened:
        assert check_connection(opened)


@sqlite
@pytest.mark.parametrize(
    ("table", "command"), [("ledger_transfer", ("ledger", "verify")), ("audit_entry", ("audit", "verify"))]
)
def test_a_verifier_calls_a_damaged_database_damaged_and_not_changed(
    cast: Any, db: Any, run: Any, table: str, command: tuple[str, str]
) -> None:
    spoil_table(db / "default.sqlite3", table)
    done = run(*command)
    assert done.exit_code == 3
    assert "the main database is damaged" in done.output
    assert "restore the newest copy" in done.output
    assert "Traceback" not in done.output
    assert isinstance(done.exception, SystemExit)


@sqlite
def test_a_damaged_copy_is_called_damaged(cast: Any, db: Any, run: Any) -> None:
    spoil_table(db / "default.sqlite3", "audit_entry")
    done = run("audit", "verify", "--copy", str(db / "default.sqlite3"))
    assert (done.exit_code, "this database is damaged" in done.output) == (3, True)


@sqlite
def test_damage_that_is_met_on_the_way_has_the_same_name(cast: Any, db: Any) -> None:
    with pytest.raises(DatabaseDamaged), require_integrity("default"):
        spoil_table(db / "default.sqlite3", "people_school")
        cast.school.refresh_from_db()
    with pytest.raises(DatabaseError, match="no such table"), require_integrity("keys"):
        connection.cursor().execute("SELECT * FROM no_such")


@sqlite
def test_the_nightly_job_says_so_after_it_did_the_rest(
    cast: Any, db: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = run("retention", "run")
    assert sound.exit_code == 0, sound.output
    ok, detail = health(cast.school)["database_default"]
    assert ok
    assert "readable" in detail
    spoil_table(db / "default.sqlite3", "django_content_type")  # nothing that the job itself reads
    broken = run("retention", "run")
    assert broken.exit_code == 3
    assert "the main database is damaged" in broken.output
    assert '"ended"' in broken.output
    ok, detail = health(cast.school)["database_default"]
    assert not ok
    assert "damaged" in detail
    assert health(cast.school)["database_keys"][0]


@sqlite
def test_health_says_so_as_soon_as_a_sale_met_it_and_the_doctor_without(
    cast: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_has_school", lambda: True)
    assert health(cast.school)["database_default"][0]
    spoil_table(db / "default.sqlite3", "ledger_transfer")
    found = {one.name: one for one in doctor._school()}
    assert found["pages of main database"].ok is False
    assert found["pages of keys database"].ok is True
    with pytest.raises(DatabaseError):
        pay(cast, "Carl", cast.meal)
    assert was_damage_met("default")
    assert not health(cast.school)["database_default"][0]
    assert not was_damage_met("keys")


@sqlite
@pytest.mark.parametrize("table", ["django_migrations", "people_school"])
def test_the_doctor_names_damage_under_what_it_reads_itself(
    cast: Any, db: Any, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    monkeypatch.setattr(doctor, "_has_school", lambda: True)
    spoil_table(db / "default.sqlite3", table)
    found = {one.name: one.ok for one in doctor._school()}
    assert found["pages of main database"] is False


@sqlite
def test_a_log_that_cannot_take_the_note_hides_no_damage(cast: Any, db: Any) -> None:
    spoil_table(db / "default.sqlite3", "audit_head")
    assert "the main database is damaged" in describe_damage(check_databases(cast.school))


def test_what_is_checked_on_postgresql_is_said(cast: Any) -> None:
    if connection.vendor != "postgresql":
        assert how_checked("default") == "quick_check"
        return
    assert how_checked("default") == "nothing"
    check_databases(cast.school)
    assert "amcheck" in health(cast.school)["database_default"][1]
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION amcheck")
    assert how_checked("default") == "amcheck"
    assert check_integrity("default") == []
    with transaction.atomic():
        assert check_databases(cast.school) == {"default": [], "keys": []}
    assert "readable" in health(cast.school)["database_default"][1]
