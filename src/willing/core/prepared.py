"""Queries that Django builds and compiles once, and that are then only run, each time with other values.

Building and compiling a query takes Django ten times as long as SQLite takes to run it, and the till asks the
same twenty questions at every sale. A prepared query is written as any other, with a parameter wherever a
value will be:

    @prepared
    def _by_digest(digest: Parameter) -> QuerySet[Card]:
        return Card.objects.filter(digest=digest)

    card = _by_digest.first(digest=found)

What a parameter cannot do: be None (IS NULL is another query), or be a list.
"""

import datetime as dt
import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, QuerySet
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")
Value = UUID | str | int | bytes | dt.datetime | dt.date


class Parameter(Expression):
    """The place of a value in a prepared query."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        """Return a placeholder, and itself where the value will be."""
        return "%s", [self]


class Prepared(Generic[Row]):
    """One prepared query. Each connection, so each thread, compiles it at its first use."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._names = frozenset(inspect.signature(build).parameters)

    def all(self, **values: Value) -> list[Row]:
        """Run it, and return all its rows."""
        assert values.keys() == self._names, f"asks for {sorted(self._names)}"
        return self._statement.run(values)

    def first(self, **values: Value) -> Row | None:
        """Run it, and return its first row, or None. The query says how many it fetches."""
        rows = self.all(**values)
        return rows[0] if rows else None

    def one(self, **values: Value) -> Row:
        """Run it, and return its only row; there must be one."""
        (row,) = self.all(**values)
        return row

    @cached_property
    def _queryset(self) -> QuerySet[Any, Row]:
        return self._build(**{name: Parameter(name) for name in self._names})

    @property
    def _statement(self) -> "_Statement[Row]":
        connection = connections[self._queryset.db]
        known: dict[Prepared[Any], _Statement[Any]] = vars(connection).setdefault("willing_prepared", {})
        if self not in known:
            known[self] = _Statement(self._queryset, connection)
        return known[self]


class _Statement(Generic[Row]):
    """A prepared query as one connection runs it: Django's own compiler, which answers from memory."""

    def __init__(self, queryset: QuerySet[Any, Row], connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._queryset: Any = queryset.all()
        query: Any = self._queryset.query
        self._locks = query.select_for_update
        self._require_transaction()
        compiler: Any = query.get_compiler(connection=connection)
        self._sql, self._places = compiler.as_sql()
        fields = [column[0] for column in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(fields)
        self._values: tuple[Any, ...] = ()
        compiler.as_sql = lambda *_args, **_options: (self._sql, self._values)
        compiler.get_converters = lambda _fields: converters
        query.get_compiler = lambda *_args, **_options: compiler

    def _require_transaction(self) -> None:
        if self._locks and not self._connection.in_atomic_block:
            raise TransactionManagementError("a row is locked until its transaction ends, and none is open")

    def run(self, values: dict[str, Value]) -> list[Row]:
        self._require_transaction()
        self._values = tuple(
            self._adapted(values[place.name]) if isinstance(place, Parameter) else place
            for place in self._places
        )
        return list(self._queryset._iterable_class(self._queryset))  # noqa: SLF001

    def _adapted(self, value: Value) -> Any:
        """Return a value as Django's fields hand it to this database."""
        operations = self._connection.ops
        if isinstance(value, UUID):
            return value if self._connection.features.has_native_uuid_field else value.hex
        if isinstance(value, dt.datetime):
            return operations.adapt_datetimefield_value(value)
        if isinstance(value, dt.date):
            return operations.adapt_datefield_value(value)
        if isinstance(value, str | int | bytes):
            return value
        raise TypeError(f"a prepared query takes no {type(value).__name__}")


def prepared(build: Callable[..., QuerySet[Any, Row]]) -> Prepared[Row]:
    """Prepare the query that `build` returns for parameters of these names."""
    return Prepared(build)
