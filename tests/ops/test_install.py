"""What `willing install` writes is what systemd takes, hides what it should, and starts as its user."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support.lines import ask
from tests.support.migrated import give_tables
from tests.support.server import free_port

from willing.cli import main
from willing.keys.set_up import UNFINISHED
from willing.ops import install as install_module
from willing.ops.systemd import Backup, InstalledService, write_units

UNITS = "etc/systemd/system"
# A user who owns nothing here. 65534 would be one whom others use too.
NOBODY = 65_533
KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
NEEDS_SYSTEMD = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd's own tools")
START_SECONDS_MAX = 120  # other work may run beside it


def run(*options: str) -> Result:
    return CliRunner().invoke(main, ["install", *options])


def write(root: Path, *options: str) -> dict[str, str]:
    """Write the files under `root`; return the text of each by its path."""
    done = run("--root", str(root), *options)
    assert done.exit_code == 0, done.output
    files = {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}
    assert sorted(done.output.split()) == sorted(str(root / path) for path in files)
    return files


def values(unit: str, name: str) -> list[str]:
    """Return the values of a setting of a unit."""
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{name}=")]


@pytest.fixture
def backups(tmp_path: Path) -> list[str]:
    copies = ["--recipient", KEY, "--to", "/backup/main", "--keys-to", "/other-disk/keys"]
    return [*copies, "--journal", "/stick", "--checkpoints", "/heads"]


@NEEDS_SYSTEMD
def test_systemd_takes_every_unit_and_finds_little_exposed(tmp_path: Path, backups: list[str]) -> None:
    files = write(tmp_path, *backups)
    units = [tmp_path / path for path in files if path.startswith(UNITS)]
    assert len(units) == 1 + 2 * 5
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], check=False, capture_output=True, text=True
    )
    assert (said.returncode, said.stderr) == (0, "")
    services = [one for one in units if one.suffix == ".service"]
    # In tenths: 30 is the bound, and what it is now is in docs/operate/operate.md.
    asked: list[str | Path] = [
        "systemd-analyze",
        "security",
        "--offline=true",
        "--no-pager",
        "--threshold=30",
        *services,
    ]
    said = subprocess.run(asked, check=False, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout[-300:]


def test_every_job_of_the_night_has_its_own_time_and_the_programs_options(
    tmp_path: Path, backups: list[str]
) -> None:
    files = write(tmp_path, *backups)
    timers = {path: text for path, text in files.items() if path.endswith(".timer")}
    times = [one for text in timers.values() for one in values(text, "OnCalendar")]
    assert len(set(times)) == len(timers) == 5
    for timer in timers:
        [line] = values(files[timer.replace(".timer", ".service")], "ExecStart")
        program, *command = shlex.split(line)
        assert program == f"{sys.prefix}/bin/willing"
        # What is not known is refused before anything is done: every command and option is one of ours.
        assert CliRunner().invoke(main, [*command, "--help"]).exit_code == 0
    [copies] = values(files[f"{UNITS}/willing-backup.service"], "ExecStart")
    assert copies.endswith(f"backup take --recipient {KEY} --to /backup/main --keys-to /other-disk/keys")
    written = "/var/lib/willing /stick /heads /backup/main /other-disk/keys"
    for path in (path for path in files if path.endswith(".service")):
        assert values(files[path], "ReadWritePaths") == [written]
        assert values(files[path], "UMask") == ["0077"]


def test_without_a_key_for_copies_none_are_made(tmp_path: Path) -> None:
    assert not [path for path in write(tmp_path) if "backup" in path]


def test_settings_are_written_once_and_then_stay(tmp_path: Path) -> None:
    settings = tmp_path / "etc/willing/willing.env"
    write(tmp_path, "--address", "lunch.school.example")
    assert "WILLING_HTTPS=1\nWILLING_HOSTS=lunch.school.example\n" in settings.read_text()
    assert settings.stat().st_mode & 0o777 == 0o640
    settings.write_text("WILLING_LANGUAGE=zh-hans\n")
    assert run("--root", str(tmp_path), "--port", "8080").exit_code == 0
    assert settings.read_text() == "WILLING_LANGUAGE=zh-hans\n"
    assert "--port 8080" in (tmp_path / UNITS / "willing.service").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--home", "/home/ada/willing"], "a service sees nothing there"),
        (["--home", "/srv/our school"], "name it from /"),
        (["--home", "var"], "name it from /"),
        (["--journal", "/srv/%h"], "name it from /"),
        (["--user", "Root!"], "no name of a user"),
        (["--user", "root"], "no name of a user"),
        (["--address", "https://lunch.school.example"], "a host's name"),
        (["--port", "80"], "1024<=x<=65535"),
        (["--recipient", KEY], "or none of them"),
        (["--recipient", "age1x", "--to", "/a", "--keys-to", "/b"], "no age public key"),
        (["--recipient", KEY, "--to", "/a", "--keys-to", "/a"], "never kept with the main database"),
    ],
)
def test_what_would_not_work_is_refused_by_name_and_writes_nothing(
    tmp_path: Path, options: list[str], said: str
) -> None:
    done = run("--root", str(tmp_path), *options)
    assert done.exit_code != 0
    assert said in done.output
    assert not list(tmp_path.iterdir())


def test_only_root_and_only_where_systemd_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "only root installs a service" in run().output
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(install_module, "RUNS", Path("/nowhere"))
    assert "systemd does not run this computer" in run().output


@pytest.fixture
def its_home() -> Iterator[Path]:
    """Return a folder of the user's own, at a place that every user reaches."""
    folder = Path(f"/var/tmp/willing-install-{os.getpid()}")  # noqa: S108  # made here, with a mode of its own
    folder.mkdir(mode=0o700)
    # As where set-up was broken off when it had its tables: that is quicker.
    (folder / UNFINISHED).touch(0o600)
    give_tables(folder)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


def as_user() -> list[str]:
    """Return what runs a command as the user; where this is not root, as whoever runs the tests."""
    if os.geteuid() != 0:
        return []
    line = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    if not _reachable(Path(sys.executable).resolve()):
        # Only for a Python under a folder of root's own: reading it is allowed, writing anything is not.
        right = "+dac_read_search"
        line += [f"--inh-caps={right}", f"--ambient-caps={right}", f"--bounding-set=-all,{right}"]
    return line


def _reachable(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in path.parents)


@pytest.mark.whole
def test_the_servers_line_starts_as_that_user_and_what_it_makes_is_its_own(its_home: Path) -> None:
    port = free_port()
    service = InstalledService(
        Path(sys.prefix) / "bin/willing", its_home, Path("/etc/willing/willing.env"), port=port
    )
    unit = write_units(service)["willing.service"]
    [line] = values(unit, "ExecStart")
    [pairs] = values(unit, "Environment")
    environment = dict(pair.split("=", 1) for pair in pairs.split())
    environment |= {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(its_home / "cache")}
    log = its_home.with_name(f"{its_home.name}.log")
    command = ["sh", "-c", f"umask {values(unit, 'UMask')[0]}; exec {line}"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*as_user(), *command], cwd=its_home, env=environment, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not _answers(port):
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, "the server did not answer in time"
            time.sleep(0.1)
        assert "This school is not set up yet. Open http://localhost:" in log.read_text()
        process.terminate()
        assert process.wait(timeout=20) in (0, -signal.SIGTERM)  # either is a clean end to systemd
    finally:
        process.kill()
        process.wait()
        log.unlink()
    made = [path for path in its_home.rglob("*") if not path.is_symlink()]
    assert {path.stat().st_mode & 0o077 for path in made} == {0}
    if os.geteuid() == 0:
        assert {path.stat().st_uid for path in made} == {NOBODY}
    assert (its_home / "secrets/master.key") in made


def _answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/set-up/", seconds=5).status == 200
    except OSError:
        return False


def test_a_folder_that_another_user_owns_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(install_module, "RUNS", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    done = run("--home", "/etc", "--user", "nobody")
    assert "/etc is not nobody's: chown -R nobody:nobody /etc" in done.output


def test_a_service_with_copies_names_each_folder_that_it_writes() -> None:
    to = Backup(KEY, Path("/a"), Path("/b"))
    service = InstalledService(
        Path("/opt/willing/bin/willing"), Path("/h"), Path("/s"), journal=Path("/j"), backup=to
    )
    assert service.written == [Path("/h"), Path("/j"), Path("/a"), Path("/b")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "::", "--port", "8443", "--door", "8080"], "ufw allow proto tcp to any port 8443,8080"),
        (["--host", "192.0.2.7", "--port", "8443"], "ufw allow proto tcp to any port 8443\n"),
        (["--address", "lunch.school.example"], "ufw allow 443/tcp"),
        ([], "Only this computer reaches it"),
    ],
)
def test_what_is_next_names_what_the_firewall_must_let_through_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    """As on a computer that systemd runs, where nothing is written and nothing is started."""
    for name in ("_require_systemd", "_prepare", "_write", "_start"):
        monkeypatch.setattr(install_module, name, lambda *_given, **_more: None)
    done = run(*options)
    assert done.exit_code == 0, done.output
    assert said in done.output
    assert done.output.count("ufw") == (1 if options else 0)
