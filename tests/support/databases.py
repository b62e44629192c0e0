"""A template of both databases, and a fresh copy of it for each test: as files, or inside PostgreSQL."""

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from tests.support.migrated import migrated

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
    """PostgreSQL: a copy is CREATE DATABASE … TEMPLATE …; it is dropped after the test."""

    def __init__(self) -> None:
        self.prefix = f"willing_test_{os.getpid()}"

    def _run(self, statement: str, *names: str) -> None:
        options = connections.settings["default"]
        with psycopg.connect(
            host=options["HOST"],
            port=options["PORT"] or None,
            user=options["USER"],
            password=options["PASSWORD"] or None,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def use_template(self) -> None:
        for alias in ALIASES:
            self._run("CREATE DATABASE {}", f"{self.prefix}_{alias}")
            _name(alias, f"{self.prefix}_{alias}")

    def migrate(self) -> None:
        """Give the template its tables."""
        call_command("migrate", verbosity=0)
        call_command("migrate", "keys", database="keys", verbosity=0)

    def seal_template(self) -> None:
        close_all()

    @contextlib.contextmanager
    def copy(self, folder: Path) -> Iterator[Path]:
        number = next(_numbers)
        names = {alias: f"{self.prefix}_{alias}_{number}" for alias in ALIASES}
        for alias, name in names.items():
            self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, f"{self.prefix}_{alias}")
            _name(alias, name)
        yield folder
        close_all()
        for name in names.values():
            self._run("DROP DATABASE {} WITH (FORCE)", name)


def engine(folder: Path) -> Files | Postgres:
    """Return the engine that this run's settings name."""
    vendor = str(connections.settings["default"]["ENGINE"])
    return Postgres() if vendor.endswith("postgresql") else Files(folder)
