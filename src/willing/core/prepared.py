"""Queries that Django builds and compiles once, and that are then only run, each time with other values.

Building and compiling a query takes Django ten times as long as SQLite takes to run it, and the till asks the
same twenty questions at every sale. A prepared query is written as any other, with a parameter wherever a
value will be:

    @prepared
    def _by_digest(digest: Parameter) -> QuerySet[Card]:
        return Card.objects.filter(digest=digest)

    card = _by_digest.first(digest=found)

    @prepared_update
    def _name(card: Parameter, label: Parameter) -> int:
        return Card.objects.filter(pk=card).update(label=label)

    _name.run(card=card.pk, label="green")

What a parameter cannot do: be None (IS NULL is another query), or be a list.
"""

import datetime as dt
import inspect
import operator
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    ValuesListIterable,
    get_related_populators,
)
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
    """One prepared query. Each connection, so each thread, builds and compiles it at its first use.

    None shares what it builds: compiling writes joins into a query, so two threads that compiled the same one
    at once sent statements that name tables which they do not ask.
    """

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

    def _queryset(self) -> QuerySet[Any, Row]:
        return self._build(**{name: Parameter(name) for name in self._names})

    @cached_property
    def _using(self) -> str:
        return self._queryset().db

    @property
    def _statement(self) -> "_Statement[Row]":
        connection = connections[self._using]
        known: dict[Prepared[Any], _Statement[Any]] = vars(connection).setdefault("willing_prepared", {})
        if self not in known:
            known[self] = _Statement(self._queryset(), connection)
        return known[self]


class _Statement(Generic[Row]):
    """A prepared query as one connection runs it: what Django's own compiler made of it, kept."""

    def __init__(self, queryset: QuerySet[Any, Row], connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        query: Any = queryset.query
        self._locks = query.select_for_update
        self._require_transaction()
        compiler: Any = query.get_compiler(connection=connection)
        self._sql, self._places = compiler.as_sql()
        fields = [column[0] for column in compiler.select[: compiler.col_count]]
        self._compiler, self._converters = compiler, compiler.get_converters(fields)
        self._made = _maker_of(queryset, compiler)

    def _require_transaction(self) -> None:
        if self._locks and not self._connection.in_atomic_block:
            raise TransactionManagementError("a row is locked until its transaction ends, and none is open")

    def run(self, values: dict[str, Value]) -> list[Row]:
        self._require_transaction()
        with self._connection.cursor() as cursor:
            cursor.execute(self._sql, _given(self._connection, self._places, values))
            rows: Any = cursor.fetchall()
        if self._converters:
            rows = self._compiler.apply_converters(rows, self._converters)
        return [self._made(row) for row in rows]


class PreparedUpdate:
    """One prepared UPDATE: a function that changes rows and returns how many, run with other values."""

    def __init__(self, change: Callable[..., int]) -> None:
        self._change = change
        self._names = frozenset(inspect.signature(change).parameters)

    def run(self, using: str = DEFAULT_DB_ALIAS, **values: Value) -> int:
        """Change the rows, and return how many there were."""
        assert values.keys() == self._names, f"asks for {sorted(self._names)}"
        connection = connections[using]
        kept: dict[Any, tuple[str, Sequence[Any]]] = vars(connection).setdefault(
            "willing_prepared_updates", {}
        )
        if self not in kept:
            kept[self] = self._compiled(connection)
        statement, places = kept[self]
        with connection.cursor() as cursor:
            cursor.execute(statement, _given(connection, places, values))
            return int(cursor.rowcount)

    def _compiled(self, connection: BaseDatabaseWrapper) -> tuple[str, Sequence[Any]]:
        """Return the statement and its values' places: what Django would run, which is not run here."""
        recorder, lent = _Recorder(), vars(connection)
        held = lent.get("cursor")
        lent["cursor"] = lambda: recorder
        try:
            self._change(**{name: Parameter(name) for name in self._names})
        finally:
            if held is None:
                del lent["cursor"]
            else:
                lent["cursor"] = held
        (only,) = recorder.statements
        return only


class _Recorder:
    """A cursor that runs nothing and keeps what it was given."""

    rowcount = 0

    def __init__(self) -> None:
        self.statements: list[tuple[str, Sequence[Any]]] = []

    def execute(self, statement: str, places: Sequence[Any]) -> None:
        self.statements.append((statement, places))

    def close(self) -> None:
        """Nothing was opened."""


def _given(connection: BaseDatabaseWrapper, places: Sequence[Any], values: dict[str, Value]) -> list[Any]:
    """Return the values of a statement in the order of their places."""
    return [
        _adapted(connection, values[place.name]) if isinstance(place, Parameter) else place
        for place in places
    ]


def _adapted(connection: BaseDatabaseWrapper, value: Value) -> Any:
    """Return a value as Django's fields hand it to this database."""
    operations = connection.ops
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, dt.datetime):
        return operations.adapt_datetimefield_value(value)
    if isinstance(value, dt.date):
        return operations.adapt_datefield_value(value)
    if isinstance(value, str | int | bytes):
        return value
    raise TypeError(f"a prepared query takes no {type(value).__name__}")


def _maker_of(queryset: QuerySet[Any, Any], compiler: Any) -> Callable[[Any], Any]:
    """Return what makes a row of the answer what the query yields: a model, a tuple or one value."""
    kind = queryset._iterable_class  # noqa: SLF001
    if kind is ValuesListIterable:
        return tuple
    if kind is FlatValuesListIterable:
        return operator.itemgetter(0)
    if kind is ValuesIterable:
        names = list(queryset.query.selected or ())
        return lambda row: dict(zip(names, row, strict=True))
    assert kind is ModelIterable, f"a prepared query yields no {kind.__name__}"
    return _model_maker(queryset.db, compiler)


def _model_maker(using: str, compiler: Any) -> Callable[[Any], Any]:
    """Return what Django does with each row, without asking anew, at each run, what is in which column."""
    info, annotations = compiler.klass_info, (compiler.annotation_col_map or {}).items()
    model, start, end = info["model"], info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column[0].target.attname for column in compiler.select[start:end]]
    populators: Any = get_related_populators  # whose arguments differ by Django's version
    joined = populators(info, compiler.select, using)

    def made(row: Any) -> Any:
        one = model.from_db(using, names, row[start:end])
        for populator in joined:
            populator.populate(row, one)
        for name, place in annotations:
            setattr(one, name, row[place])
        return one

    return made


def prepared(build: Callable[..., QuerySet[Any, Row]]) -> Prepared[Row]:
    """Prepare the query that `build` returns for parameters of these names."""
    return Prepared(build)


def prepared_update(change: Callable[..., int]) -> PreparedUpdate:
    """Prepare the UPDATE that `change` makes with parameters of these names."""
    return PreparedUpdate(change)
