"""PostgreSQL clusters of our own on 127.0.0.1, in a temporary folder, stopped with their block."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INSTALLED = Path("/usr/lib/postgresql")
STANDBY = "willing_standby"
START_SECONDS_MAX = 60


class PostgresMissing(Exception):
    """There are no server programs here; the message says what to install."""


def find_programs() -> Path:
    """Return the folder of the newest server programs. Raises PostgresMissing."""
    found = sorted(
        INSTALLED.glob("*/bin/initdb"), key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0)
    )
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).parent
    raise PostgresMissing("install Debian's or Ubuntu's package 'postgresql' first")


@dataclass(frozen=True)
class Cluster:
    """A cluster of the role `willing`, which needs no password, in a folder, on a port."""

    folder: Path
    port: int
    options: str

    @property
    def main_url(self) -> str:
        """The address of its main database."""
        return self.url("willing")

    @property
    def keys_url(self) -> str:
        """The address of the keys' database."""
        return self.url("keys")

    @property
    def log(self) -> Path:
        """Where its server writes."""
        return self.folder / "log"

    def url(self, name: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://willing@127.0.0.1:{self.port}/{name}"

    def deadlocks(self) -> int:
        """Return how many deadlocks its log tells of."""
        return self.log.read_text(errors="replace").count("deadlock detected")

    def run(self, program: str, *arguments: str, data: bool = True) -> None:
        """Run one of PostgreSQL's programs as the user of the server, on this cluster's data."""
        # initdb refuses to run as root; the package's own user may then read nothing of ours but this folder.
        as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        at = ["-D", str(self.folder / "data")] if data else []
        command = [*as_server, str(find_programs() / program), *at, *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start its server, and wait until it answers."""
        self.run("pg_ctl", "-s", "-w", "-l", str(self.log), "-o", self.options, "start")

    def kill(self) -> None:
        """End its server as a power cut does."""
        self.run("pg_ctl", "-s", "-m", "immediate", "stop")

    def stop(self) -> None:
        """End its server, unless it has been."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self.kill()

    def ask(self, sql: str) -> Any:
        """Run one statement in the main database; return the first value of its answer, if it has one."""
        import psycopg

        with psycopg.connect(self.main_url, autocommit=True) as connection:
            connection.execute("SET synchronous_commit TO local")  # a standby may be gone
            done = connection.execute(sql)
            row = done.fetchone() if done.description else None
            return row[0] if row else None


@contextmanager
def cluster(*, fsync: bool) -> Iterator[Cluster]:
    """Start a cluster with two empty databases and lend it.

    fsync: whether a commit waits for the disk, as in a school. Raises PostgresMissing.
    """
    find_programs()
    with _folder() as folder:
        running = _cluster(folder, fsync=fsync)
        # With checksums, as pg_rewind wants it.
        running.run("initdb", "-A", "trust", "-U", "willing", "-E", "UTF8", "-k")
        running.start()
        try:
            _make_databases(running)
            yield running
        finally:
            running.stop()


@dataclass(frozen=True)
class Pair:
    """A server and its standby, which has every commit before it is confirmed."""

    primary: Cluster
    standby: Cluster

    def url(self, name: str) -> str:
        """Return an address that leads to whichever of the two takes writes."""
        ports = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        return f"postgresql://willing@{ports}/{name}?target_session_attrs=read-write"

    def promote(self) -> None:
        """Let the standby take writes. The other one must be stopped."""
        self.standby.run("pg_ctl", "-s", "-w", "promote")

    def rewind(self) -> "Pair":
        """Let the old server, stopped, follow the promoted one. Return the two in their new places."""
        first, old = self.standby, self.primary
        first.ask(
            "CHECKPOINT"
        )  # until then its files do not say that it was promoted, and nothing is rewound
        first.ask(f"SELECT pg_create_physical_replication_slot('{STANDBY}')")
        source = f"host=127.0.0.1 port={first.port} user=willing dbname=postgres application_name={STANDBY}"
        old.run("pg_rewind", "--write-recovery-conf", f"--source-server={source}")
        with (old.folder / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"primary_slot_name = '{STANDBY}'\n")
        old.start()
        following = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        _await(lambda: bool(first.ask(following)))
        first.ask(f"ALTER SYSTEM SET synchronous_standby_names TO '{STANDBY}'")
        first.ask("SELECT pg_reload_conf()")
        return Pair(first, old)

    def await_standby(self) -> None:
        """Wait until the standby follows. A killed one needs a while to come back."""
        follows = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'"
        _await(lambda: bool(self.primary.ask(follows)))


def _await(follows: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not follows():
        assert time.monotonic() < deadline, "the standby does not follow"
        time.sleep(0.05)


@contextmanager
def pair() -> Iterator[Pair]:
    """Start a cluster with two empty databases, and a synchronous standby of it on a slot of its own.

    Raises PostgresMissing.
    """
    with cluster(fsync=False) as primary, _folder() as folder:
        standby = _cluster(folder, fsync=False)
        line = f"host=127.0.0.1 port={primary.port} user=willing application_name={STANDBY}"
        primary.ask(
            "ALTER SYSTEM SET synchronous_standby_names TO ''"
        )  # nothing waits for one that is not there
        standby.run("pg_basebackup", "-d", line, "-R", "-C", "-S", STANDBY, "-X", "stream", "-c", "fast")
        standby.start()
        try:
            primary.ask(f"ALTER SYSTEM SET synchronous_standby_names TO '{STANDBY}'")
            primary.ask("SELECT pg_reload_conf()")
            running = Pair(primary, standby)
            running.await_standby()
            yield running
        finally:
            standby.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="willing-postgres-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        yield Path(folder)


def _cluster(folder: Path, *, fsync: bool) -> Cluster:
    port = _free_port()
    options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories='' -c max_connections=100"
    return Cluster(folder, port, f"{options} -c fsync={'on' if fsync else 'off'}")


def _make_databases(running: Cluster) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(running.url("postgres"), autocommit=True) as connection:
        for name in ("willing", "keys"):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
