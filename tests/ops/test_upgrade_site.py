"""Where an upgrade works: what it reads of the units, as whom it runs, and what it keeps of the databases."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from willing.cli import main
from willing.ops import environments, upgrade_site, upgrade_state
from willing.ops.environments import program_folder, versions_folder
from willing.ops.systemd import InstalledService, write_units
from willing.ops.upgrade_site import StepFailed, find_site, read_service, read_settings

PROGRAM = Path("/opt/willing")


def unit() -> str:
    service = InstalledService(
        PROGRAM / "bin/willing", Path("/srv/w"), Path("/etc/willing/willing.env"), "lunch", port=8100
    )
    return write_units(service)["willing.service"]


def test_what_install_writes_is_what_an_upgrade_reads() -> None:
    found = read_service(unit(), PROGRAM)
    assert found is not None
    assert (found.user, found.home, found.port) == ("lunch", Path("/srv/w"), 8100)
    assert found.settings == Path("/etc/willing/willing.env")


def test_a_service_of_another_environment_is_no_business_of_this_one() -> None:
    assert read_service(unit(), Path("/opt/other")) is None
    assert read_service("", PROGRAM) is None


def test_settings_are_read_as_systemd_reads_them() -> None:
    quoted = ["WILLING_HOSTS='a.example' ", 'WILLING_OIDC_NAME="Our school"']
    assert read_settings("\n".join(["# a remark", " WILLING_HTTPS=1", "", *quoted, "no"])) == {
        "WILLING_HTTPS": "1",
        "WILLING_HOSTS": "a.example",
        "WILLING_OIDC_NAME": "Our school",
    }


def test_the_name_of_a_program_stays_whatever_environment_it_leads_to() -> None:
    assert program_folder("/opt/willing") == PROGRAM
    assert program_folder("/opt/willing.versions/0.2.0-20261126T220000Z") == PROGRAM
    assert versions_folder(PROGRAM) == Path("/opt/willing.versions")


def test_a_service_is_upgraded_by_root_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "willing.service").write_text(unit())
    monkeypatch.setattr(upgrade_site, "UNITS", tmp_path)
    monkeypatch.setattr(upgrade_site, "program_folder", lambda: PROGRAM)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(StepFailed, match="only root upgrades it"):
        find_site()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    site = find_site()
    assert site.environment["WILLING_HOME"] == "/srv/w"
    assert not {name for name in site.environment if name.startswith("WILLING_")} - {"WILLING_HOME"}


def test_systemd_is_asked_and_its_no_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "systemctl"
    no = '[ "$1" != start ] || { echo "no such unit" >&2; exit 5; }'
    fake.write_text(f'#!/bin/sh\necho "$@" >> "$0.log"\n{no}\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    service = upgrade_site.RunningService("lunch", tmp_path, tmp_path, 1)
    site = upgrade_site.Site(PROGRAM, tmp_path, {}, service)
    site.stop(PROGRAM)
    with pytest.raises(StepFailed, match="no such unit"):
        site.start()
    assert (tmp_path / "systemctl.log").read_text() == "stop willing.service\nstart willing.service\n"


def test_a_source_tree_is_upgraded_by_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wheel = tmp_path / "willing-9.9-py3-none-any.whl"
    wheel.write_bytes(b"")
    done = CliRunner().invoke(main, ["upgrade", str(wheel)])
    assert "this is a source tree: git pull" in done.output
    monkeypatch.setattr(environments, "require_own_environment", lambda: None)
    done = CliRunner().invoke(main, ["upgrade", str(wheel)])
    assert f"{wheel.name} is no wheel, or is damaged" in done.output
    assert "name the wheel" in CliRunner().invoke(main, ["upgrade"]).output


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("WILLING_HOME", str(tmp_path))
    (tmp_path / "keys").mkdir()
    for place in upgrade_state.PLACES.values():
        with closing(sqlite3.connect(tmp_path / place)) as made:
            made.execute("PRAGMA journal_mode=WAL")
            made.execute("CREATE TABLE audit_entry (sequence INTEGER, event TEXT)")
            made.execute("CREATE TABLE django_migrations (app TEXT, name TEXT)")
            made.execute("INSERT INTO audit_entry VALUES (1, 'school.created')")
            made.commit()
    return tmp_path


def add(home: Path, statement: str, place: str = "default") -> None:
    with closing(sqlite3.connect(home / upgrade_state.PLACES[place])) as opened:
        opened.execute(statement)
        opened.commit()


def test_no_earlier_state_of_the_keys_outlives_the_upgrade(home: Path) -> None:
    upgrade_state.take_snapshot("0.1.0", "0.2.0", "x")
    assert sorted(one.name for one in (home / "upgrade-x").iterdir()) == ["keys.sqlite3", "willing.sqlite3"]
    assert {one.stat().st_mode & 0o777 for one in (home / "upgrade-x").iterdir()} == {0o600}
    add(home, "INSERT INTO django_migrations VALUES ('keys', '0009_more')", "keys")
    assert upgrade_state.settle().with_keys
    assert [one.name for one in (home / "upgrade-x").iterdir()] == ["willing.sqlite3"]


def test_the_databases_are_put_back_by_the_version_whose_they_are(home: Path) -> None:
    upgrade_state.take_snapshot("0.1.0", "0.2.0", "x")
    add(home, "CREATE TABLE later (x)")
    upgrade_state.enter(upgrade_state.ROLLING_BACK)
    assert not upgrade_state.finish_rollback("0.2.0")
    assert upgrade_state.finish_rollback("0.1.0")
    with closing(sqlite3.connect(home / "willing.sqlite3")) as opened:
        assert [name for (name,) in opened.execute("SELECT name FROM sqlite_master")] == [
            "audit_entry",
            "django_migrations",
        ]
    assert upgrade_state.read() is None
    assert not list(home.glob("upgrade*"))


def test_the_earlier_state_is_deleted_once_something_was_recorded_or_after_a_week(home: Path) -> None:
    upgrade_state.take_snapshot("0.1.0", "0.2.0", "x")
    upgrade_state.settle()
    add(home, "INSERT INTO audit_entry VALUES (2, 'user.signed_in')")
    upgrade_state.forget_snapshot()
    assert (home / "upgrade-x").exists()
    add(home, "INSERT INTO audit_entry VALUES (3, 'sale.completed')")
    upgrade_state.forget_snapshot()
    assert not (home / "upgrade-x").exists()
    assert json.loads((home / "upgrade.json").read_text())["phase"] == "upgraded"
    upgrade_state.take_snapshot("0.1.0", "0.2.0", "y")
    upgrade_state.settle()
    os.utime(home / "upgrade.json", (0, 0))
    upgrade_state.forget_snapshot()
    assert not (home / "upgrade-y").exists()


def test_names_change_places_in_one_step(tmp_path: Path) -> None:
    program, one = tmp_path / "willing", tmp_path / "willing.versions" / "0.2.0"
    program.mkdir()
    (program / "old").touch()
    one.mkdir(parents=True)
    environments.switch(program, one)
    assert program.readlink() == one
    before = environments.previous(program)
    assert before is not None
    assert (before / "old").exists()
    (tmp_path / "willing.versions" / "broken-off").mkdir()
    environments.tidy(program)
    left = {path.name for path in (tmp_path / "willing.versions").iterdir()}
    assert left == {"0.2.0", before.name, "previous"}
    environments.switch(program, before)
    assert (program / "old").exists()
    assert environments.previous(program) == one
