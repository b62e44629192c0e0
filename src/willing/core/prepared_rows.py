"""Rows that are written by statements which are put together once, for the tables that every sale writes.

Saving a row takes Django four times as long as SQLite takes to write it, nearly all of it to put together the
same statement again. A `PreparedModel` is saved as any other model is, with the same checks; only its INSERT,
and the UPDATE of the same fields of a row that is known to be there, are put together once in a process.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connections, models


class PreparedModel(models.Model):
    """A model whose rows are saved by prepared statements."""

    class Meta:
        """It has no table of its own."""

        abstract = True

    # Where Django itself turns from what is saved to how: one row's INSERT, and one row's UPDATE.
    def _do_insert(self, *given: Any) -> Any:
        _manager, using, fields, returning, raw = given
        values = [getattr(self, one.attname) if raw else one.pre_save(self, True) for one in fields]
        if not _are_plain(fields, values) or not all(isinstance(one, models.AutoField) for one in returning):
            return super()._do_insert(*given)  # type: ignore[misc] # not in the stubs
        columns, numbered = tuple(one.column for one in fields), tuple(one.column for one in returning)
        statement = _insert(using, self._meta.db_table, columns, numbered)
        with connections[using].cursor() as cursor:
            cursor.execute(statement, _adapted(using, fields, values))
            return cursor.fetchall() if numbered else []

    def _do_update(self, *given: Any) -> Any:
        _rows, using, key, changes, _update_fields, is_known_to_be_there = given
        fields, values = [one for one, _, _ in changes], [value for _, _, value in changes]
        if not fields or not is_known_to_be_there or not _are_plain(fields, values):
            return super()._do_update(*given)
        columns, pk = tuple(one.column for one in fields), self._meta.pk
        statement = _update(using, self._meta.db_table, columns, pk.column)
        with connections[using].cursor() as cursor:
            cursor.execute(statement, _adapted(using, [*fields, pk], [*values, key]))
            return cursor.rowcount > 0


def _are_plain(fields: Sequence[Any], values: Sequence[Any]) -> bool:
    """Say whether each value is one, not an expression, and each field has the usual place for it."""
    return not any(hasattr(value, "resolve_expression") for value in values) and not any(
        hasattr(one, "get_placeholder") and not isinstance(one, models.BinaryField) for one in fields
    )


def _adapted(using: str, fields: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """Return values as their fields hand them to this database."""
    connection = connections[using]
    return [
        one.get_db_prep_save(value, connection=connection) for one, value in zip(fields, values, strict=True)
    ]


@cache
def _insert(using: str, table: str, columns: tuple[str, ...], numbered: tuple[str, ...]) -> str:
    quoted = connections[using].ops.quote_name
    names, places = ", ".join(map(quoted, columns)), ", ".join(["%s"] * len(columns))
    returned = f" RETURNING {', '.join(map(quoted, numbered))}" if numbered else ""
    return f"INSERT INTO {quoted(table)} ({names}) VALUES ({places}){returned}"  # noqa: S608  # names of ours


@cache
def _update(using: str, table: str, columns: tuple[str, ...], key: str) -> str:
    quoted = connections[using].ops.quote_name
    changes = ", ".join(f"{quoted(one)} = %s" for one in columns)
    return f"UPDATE {quoted(table)} SET {changes} WHERE {quoted(key)} = %s"  # noqa: S608  # names of ours
