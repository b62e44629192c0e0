"""What is missing is named and never made anew; only set-up makes an installation."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from tests.support.databases import ALIASES
from tests.support.server import ROOT, environment
from tests.support.signing import sign_in

from willing import cli
from willing.config import opening
from willing.config.startup import require_startable
from willing.core.errors import InstallationFault
from willing.core.models import Installation
from willing.keys.actions import create_person_key, newest_gallery_secret
from willing.keys.installation import find_keys_fault, require_installation
from willing.keys.models import GallerySecret, KeysInstallation, PersonKey
from willing.keys.set_up import adopt, set_up, update_tables
from willing.ops import doctor
from willing.people.models import School

pytestmark = pytest.mark.sqlite

SECRETS = ("secrets/django.key", "secrets/master.key", "secrets/log-signing.key")
MAIN, KEYS = "willing.sqlite3", "keys/keys.sqlite3"


def point_at(home, monkeypatch):
    """Let this process work in `home`, as the product's own settings would."""
    monkeypatch.setenv("WILLING_HOME", str(home))
    monkeypatch.setattr(settings, "MASTER_KEY_FILE", home / "secrets" / "master.key")
    for alias, name in zip(ALIASES, (MAIN, KEYS), strict=True):
        connections[alias].close()
        monkeypatch.setitem(connections[alias].settings_dict, "NAME", home / name)


@pytest.fixture
def home(cast, db, tmp_path, monkeypatch):
    """A whole installation in a folder of its own, with the cast in it."""
    found = tmp_path / "home"
    shutil.copytree(Path(os.environ["WILLING_HOME"]) / "secrets", found / "secrets")
    (found / "keys").mkdir()
    for alias, name in zip(ALIASES, (MAIN, KEYS), strict=True):
        connections[alias].close()
        shutil.copy(db / f"{alias}.sqlite3", found / name)
    point_at(found, monkeypatch)
    require_installation(with_keys=True)
    for alias in ALIASES:
        connections[alias].close()
    return found


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(opening, "prepare_django", lambda: None)
    return lambda *arguments: CliRunner().invoke(cli.main, list(arguments))


def files(home):
    return sorted(path for path in home.rglob("*") if not path.name.endswith(("-wal", "-shm", ".lock")))


def test_nothing_is_made_by_looking_for_an_installation(db, run, tmp_path, monkeypatch):
    point_at(tmp_path / "home", monkeypatch)
    for arguments in (
        ["ledger", "verify"],
        ["retention", "run"],
        ["migrate"],
        ["audit", "verify"],
        ["manage", "migrate"],
    ):
        done = run(*arguments)
        assert done.exit_code == 1
        assert f"there is no installation in {tmp_path / 'home'}" in done.output
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", [*SECRETS, MAIN])
def test_what_is_missing_is_refused_by_name_and_not_made(home, run, name):
    (home / name).unlink()
    before = files(home)
    with pytest.raises(SystemExit, match=f"does not start: .*{name} is missing"):
        require_startable()
    for command in (
        ["retention", "run"],
        ["serve", "--port", "0"],
        ["ledger", "verify"],
        ["migrate"],
        ["audit", "verify"],
    ):
        done = run(*command)
        assert done.exit_code == 1
        assert f"{home / name} is missing" in done.output
    assert files(home) == before


def test_the_doctor_names_what_is_missing(home):
    (home / "secrets" / "master.key").unlink()
    (found,) = doctor._school()
    assert (found.name, found.ok) == ("installation", False)
    assert "master.key is missing" in found.detail


@pytest.mark.parametrize("name", [MAIN, KEYS])
def test_an_empty_database_is_as_good_as_none(home, name):
    (home / name).write_bytes(b"")
    with pytest.raises(InstallationFault, match=name):
        require_installation(with_keys=True)
    assert (home / name).stat().st_size == 0


def test_a_missing_database_is_not_made_by_a_connection_either(home):
    (home / MAIN).unlink()
    with pytest.raises(Exception, match="unable to open database file"):
        School.objects.get()
    assert not (home / MAIN).exists()


def test_another_master_key_is_refused_before_it_is_used(home):
    key = home / "secrets" / "master.key"
    key.write_bytes(os.urandom(32))
    with pytest.raises(SystemExit, match=r"master\.key is not the master key of this installation"):
        require_startable()


def test_another_master_key_in_the_environment_is_refused_too(home, monkeypatch):
    monkeypatch.setenv("WILLING_MASTER_KEY", "ab" * 32)
    with pytest.raises(InstallationFault, match="WILLING_MASTER_KEY is not the master key"):
        require_installation()


def test_a_secret_that_was_cut_off_is_refused_by_name(home):
    (home / "secrets" / "django.key").write_bytes(b"short")
    with pytest.raises(InstallationFault, match=r"django.key can't be used: .* 48 bytes was expected"):
        require_installation()


@pytest.mark.parametrize("command", [("init", "Again", "--without-journal"), ("demo", "--once")])
def test_an_installation_is_not_set_up_over_what_is_left_of_another(home, run, command):
    (home / MAIN).unlink()
    before = files(home)
    done = run(*command)
    assert done.exit_code == 1
    assert "put it back" in done.output
    assert files(home) == before


@pytest.mark.parametrize("damage", ["missing", "garbage", "another school's"])
def test_without_its_keys_a_server_starts_with_faces_off_and_staff_see_why(home, cast, run, damage):
    keys = home / KEYS
    if damage == "missing":
        keys.unlink()
    elif damage == "garbage":
        keys.write_bytes(b"not a database at all" * 300)
    else:
        KeysInstallation.objects.update(installation_id=uuid4())
        connections["keys"].close()
    before = keys.read_bytes() if keys.exists() else None
    require_startable()
    assert str(keys) in find_keys_fault()
    client = Client()
    sign_in(client, cast.user("office"))
    assert "Faces are off: the keys are missing." in client.get("/").content.decode()
    found = {one.name: one.ok for one in doctor._school()}
    assert found["keys"] is False
    for command in (
        ["retention", "run"],
        ["backup", "take", "--recipient", "x", "--to", "a", "--keys-to", "b"],
    ):
        done = run(*command)
        assert done.exit_code != 0
        assert str(keys) in done.output
    assert (keys.read_bytes() if keys.exists() else None) == before


def test_keys_that_vanish_while_the_server_runs_are_noticed_at_once(home):
    assert find_keys_fault() == ""
    (home / KEYS).rename(home / "elsewhere")
    assert "is missing" in find_keys_fault()
    (home / "elsewhere").rename(home / KEYS)
    assert find_keys_fault() == ""


def as_an_earlier_version_made_it():
    newest_gallery_secret(School.objects.get().id)
    Installation.objects.all().delete()
    KeysInstallation.objects.all().delete()
    for alias in ALIASES:
        connections[alias].close()


def test_an_installation_of_an_earlier_version_is_marked_once_by_migrating(home):
    as_an_earlier_version_made_it()
    with pytest.raises(SystemExit, match="was made by an earlier version; run: willing migrate"):
        require_startable()
    assert adopt()
    assert not adopt()
    require_installation(with_keys=True)


@pytest.mark.parametrize("alias", ["default", "keys"])
def test_a_database_of_a_version_that_is_not_this_one_is_refused_and_left_alone(home, run, alias):
    MigrationRecorder(connections[alias]).record_applied("keys", "0099_of_tomorrow")
    for command in (["migrate"], ["serve", "--port", "1"]):
        done = run(*command)
        assert done.exit_code == 1
        assert "made by another version of Willing" in done.output
        assert "keys 0099_of_tomorrow" in done.output
    assert [one.detail for one in doctor._school()] == [
        "made by another version of Willing (keys 0099_of_tomorrow): use that one"
    ]
    MigrationRecorder(connections[alias]).record_unapplied("keys", "0099_of_tomorrow")
    MigrationRecorder(connections[alias]).record_applied(
        "mfa", "0099_of_a_package"
    )  # packages renumber theirs
    update_tables(alias)


@pytest.mark.parametrize("lost", [KEYS, *SECRETS[:2]])
def test_an_installation_of_an_earlier_version_is_not_marked_while_a_part_is_missing(home, lost):
    as_an_earlier_version_made_it()
    (home / lost).unlink()
    with pytest.raises(InstallationFault, match=Path(lost).name):
        adopt()
    assert not (home / lost).exists()


def test_an_earlier_installation_whose_keys_another_master_key_wrapped_is_not_marked(home):
    as_an_earlier_version_made_it()
    (home / "secrets" / "master.key").write_bytes(os.urandom(32))
    with pytest.raises(InstallationFault, match="does not open the keys"):
        adopt()


def test_keys_that_were_made_anew_are_not_taken_for_the_lost_ones(home):
    for model in (KeysInstallation, PersonKey, GallerySecret):
        model.objects.all().delete()
    assert not adopt()
    with pytest.raises(InstallationFault, match="is not this installation's"):
        require_installation(with_keys=True)


def test_a_copy_of_the_keys_from_before_the_mark_is_marked_by_migrating(home):
    create_person_key(uuid4())
    KeysInstallation.objects.all().delete()
    with pytest.raises(InstallationFault, match="is not this installation's"):
        require_installation(with_keys=True)
    assert adopt()
    require_installation(with_keys=True)


@pytest.mark.parametrize("name", ["", "secrets", *SECRETS, "keys", KEYS])
def test_what_others_on_the_computer_could_read_is_refused_with_the_command_to_run(home, name):
    path = home / name
    needed = path.stat().st_mode & 0o700
    for others in (0o040, 0o004, 0o010, 0o002):
        path.chmod(needed | others)
        with pytest.raises(SystemExit, match=f"run: chmod {'700' if path.is_dir() else '600'} {path}"):
            require_startable()
    path.chmod(needed)
    require_startable()


def test_a_sort_is_never_written_to_the_systems_folder(cast):
    for alias in ALIASES:
        with connections[alias].cursor() as cursor:
            cursor.execute("PRAGMA temp_store")
            assert cursor.fetchone() == (2,), "2 is MEMORY"


# In processes of their own: what nothing was made for yet.


def python(home, code):
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False, timeout=60
    )


BROKEN_OFF = """
import os, shutil, django; django.setup()
from django.db import connections
from tests.support.migrated import migrated
from willing.keys import set_up
def give_tables(*, is_new):
    for alias, file in migrated().items():
        shutil.copyfile(file, connections[alias].settings_dict["NAME"])
set_up.migrate = give_tables
set_up._mark_both = lambda: os._exit(9)
set_up.set_up()
"""
# With the umask of a careless shell: the product sets its own before it makes a file.
SET_UP = """
import os; os.umask(0)
from willing.cli import main
main(["init", "Test School", "--without-journal"], standalone_mode=False)
import willing.config.wsgi
"""


@pytest.mark.whole
def test_a_set_up_that_was_broken_off_goes_on_and_makes_what_only_its_owner_reads(tmp_path):
    home = tmp_path / "home"
    assert python(home, BROKEN_OFF).returncode == 9
    refused = python(home, "import willing.config.wsgi")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Willing does not start: the main database")
    done = python(home, SET_UP)
    assert done.returncode == 0, done.stderr
    assert len(files(home)) >= 7
    private = [path for path in (home, *files(home)) if home / "static" not in path.parents]
    assert [path for path in private if path.stat().st_mode & 0o077] == []


def test_setting_up_twice_changes_nothing(home):
    before = (Installation.objects.get().installation_id, KeysInstallation.objects.get().created_at)
    set_up()
    assert (Installation.objects.get().installation_id, KeysInstallation.objects.get().created_at) == before
