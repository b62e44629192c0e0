"""A PostgreSQL cluster of our own on 127.0.0.1, in a temporary folder, stopped with its block."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INSTALLED = Path("/usr/lib/postgresql")


class PostgresMissing(Exception):
    """There are no server programs here; the message says what to install."""


@dataclass(frozen=True)
class Cluster:
    """A running cluster: the addresses of its two databases, and its log."""

    main_url: str
    keys_url: str
    log: Path

    def deadlocks(self) -> int:
        """Return how many deadlocks its log tells of."""
        return self.log.read_text(errors="replace").count("deadlock detected")


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


@contextmanager
def cluster(*, fsync: bool) -> Iterator[Cluster]:
    """Start a cluster with two empty databases and lend it.

    fsync: whether a commit waits for the disk, as in a school. Raises PostgresMissing.
    """
    programs = find_programs()
    # initdb refuses to run as root; the package's own user may then read nothing of ours but this folder.
    as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="willing-postgres-") as folder:
        if as_server:
            shutil.chown(folder, "postgres")
        data, log, port = f"{folder}/data", Path(folder) / "log", _free_port()

        def run(program: str, *arguments: str) -> None:
            command = [*as_server, str(programs / program), "-D", data, *arguments]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr

        run("initdb", "-A", "trust", "-U", "willing", "-E", "UTF8")
        options = (
            f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories='' -c max_connections=100"
        )
        run(
            "pg_ctl",
            "-s",
            "-w",
            "-l",
            str(log),
            "-o",
            f"{options} -c fsync={'on' if fsync else 'off'}",
            "start",
        )
        try:
            yield Cluster(*_databases(port), log)
        finally:
            run("pg_ctl", "-s", "-m", "immediate", "stop")


def _databases(port: int) -> tuple[str, str]:
    import psycopg
    from psycopg import sql

    base = f"postgresql://willing@127.0.0.1:{port}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        for name in ("willing", "keys"):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{base}/willing", f"{base}/keys"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
