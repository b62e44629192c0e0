"""Run the statements of card sales through the bare driver, in so many threads.

A sale of each till is made in this process and its statements kept, with their values. Then so many threads,
each with a connection and a sale of its own, run theirs again and again. What they write goes into copies of
the tables without constraints and triggers, since the same row would be refused a second time. Called by
`benchmarks.clients`; prints one JSON object, sales a minute for each number of threads.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS = 5
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
# What opens and closes transactions is left to the driver.
EDGES = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")

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


def copy_tables(sales: list[list[Request]]) -> Callable[[str], str]:
    """Copy every table that the sales write into. Return what lets a statement use the copies."""
    from django.db import connection

    tables = {
        found[1] for sale in sales for request in sale for sql, _ in request if (found := WRITES.match(sql))
    }
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'CREATE TABLE "copy_{table}" AS SELECT * FROM "{table}"')  # noqa: S608  # named above
            key = connection.introspection.get_primary_key_columns(cursor, table) or []
            columns = ", ".join(f'"{column}"' for column in key)
            cursor.execute(f'CREATE INDEX "copy_{table}_key" ON "copy_{table}" ({columns})')
    names = re.compile("|".join(f'"{table}"' for table in sorted(tables)))
    return lambda sql: names.sub(lambda found: f'"copy_{found[0][1:]}', sql)


def connect() -> tuple[Any, str]:
    """Return a connection of the driver, and what opens a transaction on it."""
    from django.db import connection

    parameters = connection.get_connection_params()
    if connection.vendor == "postgresql":
        import psycopg

        kept = {name: parameters[name] for name in ("dbname", "user", "host", "port") if name in parameters}
        return psycopg.connect(**kept, autocommit=True), "BEGIN"
    import sqlite3

    path = str(connection.settings_dict["NAME"])
    bare = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
    bare.execute("PRAGMA synchronous=FULL")
    return bare, "BEGIN IMMEDIATE"


def run(sale: list[Request], until: float) -> int:
    """Run one sale again and again until the time is over. Return how often."""
    bare, begin = connect()
    done = 0
    try:
        while time.monotonic() < until:
            for request in sale:
                bare.execute(begin)
                for sql, params in request:
                    cursor = bare.execute(sql, params or ())
                    if cursor.description:
                        cursor.fetchall()
                bare.execute("COMMIT")
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
    sales = record(school, max(counts))
    use_copies = copy_tables(sales)
    is_sqlite = begins_with_marks()
    ready = [
        [[(_marks(use_copies(sql), is_sqlite), params) for sql, params in request] for request in sale]
        for sale in sales
    ]
    found = {}
    for count in counts:
        done: list[int] = []
        started = time.monotonic()
        until = started + SECONDS
        threads = [
            threading.Thread(target=lambda sale=sale: done.append(run(sale, until)))  # noqa: B023  # joined below
            for sale in ready[:count]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found[count] = 60 * sum(done) / (time.monotonic() - started)
    print(json.dumps(found))


def begins_with_marks() -> bool:
    """Say whether the driver marks the places of values with `?`."""
    from django.db import connection

    return connection.vendor == "sqlite"


def _marks(sql: str, is_sqlite: bool) -> str:
    return sql.replace("%s", "?").replace("%%", "%") if is_sqlite else sql


if __name__ == "__main__":
    main()
