"""A tired person backs up, restores on a new computer and upgrades, by the manual's commands alone."""

import shutil
import subprocess

import pytest
from tests.kit.clean import ROOT, build, make, unpack
from tests.ops.manual import commands
from tests.ops.releases import renumbered
from tests.support.migrated import give_tables

pytestmark = pytest.mark.whole
SECONDS_MAX = 300


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    source = unpack(build(ROOT, "sdist", folder / "sdist"), folder / "source")
    return build(source, "wheel", folder / "wheel")


class Person:
    """Someone who types what is printed, in one folder; only what differs from place to place is replaced."""

    def __init__(self, clean, disks):
        self.clean, self.disks = clean, disks
        self.here = clean.folder / "elsewhere"
        (self.here / ".venv").symlink_to(clean.folder / "environment")
        self.places = {
            "/opt/willing": str(clean.folder / "environment"),
            "/backup/main": str(disks / "main"),
            "/other-disk/keys": str(disks / "keys"),
        }

    def type(self, command, **replaced):
        for old, new in {**replaced, **self.places}.items():
            command = command.replace(old, str(new))
        assert "…" not in command, "the manual leaves something open"
        return subprocess.run(
            ["sh", "-c", command],
            cwd=self.here,
            env=self.clean.variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_MAX,
        )

    def succeed(self, command, **replaced):
        done = self.type(command, **replaced)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture(scope="module")
def first(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    clean = make(folder / "computer", wheel)
    give_tables(clean.home)
    (folder / "stick").mkdir()
    assert clean.run("init", "Willow Road School", "--journal", str(folder / "stick"))[0] == 0
    return Person(clean, folder)


def test_a_new_computer_is_restored_by_the_manual_alone(first, wheel, tmp_path):
    new_key, take = commands("Back up while running")
    public = first.succeed(new_key).strip()
    assert first.clean.run("people", "add", "Ada")[0] == 0
    first.succeed(take, **{"age1…": public})
    second = Person(make(tmp_path / "computer", wheel), first.disks)
    second.clean.home.mkdir(mode=0o700)
    shutil.copytree(first.clean.home / "secrets", second.clean.home / "secrets")
    shutil.copy(first.here / "private.key", second.here)
    restore, *verify = commands("Restore")
    newest = {
        "/backup/main/willing-….age": max((first.disks / "main").glob("*.age")),
        "/other-disk/keys/keys-….age": max((first.disks / "keys").glob("*.age")),
    }
    said = second.succeed(f"{restore} --journal {first.disks / 'stick'}", **newest)
    assert "restored; now take a new copy, and start the server" in said
    assert len(verify) == 2
    for command in verify:
        second.succeed(command)
    second.succeed(take, **{"age1…": public})
    assert second.clean.run("people", "add", "Ada")[0] == 0, "the same again adds nobody, so she is there"
    assert second.clean.run("doctor")[0] == 0


def test_an_upgrade_and_the_way_back_by_the_manual_alone(first, wheel, tmp_path):
    ran = [str(first.clean.python), "-m", "ensurepip", "--default-pip"]
    subprocess.run(ran, check=True, capture_output=True, timeout=SECONDS_MAX)
    upgrade, back = commands("Upgrade", until="With PostgreSQL")
    shutil.copy(renumbered(wheel, tmp_path / "next", "0.2.0"), first.here)
    assert "Willing 0.2.0 is installed." in first.succeed(upgrade)
    assert "Willing 0.1.0 runs again" in first.succeed(back)
