"""A prepared query finds what the same query finds when Django builds it anew, and is compiled only once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler, SQLUpdateCompiler
from django.test.utils import CaptureQueriesContext

from willing.core.prepared import Parameter, prepared, prepared_update
from willing.core.transactions import lock
from willing.people.models import Person, School


@prepared
def _by_name(school: Parameter, name: Parameter) -> QuerySet[Person]:
    rows = Person.objects.filter(school=school, given_name=name, left_at=None)
    return rows.select_related("school", "year_group").order_by("till_number")


@prepared
def _numbers(since: Parameter, number: Parameter) -> QuerySet[Person, tuple[int, str]]:
    rows = Person.objects.filter(Q(joined_at__gte=since) | Q(till_number=number))
    return rows.order_by("till_number").values_list("till_number", "given_name")


@prepared
def _locked(person: Parameter) -> QuerySet[Person]:
    return lock(Person.objects).filter(pk=person)


@prepared
def _named(school: Parameter) -> QuerySet[Person, Any]:
    return Person.objects.filter(school=school).order_by("till_number").values("given_name", "till_number")


@prepared_update
def _renumber(school: Parameter, name: Parameter, more: Parameter) -> int:
    return Person.objects.filter(school=school, given_name=name).update(till_number=F("till_number") + more)


@pytest.fixture
def school(db: Path) -> School:
    return School.objects.create(name="Hill School", grace_minor=1500)


@pytest.fixture
def people(school: School) -> list[Person]:
    names = ["Ada", "Ada", "Bea"]
    return [
        Person.objects.create(school=school, given_name=name, till_number=number)
        for number, name in enumerate(names, start=1)
    ]


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found = list[str]()
    original = SQLCompiler.as_sql

    def as_sql(compiler: SQLCompiler, *args: object, **options: object) -> object:
        found.append(compiler.query.model.__name__)
        return original(compiler, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(SQLCompiler, "as_sql", as_sql)
    return found


def test_it_finds_what_the_query_would(school: School, people: list[Person]) -> None:
    found = _by_name.all(school=school.pk, name="Ada")
    assert found == people[:2]
    assert [one.school.name for one in found] == ["Hill School"] * 2
    assert [one.year_group for one in found] == [None, None]
    assert _by_name.all(school=school.pk, name="Cal") == []
    assert _by_name.first(school=uuid4(), name="Ada") is None


def test_each_run_has_its_own_values_and_sees_the_rows_as_they_are(
    school: School, people: list[Person]
) -> None:
    assert _by_name.first(school=school.pk, name="Bea") == people[2]
    people[2].given_name = "Ada"
    people[2].save()
    assert _by_name.first(school=school.pk, name="Bea") is None
    assert len(_by_name.all(school=school.pk, name="Ada")) == 3


def test_it_is_compiled_once_and_asks_once(school: School, people: list[Person], compiled: list[str]) -> None:
    _by_name.all(school=school.pk, name="Ada")
    compiled.clear()
    with CaptureQueriesContext(connection) as queries:
        assert _by_name.first(school=school.pk, name="Bea") == people[2]
    assert (compiled, len(queries)) == ([], 1)


def test_times_and_numbers_are_handed_over_as_fields_do(people: list[Person]) -> None:
    noon = datetime(2126, 1, 5, 12, tzinfo=UTC)
    Person.objects.filter(pk__in=[one.pk for one in people]).update(joined_at=noon)
    assert _numbers.all(since=noon, number=0) == [(one.till_number, one.given_name) for one in people]
    assert _numbers.all(since=noon + timedelta(microseconds=1), number=3) == [(3, "Bea")]


def test_a_query_with_several_rows_is_not_one(school: School, people: list[Person]) -> None:
    assert _by_name.one(school=school.pk, name="Bea") == people[2]
    for name in ("Ada", "Cal"):
        with pytest.raises(ValueError, match="unpack"):
            _by_name.one(school=school.pk, name=name)


def test_none_and_lists_are_refused_by_name(db: Path) -> None:
    for wrong in (None, ["Ada"], 1.5):
        with pytest.raises(TypeError, match=f"takes no {type(wrong).__name__}"):
            _by_name.all(school=uuid4(), name=wrong)  # type: ignore[arg-type]


def test_a_value_that_is_missing_or_unknown_is_refused(db: Path) -> None:
    for wrong in ({"school": uuid4()}, {"school": uuid4(), "name": "Ada", "year": 7}):
        with pytest.raises(AssertionError, match="school"):
            _by_name.all(**wrong)


def test_a_row_is_locked_only_inside_a_transaction(school: School) -> None:
    person = Person.objects.create(school=school, given_name="Ada", till_number=1)
    for _ in range(2):  # before it was compiled, and after
        with pytest.raises(transaction.TransactionManagementError, match="none is open"):
            _locked.first(person=person.pk)
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            assert _locked.first(person=person.pk) == person
    if connection.vendor == "postgresql":
        assert "FOR NO KEY UPDATE" in queries[-1]["sql"]


def test_rows_may_be_dictionaries(school: School, people: list[Person]) -> None:
    expected = [{"given_name": one.given_name, "till_number": one.till_number} for one in people]
    assert _named.all(school=school.pk) == expected


def test_a_prepared_update_changes_the_rows_that_it_would_and_says_how_many(
    school: School, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _renumber.run(school=school.pk, name="Ada", more=10) == 2
    monkeypatch.setattr(SQLUpdateCompiler, "as_sql", lambda _one: pytest.fail("it was compiled again"))
    with CaptureQueriesContext(connection) as queries:
        assert _renumber.run(school=school.pk, name="Bea", more=100) == 1
        assert _renumber.run(school=school.pk, name="Cal", more=100) == 0
    assert len(queries) == 2
    assert [one["till_number"] for one in _named.all(school=school.pk)] == [11, 12, 103]


def test_a_prepared_update_asks_for_its_values_by_name(db: Path) -> None:
    with pytest.raises(AssertionError, match="more"):
        _renumber.run(school=uuid4(), name="Ada")


def test_threads_that_begin_at_once_compile_no_query_of_each_other(
    school: School, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = list[object]()
    original = SQLCompiler.pre_sql_setup

    def noted(compiler: SQLCompiler, *args: object, **options: object) -> object:
        seen.append(compiler.query)
        return original(compiler, *args, **options)  # type: ignore[arg-type]

    def ask(_number: int) -> list[Person]:
        try:
            vars(connections["default"]).pop("willing_prepared", None)  # as if this thread had just begun
            return _by_name.all(school=school.pk, name="Ada")
        finally:
            connections.close_all()

    monkeypatch.setattr(SQLCompiler, "pre_sql_setup", noted)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == [people[:2]] * 8
    assert len(seen) == 8
    assert len({id(query) for query in seen}) == 8, "joins are written into a query while it is compiled"
