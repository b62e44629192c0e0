"""Run the statements of card sales through the bare driver, in so many threads.

A sale of each till is made in this process and its statements kept, with their values. Then so many threads,
each with a connection and a sale of its own, run theirs again and again. What they write goes into copies of
the tables with the same indexes, keys and constraints; whatever a table wants once (ids, numbers, digests) is
new each time, wherever the sale names it. The copies have no triggers: what those do is Willing's. Called by
`benchmarks.clients`; prints one JSON object, sales a minute for each number of threads.
"""

from __future__ import annotations

import itertools
import json
import re
import secrets
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

SECONDS = 5
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
INSERTS = re.compile(r'^\s*INSERT INTO "(\w+)" \(([^)]*)\)')
# What opens and closes transactions is left to the driver.
EDGES = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
# Far above what the tables have.
NUMBERS = itertools.count(1_000_000_000)

Statement = tuple[str, Any]
Request = list[Statement]


class Recorder:
    """Keeps every statement that Django runs, one list for each request."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Keep a statement, and run it."""
        if not sql.startswith(EDGES):
            self.requests[-1].append((sql, params))
        return execute(sql, params, many, context)


def record(school: dict[str, Any], number: int) -> list[list[Request]]:
    """Return the statements of one sale for each of so many tills."""
    from django.db import connection

    from benchmarks.profiler import Api, Caller

    caller, recorder = Caller(), Recorder()

    class Noted(Api):
        def post(self, path: str, body: dict[str, Any] | bytes) -> dict[str, Any]:
            recorder.requests.append([])
            return super().post(path, body)

    sales = []
    for token, card in list(zip(school["tokens"], school["cards"], strict=False))[:number]:
        till = Noted(caller, token)
        till.sell_by_card(school["meal"], card)  # the first of a thread compiles its queries
        recorder.requests = []
        connection.ensure_connection()
        with connection.execute_wrapper(recorder):
            till.sell_by_card(school["meal"], card)
        sales.append(recorder.requests)
    return sales


def written(sales: list[list[Request]]) -> list[str]:
    """Return the tables that the sales write into."""
    every = (sql for sale in sales for request in sale for sql, _ in request)
    return sorted({found[1] for sql in every if (found := WRITES.match(sql))})


def copy_tables(tables: list[str]) -> Callable[[str], str]:
    """Copy tables with all that makes a write dear. Return what lets a statement use the copies."""
    from django.db import connection, transaction

    names = re.compile("|".join(rf'"{table}"' for table in tables))
    copied = lambda sql: names.sub(lambda found: f'"copy_{found[0][1:]}', sql)  # noqa: E731
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "postgresql":
                cursor.execute(f'CREATE TABLE "copy_{table}" (LIKE "{table}" INCLUDING ALL)')
            else:
                _copy_on_sqlite(cursor, table, copied)
        for table in tables:
            cursor.execute(f'INSERT INTO "copy_{table}" SELECT * FROM "{table}"')  # noqa: S608  # named above
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in tables:
                _finish_on_postgresql(cursor, table, tables)
    return copied


def _copy_on_sqlite(cursor: Any, table: str, copied: Callable[[str], str]) -> None:
    kept = (
        "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type IN ('table', 'index') AND sql IS NOT NULL"
    )
    cursor.execute(f"{kept} ORDER BY type DESC", [table])
    for (sql,) in cursor.fetchall():
        name = re.sub(r'^CREATE (UNIQUE )?INDEX "', r'CREATE \1INDEX "copy_', sql)
        cursor.execute(copied(name), None)


def _finish_on_postgresql(cursor: Any, table: str, tables: list[str]) -> None:
    """Give a copy its foreign keys, and let its own numbers go on where the copied rows end."""
    cursor.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
        [table],
    )
    for (definition,) in cursor.fetchall():
        names = re.compile(rf"REFERENCES ({'|'.join(tables)})\(")
        key = names.sub(r"REFERENCES copy_\1(", definition)
        cursor.execute(f'ALTER TABLE "copy_{table}" ADD {key}')
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'YES'",
        [f"copy_{table}"],
    )
    for (column,) in cursor.fetchall():
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('copy_{table}', '{column}'),"  # noqa: S608  # named above
            f' (SELECT COALESCE(MAX("{column}"), 1) FROM "{table}"))'
        )


@dataclass(frozen=True)
class New:
    """The place of a value that is new each time; None: of a number."""

    place: int | None


@dataclass(frozen=True)
class Once:
    """The columns of a table that hold each value once: ids and digests; numbers, of a pair the last one."""

    values: set[str]
    numbers: set[str]


@cache
def wanted_once(table: str) -> Once:
    """Return what a table wants once. A column that names a row of another table is that one's."""
    from django.db import connection

    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table).values()
    keys = {column for one in found if one["primary_key"] for column in one["columns"]}
    of_others = {column for one in found if one["foreign_key"] for column in one["columns"]} - keys
    unique = [
        one["columns"] for one in found if (one["unique"] or one["primary_key"]) and all(one["columns"])
    ]
    values = {column for columns in unique for column in columns}
    return Once(values - of_others, {columns[-1] for columns in unique} - of_others)


def born(sale: list[Request]) -> list[Any]:
    """Return the values that the sale brought into the world, but for numbers."""
    values: dict[Any, None] = {}
    for request in sale:
        for sql, params in request:
            for column, value, table in _inserted(sql, params):
                is_one = isinstance(_plain(value), str | UUID | bytes) and value != ""
                if is_one and column in wanted_once(table).values:
                    values[_plain(value)] = None
    return list(values)


def _inserted(sql: str, params: Any) -> list[tuple[str, Any, str]]:
    """Return column, value and table of each value that a statement inserts."""
    found = INSERTS.match(sql)
    if found is None:
        return []
    columns = re.findall(r'"(\w+)"', found[2])
    assert len(params) % len(columns) == 0, sql
    return [(columns[place % len(columns)], value, found[1]) for place, value in enumerate(params)]


def _plain(value: Any) -> Any:
    """Return a value without what a driver wraps bytes in."""
    kept = getattr(value, "obj", value)
    return bytes(kept) if isinstance(kept, memoryview) else kept


def template(sql: str, params: Any, values: list[Any]) -> list[Any]:
    """Return a statement's values, with New wherever one is new each time."""
    places = {value: place for place, value in enumerate(values)}
    plain = [_plain(one) for one in params or ()]
    made = [
        New(places[kept]) if isinstance(kept, str | UUID | bytes) and kept in places else one
        for kept, one in zip(plain, params or (), strict=True)
    ]
    for place, (column, value, table) in enumerate(_inserted(sql, params)):
        if isinstance(value, int) and column in wanted_once(table).numbers:
            made[place] = New(None)
    return made


def like(value: Any) -> Any:
    """Return a new value of the same kind and length."""
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, bytes):
        return secrets.token_bytes(len(value))
    return secrets.token_hex(len(value) // 2 + 1)[: len(value)]


@dataclass(frozen=True)
class Sale:
    """A sale's statements, ready to be run any number of times."""

    requests: list[list[tuple[str, list[Any]]]]
    values: list[Any]

    def run_once(self, bare: Any, begin: str) -> None:
        """Run it with new values."""
        new = [like(one) for one in self.values]
        for request in self.requests:
            bare.execute(begin)
            for sql, made in request:
                params = [self._value(one, new) if isinstance(one, New) else one for one in made]
                cursor = bare.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()
            bare.execute("COMMIT")

    @staticmethod
    def _value(one: New, new: list[Any]) -> Any:
        return next(NUMBERS) if one.place is None else new[one.place]


def ready(sale: list[Request], copied: Callable[[str], str]) -> Sale:
    """Return a sale to be run on the copies."""
    from django.db import connection

    is_sqlite, values = connection.vendor == "sqlite", born(sale)
    requests = [
        [(_marks(copied(sql), is_sqlite), template(sql, params, values)) for sql, params in request]
        for request in sale
    ]
    return Sale(requests, values)


def _marks(sql: str, is_sqlite: bool) -> str:
    return sql.replace("%s", "?").replace("%%", "%") if is_sqlite else sql


def connect() -> tuple[Any, str]:
    """Return a connection of the driver as Willing opens it, and what opens a transaction on it."""
    from django.db import connection

    from willing.core.collation import add_collations

    parameters = connection.get_connection_params()
    if connection.vendor == "postgresql":
        import psycopg

        kept = {name: parameters[name] for name in ("dbname", "user", "host", "port") if name in parameters}
        return psycopg.connect(**kept, autocommit=True), "BEGIN"
    import sqlite3

    path = str(connection.settings_dict["NAME"])
    bare = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
    bare.executescript(connection.settings_dict["OPTIONS"]["init_command"])
    bare.execute("PRAGMA foreign_keys=ON")
    add_collations(bare)
    return bare, "BEGIN IMMEDIATE"


def run(sale: Sale, until: float) -> int:
    """Run one sale again and again until the time is over. Return how often."""
    bare, begin = connect()
    done = 0
    try:
        while time.monotonic() < until:
            sale.run_once(bare, begin)
            done += 1
    finally:
        bare.close()
    return done


def main() -> None:
    """Record, copy and run."""
    import django

    django.setup()
    school = json.loads(Path(sys.argv[1]).read_text())
    counts = [int(one) for one in sys.argv[2:]]
    recorded = record(school, max(counts))
    copied = copy_tables(written(recorded))
    sales = [ready(one, copied) for one in recorded]
    print(json.dumps({count: _together(sales[:count]) for count in counts}))


def _together(sales: list[Sale]) -> float:
    """Run each sale in a thread of its own. Return the sales a minute, or raise what one of them raised."""
    done: list[int] = []
    failed: list[BaseException] = []
    started = time.monotonic()
    until = started + SECONDS

    def work(sale: Sale) -> None:
        try:
            done.append(run(sale, until))
        except Exception as error:  # noqa: BLE001  # raised again below
            failed.append(error)

    threads = [threading.Thread(target=work, args=(sale,)) for sale in sales]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return 60 * sum(done) / (time.monotonic() - started)


if __name__ == "__main__":
    main()
