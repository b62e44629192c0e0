"""One way to open a transaction and to lock a row, and what follows a deadlock."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from willing.core.transactions import atomic, lock
from willing.people.models import Person, School
from willing.till.models import Pin

SOURCES = Path(__file__).resolve().parents[2] / "src" / "willing"
# The room `keys` commits in a database of its own, on purpose outside the caller's transaction.
OWN_DATABASE = SOURCES / "keys" / "actions.py"
# A snapshot writes nothing, so there is nothing to try again.
READS_ONLY = SOURCES / "core" / "snapshot.py"


class Broken(Exception):
    """Stands for psycopg's error: Django's carries it as its cause."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def fail_with(sqlstate: str, *, times: int) -> Any:
    calls = []

    @atomic
    def action() -> int:
        School.objects.update(name=f"written in try {len(calls)}")
        calls.append(1)
        if len(calls) <= times:
            raise OperationalError from Broken(sqlstate)
        return len(calls)

    return action


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_deadlock_is_tried_once_more_from_a_clean_start(cast: Any, sqlstate: str) -> None:
    assert fail_with(sqlstate, times=1)() == 2
    assert School.objects.get().name == "written in try 1"


def test_a_second_deadlock_is_not_hidden(cast: Any) -> None:
    with pytest.raises(OperationalError):
        fail_with("40P01", times=2)()
    assert School.objects.get().name == "Test School"


def test_another_fault_of_the_database_is_not_tried_again(cast: Any) -> None:
    with pytest.raises(OperationalError):
        fail_with("57014", times=1)()


def test_inside_a_transaction_only_the_outermost_is_tried_again(cast: Any) -> None:
    inner = fail_with("40P01", times=1)
    with pytest.raises(OperationalError), transaction.atomic():
        inner()
    assert atomic(fail_with("40P01", times=1))() == 2


def test_a_lock_leaves_joined_rows_and_rows_that_point_here_alone(cast: Any) -> None:
    with transaction.atomic():
        sql = str(lock(Pin.objects).select_related("person__school").query)
    if connection.vendor == "postgresql":
        assert 'FOR NO KEY UPDATE OF "till_pin"' in sql
    with transaction.atomic():
        assert lock(Person.objects).get(given_name="Ada")


def calls_of(tree: ast.AST, name: str) -> list[int]:
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == name]


def test_every_lock_and_every_transaction_goes_through_this_one_place() -> None:
    faults = []
    for path in sorted(SOURCES.rglob("*.py")):
        if path == SOURCES / "core" / "transactions.py" or "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        faults += [
            f"{path.relative_to(SOURCES)}:{line}: lock()" for line in calls_of(tree, "select_for_update")
        ]
        if path in (OWN_DATABASE, READS_ONLY):
            continue
        faults += [
            f"{path.relative_to(SOURCES)}:{node.lineno}: atomic"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr == "atomic"
            and isinstance(node.value, ast.Name)
            and node.value.id == "transaction"
        ]
    assert not faults
