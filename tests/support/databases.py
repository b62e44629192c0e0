"""A template of both databases, and a fresh copy of it for each test: as files, or inside PostgreSQL."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from django.core.management import call_command
from django.db import connections
from psycopg import sql
from tests.support.kept_open import KeptOpen
from tests.support.migrated import migrated, name_of_sources
from tests.support.refilled import Connection, Refilled, connect, keep_rows

ALIASES = ("default", "keys")


def _name(alias: str, name: str) -> None:
    connections[alias].close()
    connections.settings[alias]["NAME"] = name
    connections[alias].settings_dict["NAME"] = name


def close_all() -> None:
    for alias in ALIASES:
        connections[alias].close()


class Files:
    """SQLite: a copy is two files, and takes about two milliseconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def use_template(self) -> None:
        for alias in ALIASES:
            (self.folder / f"{alias}.sqlite3").touch()  # as set-up does; a connection makes none
            _name(alias, str(self.folder / f"{alias}.sqlite3"))

    def migrate(self) -> None:
        """Give the template its tables."""
        for alias, file in migrated().items():
            shutil.copy(file, self.folder / f"{alias}.sqlite3")

    def close(self) -> None:
        """Nothing is open."""

    def seal_template(self) -> None:
        for alias in ALIASES:
            with connections[alias].cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        close_all()

    @contextlib.contextmanager
    def copy(self, folder: Path) -> Iterator[Path]:
        shutil.copytree(self.folder, folder)
        for alias in ALIASES:
            _name(alias, str(folder / f"{alias}.sqlite3"))
        yield folder
        close_all()


class Postgres:
    """PostgreSQL: each test finds the rows of the template, put back where the test before changed them.

    Making a database for each test took longer than most tests: 60 ms to copy it, 20 to drop it.
    """

    def __init__(self) -> None:
        self.prefix = f"willing_test_{os.getpid()}"

    @cached_property
    def _connection(self) -> Connection:
        return connect("postgres")

    def _run(self, statement: str, *names: str) -> None:
        self._connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def close(self) -> None:
        """End the connections."""
        self.let_go()
        self._connection.close()

    def use_template(self) -> None:
        for alias in ALIASES:
            _name(alias, f"{self.prefix}_{alias}")

    def migrate(self) -> None:
        """Give the template its tables: those that the first worker of all made for these sources."""
        tables = f"willing_tables_{name_of_sources()[:16]}"
        self._connection.execute("SELECT pg_advisory_lock(1)")
        found = self._connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [f"{tables}_keys"])
        if found.fetchone() is None:
            self._make(tables)
        self._connection.execute("SELECT pg_advisory_unlock(1)")
        for alias in ALIASES:
            self._run("CREATE DATABASE {} TEMPLATE {}", f"{self.prefix}_{alias}", f"{tables}_{alias}")

    def _make(self, tables: str) -> None:
        """Run the migrations. Both get their name at the end, so what was broken off is made anew."""
        for alias in ALIASES:
            self._run("DROP DATABASE IF EXISTS {}", f"{tables}_{alias}")
            self._run("DROP DATABASE IF EXISTS {}", f"{tables}_{alias}_begun")
            self._run("CREATE DATABASE {}", f"{tables}_{alias}_begun")
            _name(alias, f"{tables}_{alias}_begun")
        call_command("migrate", verbosity=0)
        call_command("migrate", "keys", database="keys", verbosity=0)
        for alias in ALIASES:
            _name(alias, f"{self.prefix}_{alias}")
            self._run("ALTER DATABASE {} RENAME TO {}", f"{tables}_{alias}_begun", f"{tables}_{alias}")

    def seal_template(self) -> None:
        close_all()
        for alias in ALIASES:
            keep_rows(f"{self.prefix}_{alias}")

    @contextlib.contextmanager
    def copy(self, folder: Path) -> Iterator[Path]:
        for alias in ALIASES:
            refilled = self._refilled[alias]
            if not refilled.fill(self._open[alias].pid):
                self._open[alias].close()
            _name(alias, refilled.name)
        yield folder
        for alias in ALIASES:
            self._open[alias].keep(self._refilled[alias].name)
        close_all()

    @cached_property
    def _open(self) -> "dict[str, KeptOpen]":
        return {alias: KeptOpen(connections[alias]) for alias in ALIASES}

    @cached_property
    def _refilled(self) -> "dict[str, Refilled]":
        return {alias: Refilled(self._run, f"{self.prefix}_{alias}") for alias in ALIASES}

    def let_go(self) -> None:
        """Leave both databases alone until they are filled again, so that a test may copy them."""
        for one in vars(self).get("_refilled", {}).values():
            one.let_go()
        for kept in vars(self).get("_open", {}).values():
            kept.close()


def engine(folder: Path) -> Files | Postgres:
    """Return the engine that this run's settings name."""
    vendor = str(connections.settings["default"]["ENGINE"])
    return Postgres() if vendor.endswith("postgresql") else Files(folder)
