"""Database triggers that hold a rule for every writer, the operator's own SQL included.

Each helper returns a migration operation that works on SQLite and on PostgreSQL.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import migrations, router
from django.db.migrations.state import StateApps


class Statements(migrations.RunPython):
    """What works on tables and needs no models.

    RunPython hands over the models as they were, and for that builds all of them anew each time it runs: with
    some sixty of these, that was a fifth of what a first start takes.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, _from_state: Any, _to_state: Any) -> None:
        """Run the statements."""
        if router.allow_migrate(schema_editor.connection.alias, app_label, **self.hints):
            self.code(StateApps([], {}), schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: Any, _from_state: Any, _to_state: Any
    ) -> None:
        """Run those that undo them. Raises NotImplementedError where nothing does."""
        if self.reverse_code is None:
            raise NotImplementedError("nothing undoes this migration")
        if router.allow_migrate(schema_editor.connection.alias, app_label, **self.hints):
            self.reverse_code(StateApps([], {}), schema_editor)


def refuse_writes(table: str, *, updates_unless: str = "", deletes: bool = True) -> Statements:
    """Return an operation that refuses UPDATE (and DELETE) of the rows of `table`.

    updates_unless: an SQL condition over OLD and NEW under which an update is let through ("" = never).
    """
    allowed = updates_unless or "1 = 0"
    rules = [Trigger(table, "no_update", "UPDATE", f"NOT ({allowed})", f"{table} rows are immutable")]
    if deletes:
        rules.append(Trigger(table, "no_delete", "DELETE", "1 = 1", f"{table} rows are never deleted"))
    return create(rules)


class Trigger:
    """A BEFORE trigger that raises `message` when `condition` holds for a row.

    on_postgresql: the same in PostgreSQL's words, where it has better ones.
    """

    def __init__(
        self, table: str, name: str, event: str, condition: str, message: str, *, on_postgresql: str = ""
    ) -> None:
        self.table, self.event, self.condition, self.message = table, event, condition, message
        self.on_postgresql = on_postgresql or condition
        self.name = f"{table}_{name}"

    def sqlite(self) -> str:
        """Return the statement for SQLite."""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"WHEN {self.condition} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def postgresql(self) -> str:
        """Return the statements for PostgreSQL."""
        row = "OLD" if self.event == "DELETE" else "NEW"
        # A condition with a sub-select is not allowed in PostgreSQL's WHEN, so the function holds it.
        return (
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {self.on_postgresql} THEN RAISE EXCEPTION '{self.message}' USING ERRCODE = '23000'; END IF; "
            f"RETURN {row}; END $$; "
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )

    def drop(self, vendor: str) -> str:
        """Return the statements that undo it."""
        return _drop(self.name, self.table, vendor)


class Consequence:
    """An AFTER trigger that carries out `statement` for each new row, no matter who wrote it."""

    def __init__(self, table: str, name: str, statement: str) -> None:
        self.table, self.statement = table, statement
        self.name = f"{table}_{name}"

    def sqlite(self) -> str:
        """Return the statement for SQLite."""
        return f"CREATE TRIGGER {self.name} AFTER INSERT ON {self.table} BEGIN {self.statement}; END"

    def postgresql(self) -> str:
        """Return the statements for PostgreSQL."""
        return (
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{self.statement}; RETURN NULL; END $$; "
            f"CREATE TRIGGER {self.name} AFTER INSERT ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )

    def drop(self, vendor: str) -> str:
        """Return the statements that undo it."""
        return _drop(self.name, self.table, vendor)


def _drop(name: str, table: str, vendor: str) -> str:
    if vendor == "postgresql":
        return f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()"
    return f"DROP TRIGGER {name}"


Rule = Trigger | Consequence


def create(rules: Sequence[Rule]) -> Statements:
    """Return the migration operation that creates `rules` and, reversed, drops them."""
    forwards, backwards = _operations(rules)
    return Statements(forwards, backwards)


def drop(rules: Sequence[Rule]) -> Statements:
    """Return the migration operation that drops `rules` and, reversed, creates them.

    Put it before, and `create` after, whatever alters their table: SQLite makes the table anew for that, and
    the triggers of the old one would be gone without a word.
    """
    forwards, backwards = _operations(rules)
    return Statements(backwards, forwards)


def set_aside(*tables: str) -> tuple[Statements, Statements]:
    """Return two operations: take away the triggers that refuse changes of `tables`, and bring them back.

    For a migration that fills a new column of rows that never change otherwise. On SQLite all triggers of the
    database go: making a table anew loses its own, and those of other tables that read it stop the renaming.
    """
    kept: list[str] = []

    def forwards(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for table in tables:
                schema_editor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER", params=None)
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
            found = cursor.fetchall()
        kept[:] = [sql for _name, sql in found]
        for name, _sql in found:
            schema_editor.execute(f"DROP TRIGGER {name}", params=None)

    def back(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for table in tables:
                schema_editor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER", params=None)
            return
        for sql in kept:
            schema_editor.execute(sql, params=None)

    return Statements(forwards, back), Statements(back, forwards)


def _operations(rules: Sequence[Rule]) -> tuple[Callable[[Any, Any], None], Callable[[Any, Any], None]]:
    def apply(write: Callable[[Rule, str], str]) -> Callable[[Any, Any], None]:
        def run(_apps: Any, schema_editor: Any) -> None:
            vendor = schema_editor.connection.vendor
            for rule in rules:
                schema_editor.execute(write(rule, vendor), params=None)

        return run

    return (
        apply(lambda rule, vendor: getattr(rule, vendor)()),
        apply(lambda rule, vendor: rule.drop(vendor)),
    )
