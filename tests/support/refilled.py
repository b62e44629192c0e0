"""A database of PostgreSQL whose rows are put back before each test, where a test changed them.

The rows of the template lie in a schema of their own. Which tables a test wrote to, the server's
statistics say: a connection hands its counts in when it closes or is asked to, and all have done either
before this looks.
What statistics do not know (a trigger dropped, a table added) an event trigger notes; then, after much
writing, and now and then, the database is made anew.
"""

from collections.abc import Callable
from functools import cached_property

import psycopg
from django.db import connections
from psycopg import sql
from psycopg.rows import TupleRow

Connection = psycopg.Connection[TupleRow]

# Rows that were put back leave dead ones behind, and nothing may clean up: plans would differ by chance.
FILLS_UNTIL_NEW = 100
ROWS_UNTIL_NEW = 5_000

_NOTE_CHANGES = """
CREATE TABLE kept.changed (tag text);
CREATE FUNCTION kept.note() RETURNS event_trigger LANGUAGE plpgsql
    AS 'BEGIN INSERT INTO kept.changed VALUES (tg_tag); END';
CREATE EVENT TRIGGER kept_note ON ddl_command_end EXECUTE FUNCTION kept.note();
CREATE EVENT TRIGGER kept_note_drop ON sql_drop EXECUTE FUNCTION kept.note()
"""
# Waits until they are gone: only then their counts are there.
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s) AND backend_type = 'client backend'
"""
_COUNTS = """
SELECT relname,
    pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid),
    pg_stat_get_analyze_count(oid) + pg_stat_get_vacuum_count(oid)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
_SEQUENCES = "SELECT seqrelid::regclass::text, pg_sequence_last_value(seqrelid) FROM pg_sequence"


def connect(name: str) -> Connection:
    """Return a connection to a database of this run's server, each statement a transaction."""
    options = connections.settings["default"]
    return psycopg.connect(
        host=options["HOST"],
        port=options["PORT"] or None,
        user=options["USER"],
        password=options["PASSWORD"] or None,
        dbname=name,
        autocommit=True,
    )


def keep_rows(template: str) -> None:
    """Put the rows of a template aside, and note from now on what changes its tables."""
    with connect(template) as connection:
        connection.execute("CREATE SCHEMA kept")
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in found:
            connection.execute(
                sql.SQL("CREATE TABLE {} AS TABLE {}").format(
                    sql.Identifier("kept", table), sql.Identifier("public", table)
                )
            )
        connection.execute(_NOTE_CHANGES)


class Refilled:
    """A copy of `template`. `run` executes a statement with names in it, beside the database."""

    def __init__(self, run: Callable[..., None], template: str) -> None:
        self._run, self._template, self.name = run, template, f"{template}_filled"
        self._connection: Connection | None = None
        self._make()

    def _make(self) -> None:
        self.let_go()
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", self.name, self._template)
        self._fills = 0
        self._seen: dict[str, int] = {}

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self.name)
            # As a replica, no trigger keeps a row from being put back; what this writes is not counted.
            self._connection.execute("SET session_replication_role = replica; SET track_counts = off")
        return self._connection

    def let_go(self) -> None:
        """End the own connection until the database is filled again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @cached_property
    def _sequences(self) -> dict[str, int | None]:
        with connect(self._template) as connection:
            return dict(connection.execute(_SEQUENCES).fetchall())

    def fill(self, kept_pid: int = 0) -> bool:
        """Put the rows back, ending whoever is still connected but the backend `kept_pid`.

        Return whether it is the same database, with that backend in it, or one made anew.
        """
        connection = self._open()
        connection.execute(_END_OTHERS, [kept_pid])
        counts = connection.execute(_COUNTS).fetchall()
        rows = {table: count for table, count, _ in counts}
        written = {table: count - self._seen.get(table, 0) for table, count in rows.items()}
        self._fills += 1
        if (
            self._fills > FILLS_UNTIL_NEW
            or sum(written.values()) > ROWS_UNTIL_NEW
            or any(cleaned for *_, cleaned in counts)
            or connection.execute("SELECT 1 FROM kept.changed LIMIT 1").fetchone()
        ):
            self._make()
            return False
        self._put_back([table for table, count in written.items() if count])
        self._seen = rows
        return True

    def _put_back(self, tables: list[str]) -> None:
        connection = self._open()
        statements = [
            sql.SQL("DELETE FROM {0}; INSERT INTO {0} OVERRIDING SYSTEM VALUE TABLE {1}").format(
                sql.Identifier("public", table), sql.Identifier("kept", table)
            )
            for table in tables
        ]
        for name, value in connection.execute(_SEQUENCES).fetchall():
            if value != (kept := self._sequences[name]):
                statements.append(
                    sql.SQL("SELECT setval({}, {}, {})").format(name, kept or 1, kept is not None)
                )
        if statements:
            connection.execute(sql.SQL("; ").join(statements))
