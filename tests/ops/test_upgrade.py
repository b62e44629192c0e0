"""An upgrade of the wheel itself: the old version works or the new one does, whatever is killed."""

import socket
import sqlite3
import subprocess
import time
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from tests.kit.clean import ROOT, Clean, build, make, unpack
from tests.ops.releases import renumbered, step
from tests.postgres.cluster import Cluster, cluster, find_programs
from tests.support.lines import ask
from tests.support.migrated import give_tables

pytestmark = pytest.mark.whole

SCRIPT = ROOT / "tests" / "ops" / "upgrading.py"
SECONDS_MAX = 300


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    source = unpack(build(ROOT, "sdist", folder / "sdist"), folder / "source")
    return build(source, "wheel", folder / "wheel")


@pytest.fixture(scope="module")
def computer(wheel, tmp_path_factory):
    """A computer with the wheel, pip and a school; each test leaves it to the next as it is then."""
    clean = make_with_pip(tmp_path_factory.mktemp("computer"), wheel)
    give_tables(clean.home)
    assert clean.run("init", "Willow Road School", "--without-journal")[0] == 0
    return clean


@pytest.fixture
def computer_on_server(wheel, tmp_path):
    """A computer of its own: an earlier test's version may have the step that is to be unknown to it."""
    return make_with_pip(tmp_path, wheel)


def make_with_pip(folder: Path, wheel: Path) -> Clean:
    clean = make(folder / "computer", wheel)
    ran = [str(clean.python), "-m", "ensurepip", "--default-pip"]
    subprocess.run(ran, check=True, capture_output=True, timeout=SECONDS_MAX)
    return clean


def upgrade(
    clean: Clean,
    *arguments: object,
    moment: str = "",
    settings: Mapping[str, str] | None = None,
    extras: tuple[str, ...] = (),
) -> "subprocess.CompletedProcess[str]":
    """Run `willing upgrade`; where a moment is given it is killed there."""
    command = (
        [str(clean.python), "-P", str(SCRIPT), moment]
        if moment
        else [str(clean.python.with_name("willing")), "upgrade"]
    )
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=clean.folder / "elsewhere",
        env=clean.variables(*extras, **settings or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )


def dump(server: Cluster, folder: Path) -> None:
    """Dump both databases, as the manual says."""
    for name in ("willing", "keys"):
        run_program("pg_dump", "-Fc", f"--file={folder / name}", server.url(name))


def put_back(server: Cluster, folder: Path) -> None:
    """Make both databases anew and restore the dumps, as the manual says."""
    for name in ("willing", "keys"):
        at = ("-h", "127.0.0.1", "-p", str(server.port), "-U", "willing")
        run_program("dropdb", *at, name)
        run_program("createdb", *at, "--owner=willing", name)
        run_program("pg_restore", "--no-owner", f"--dbname={server.url(name)}", str(folder / name))


def run_program(name: str, *arguments: str) -> None:
    subprocess.run([str(find_programs() / name), *arguments], check=True, timeout=SECONDS_MAX)


def version(clean: Clean) -> str:
    return clean.run("--version")[1].split()[-1]


def works(clean: Clean) -> bool:
    """Say whether a server starts and answers, and the money and the log verify."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with clean.willing("serve", "--port", str(port)) as server:
        try:
            deadline = time.monotonic() + SECONDS_MAX
            while not _answers(port):
                assert server.poll() is None, server.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.1)
        finally:
            server.terminate()
    return all(clean.run(*command)[0] == 0 for command in (("ledger", "verify"), ("audit", "verify")))


def _answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/sign-in/", seconds=5).status == 200
    except OSError:
        return False


def has_probe(clean: Clean) -> bool:
    with closing(sqlite3.connect(clean.home / "willing.sqlite3")) as database:
        return bool(database.execute("SELECT 1 FROM sqlite_master WHERE name = 'probe'").fetchone())


def test_killed_at_any_moment_the_old_version_works_or_the_new_one(computer, wheel, tmp_path):
    next_one = renumbered(wheel, tmp_path / "next", "9.1.0", step(ROOT / "src", "killed"))
    for moment in ("before making encrypted copies", "after snapshot", "before switching"):
        assert upgrade(computer, next_one, moment=moment).returncode == -9, moment
        assert version(computer) == "0.1.0"
    assert works(computer)
    for moment in ("exchanged", "at settle", "after settle"):
        done = upgrade(computer, next_one, moment=moment)
        assert done.returncode == -9, done.stdout + done.stderr
        assert version(computer) == "9.1.0"
        taken = upgrade(computer, "--rollback")
        assert taken.returncode == 0, taken.stdout + taken.stderr
        assert (version(computer), has_probe(computer)) == ("0.1.0", False)
    (computer.home / "kill-me").touch()
    done = upgrade(computer, next_one)  # the process that updates the databases is killed in the middle
    assert done.returncode == 1
    assert "taking it back" in done.stdout
    assert (version(computer), has_probe(computer)) == ("0.1.0", False)
    assert upgrade(computer, next_one, moment="before updating").returncode == -9
    assert works(computer), "the new version updates the databases itself"
    assert (version(computer), has_probe(computer)) == ("9.1.0", True)
    for moment in ("after begin-back", "at put-back"):
        assert upgrade(computer, "--rollback", moment=moment).returncode == -9
    assert version(computer) == "0.1.0"
    assert works(computer), "the old version puts the databases back itself"
    assert not has_probe(computer)


def test_an_upgrade_is_verified_logged_and_taken_back_until_something_is_recorded(computer, wheel, tmp_path):
    next_one = renumbered(wheel, tmp_path / "next", "9.2.0", step(ROOT / "src", "ends"))
    done = upgrade(computer, next_one, "--wheels", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8/8 starting the server" in done.stdout
    assert "Willing 9.2.0 is installed." in done.stdout
    assert works(computer)
    assert has_probe(computer)
    assert not list(computer.home.glob("upgrade-*/keys.sqlite3")), "a destroyed key is kept nowhere"
    health = computer.run("doctor")[1]
    assert "Upgraded from 0.1.0 to 9.2.0 on" in health
    taken = upgrade(computer, "--rollback")
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert works(computer)
    assert (version(computer), has_probe(computer)) == ("0.1.0", False)
    assert "Version 9.2.0 was taken back for 0.1.0" in computer.run("doctor")[1]
    assert upgrade(computer, next_one).returncode == 0
    assert computer.run("people", "add", "Ada")[0] == 0
    refused = upgrade(computer, "--rollback")
    assert refused.returncode == 1
    assert "something was recorded since the upgrade (person.added)" in refused.stderr
    assert version(computer) == "9.2.0"


def test_a_version_that_does_not_come_out_is_taken_back_by_itself(computer, wheel, tmp_path):
    before = version(computer)
    broken = renumbered(wheel, tmp_path / "next", "9.3.0", step(ROOT / "src", "ends", "fails"))
    done = upgrade(computer, broken)
    assert done.returncode == 1
    assert "updating the databases … failed" in done.stdout
    assert f"Version {before} is in place as before" in done.stderr
    assert version(computer) == before
    assert works(computer)


def test_a_server_that_runs_is_not_upgraded_under_its_feet(computer, wheel, tmp_path):
    next_one = renumbered(wheel, tmp_path / "next", "9.4.0")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    before = version(computer)
    with computer.willing("serve", "--port", str(port)) as server:
        try:
            while not _answers(port):
                time.sleep(0.1)
            done = upgrade(computer, next_one)
            assert _answers(port)
        finally:
            server.terminate()
    assert done.returncode == 1
    assert "a server or another command is running here; stop it first" in done.stderr
    assert version(computer) == before


def test_what_is_no_next_version_is_refused_by_name_and_changes_nothing(computer, wheel, tmp_path):
    present = version(computer)
    damaged = tmp_path / wheel.name
    whole = wheel.read_bytes()
    # In what a file of it holds: between two files there are bytes that nobody reads.
    with zipfile.ZipFile(wheel) as archive:
        largest = max(archive.infolist(), key=lambda one: one.compress_size)
    at = largest.header_offset + 30 + len(largest.filename) + largest.compress_size // 2
    damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    cases = {
        "is no wheel, or is damaged": damaged,
        "is older than": renumbered(wheel, tmp_path / "older", "0.0.9"),
        "is what is installed": renumbered(wheel, tmp_path / "same", present),
        "this is the package 'another', not willing": renumbered(
            wheel, tmp_path / "other", "99.0", Name="another"
        ),
        "needs Python >=4": renumbered(wheel, tmp_path / "python", "99.1", Requires_Python=">=4"),
    }
    for said, file in cases.items():
        done = upgrade(computer, file)
        assert done.returncode == 1
        assert said in done.stderr
    assert version(computer) == present


def test_postgresql_is_upgraded_without_a_snapshot_and_goes_back_by_its_dumps(
    computer_on_server, wheel, tmp_path
):
    computer = computer_on_server
    before, home = version(computer), tmp_path / "home"
    next_one = renumbered(wheel, tmp_path / "next", "9.5.0", step(ROOT / "src", "ends"))
    broken = renumbered(wheel, tmp_path / "broken", "9.6.0", step(ROOT / "src", "ends", "fails"))
    with cluster(fsync=False) as server:
        settings = {
            "WILLING_HOME": str(home),
            "WILLING_DATABASE_URL": server.main_url,
            "WILLING_KEYS_DATABASE_URL": server.keys_url,
        }
        home.mkdir(mode=0o700)

        def run(*command):
            return computer.run(*command, extras=("postgres",), **settings)

        def go(*arguments):
            return upgrade(computer, *arguments, settings=settings, extras=("postgres",))

        assert run("init", "Willow Road School", "--journal", str(tmp_path / "journal"))[0] == 0
        assert "dump both (pg_dump), then --without-snapshot" in go(next_one).stderr
        assert version(computer) == before
        dump(server, tmp_path)
        failed = go(broken, "--without-snapshot")
        assert "The new version stays, for PostgreSQL is not put back here." in failed.stderr
        assert version(computer) == "9.6.0"
        assert "does not find databases of its own" in go("--rollback", "--without-snapshot").stderr
        assert version(computer) == "9.6.0"
        put_back(server, tmp_path)
        back = go("--rollback", "--without-snapshot")
        assert back.returncode == 0, back.stdout + back.stderr
        assert version(computer) == before
        assert server.ask("SELECT to_regclass('probe')") is None
        assert f"Version 9.6.0 was taken back for {before}" in run("doctor")[1]
        assert run("audit", "verify")[0] == 0
        done = go(next_one, "--without-snapshot")
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"Upgraded from {before} to 9.5.0 on" in run("doctor")[1]
        assert "restore both dumps of before the upgrade" in go("--rollback").stderr
