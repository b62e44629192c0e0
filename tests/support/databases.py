"""A template of both databases, and a fresh copy of it for each test: as files, or inside PostgreSQL."""

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.rows import TupleRow
from tests.support.migrated import migrated, name_of_sources

ALIASES = ("default", "keys")
_numbers = itertools.count(1)


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
    """PostgreSQL: a copy is CREATE DATABASE … TEMPLATE …; it is dropped after the test.

    One connection makes and drops them all: to open one for each took as long as the copies themselves. The
    keys' few tables are not copied but filled anew, from a schema of the same database: a third of the time.
    """

    def __init__(self) -> None:
        self.prefix = f"willing_test_{os.getpid()}"

    @cached_property
    def _connection(self) -> "psycopg.Connection[TupleRow]":
        return self._connect("postgres")

    def _connect(self, name: str) -> "psycopg.Connection[TupleRow]":
        options = connections.settings["default"]
        return psycopg.connect(
            host=options["HOST"],
            port=options["PORT"] or None,
            user=options["USER"],
            password=options["PASSWORD"] or None,
            dbname=name,
            autocommit=True,
        )

    def _run(self, statement: str, *names: str) -> None:
        self._connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def close(self) -> None:
        """End the connections."""
        if "_keys" in vars(self):
            self._keys.connection.close()
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

    @contextlib.contextmanager
    def copy(self, folder: Path) -> Iterator[Path]:
        name = f"{self.prefix}_default_{next(_numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, f"{self.prefix}_default")
        _name("default", name)
        _name("keys", self._keys.fill())
        yield folder
        close_all()
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    @cached_property
    def _keys(self) -> "_Refilled":
        name = f"{self.prefix}_keys_filled"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, f"{self.prefix}_keys")
        return _Refilled(name, self._connect)

    def let_go(self) -> None:
        """Leave the keys' database alone until it is filled again, so that a test may copy it."""
        self._keys.connection.close()


class _Refilled:
    """A database whose rows are put back before each test; what a test makes of its tables is a fault."""

    def __init__(self, name: str, connect: "Callable[[str], psycopg.Connection[TupleRow]]") -> None:
        self.name, self._connect = name, connect
        self.connection = connection = connect(name)
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        tables = [sql.Identifier("public", table) for (table,) in found]
        kept = [sql.Identifier("kept", table) for (table,) in found]
        connection.execute("CREATE SCHEMA kept")
        for table, copy in zip(tables, kept, strict=True):
            connection.execute(sql.SQL("CREATE TABLE {} AS TABLE {}").format(copy, table))
        refill = [
            sql.SQL("DELETE FROM {0}; INSERT INTO {0} OVERRIDING SYSTEM VALUE TABLE {1}").format(table, copy)
            for table, copy in zip(tables, kept, strict=True)
        ]
        # As a replica, no trigger of ours keeps a row from being put back.
        self._refill = sql.SQL("; ").join([sql.SQL("SET session_replication_role = replica"), *refill])

    def fill(self) -> str:
        """Put the rows back, ending whoever is still connected. Return the database's name."""
        if self.connection.closed:
            self.connection = self._connect(self.name)
        self.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        self.connection.execute(self._refill)
        return self.name


def engine(folder: Path) -> Files | Postgres:
    """Return the engine that this run's settings name."""
    vendor = str(connections.settings["default"]["ENGINE"])
    return Postgres() if vendor.endswith("postgresql") else Files(folder)
