import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError

from willing.core.snapshot import snapshot
from willing.people.models import School


def elsewhere(work: Any) -> None:
    """Do something on a connection of its own, and wait for it."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_what_is_written_meanwhile_is_not_read_and_nobody_waits(cast: Any) -> None:
    with snapshot():
        assert School.objects.get().name == "Test School"
        elsewhere(lambda: School.objects.update(name="Another name"))
        assert School.objects.get().name == "Test School"
    assert School.objects.get().name == "Another name"


def test_inside_a_transaction_that_may_have_read_another_moment_there_is_none(cast: Any) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError), snapshot():
        pass


def test_the_next_transaction_asks_for_its_lock_at_once_again(cast: Any) -> None:
    usual = getattr(connection, "transaction_mode", None)
    with snapshot():
        School.objects.get()
    assert getattr(connection, "transaction_mode", None) == usual
    with transaction.atomic():
        School.objects.update(name="Another name")


def test_postgresql_refuses_a_write_inside(cast: Any) -> None:
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="read-only"), snapshot():
            School.objects.update(name="Another name")
