"""One way to open a transaction and to lock a row, and what follows a deadlock."""

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.support.syntax import nodes

from willing.audit.actions import record
from willing.audit.models import Entry, Head
from willing.audit.verify_database import verify_log
from willing.core.transactions import atomic, do_last, do_last_now, lock
from willing.credentials.models import Pin
from willing.people.models import Person, School

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
    calls: list[int] = []

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
        assert 'FOR NO KEY UPDATE OF "credentials_pin"' in sql
    with transaction.atomic():
        assert lock(Person.objects).get(given_name="Ada")


def calls_of(path: Path, name: str) -> list[int]:
    called = (node.func for node in nodes(path) if isinstance(node, ast.Call))
    return [one.lineno for one in called if isinstance(one, ast.Attribute) and one.attr == name]


def test_every_lock_and_every_transaction_goes_through_this_one_place() -> None:
    faults = []
    for path in sorted(SOURCES.rglob("*.py")):
        if path == SOURCES / "core" / "transactions.py" or "migrations" in path.parts:
            continue
        faults += [
            f"{path.relative_to(SOURCES)}:{line}: lock()" for line in calls_of(path, "select_for_update")
        ]
        if path in (OWN_DATABASE, READS_ONLY):
            continue
        faults += [
            f"{path.relative_to(SOURCES)}:{node.lineno}: atomic"
            for node in nodes(path)
            if isinstance(node, ast.Attribute)
            and node.attr == "atomic"
            and isinstance(node.value, ast.Name)
            and node.value.id == "transaction"
        ]
    assert not faults


class Undone(Exception):
    """Ends a savepoint."""


def entry(event: str) -> None:
    record(event, subject=None, facts={}, personal={})


def events() -> list[str]:
    return list(Entry.objects.order_by("-sequence").values_list("event", flat=True)[:3])


def test_what_is_put_off_is_done_once_at_the_end_in_its_order(cast: Any) -> None:
    done: list[Sequence[str]] = []

    @atomic
    def action() -> None:
        do_last(done.append, ["one"])
        atomic(do_last)(done.append, ["two"])
        assert not done

    action()
    assert [list(items) for items in done] == [["one", "two"]]
    do_last(done.append, ["outside"])
    assert done[-1] == ["outside"]


def test_the_log_s_end_is_locked_only_when_everything_else_is_written(cast: Any) -> None:
    before = Head.objects.get().sequence

    @atomic
    def action() -> None:
        entry("test.first")
        assert Head.objects.get().sequence == before
        School.objects.update(name="Written after the entry")
        entry("test.second")

    with CaptureQueriesContext(connection) as statements:
        action()
    written = [one["sql"] for one in statements if one["sql"].startswith(("UPDATE", "INSERT"))]
    assert "people_school" in written[0]
    assert [sql for sql in written if 'INSERT INTO "audit_entry"' in sql] == written[1:2]
    assert events()[:2] == ["test.second", "test.first"]


def test_a_savepoint_that_is_undone_takes_its_entries_with_it_and_no_other(cast: Any) -> None:
    @atomic
    def fails() -> None:
        entry("test.undone")
        do_last_now()  # also what stood before is written now, inside the savepoint
        raise Undone

    @atomic
    def action() -> None:
        entry("test.before")
        with pytest.raises(Undone):
            fails()
        entry("test.after")

    action()
    assert events()[:2] == ["test.after", "test.before"]
    assert not Entry.objects.filter(event="test.undone").exists()
    assert verify_log().ok


def test_a_transaction_that_fails_leaves_nothing_to_the_next_one(cast: Any) -> None:
    @atomic
    def fails() -> None:
        entry("test.undone")
        raise Undone

    with pytest.raises(Undone):
        fails()
    atomic(entry)("test.next")
    assert events()[0] == "test.next"
    assert not Entry.objects.filter(event="test.undone").exists()
