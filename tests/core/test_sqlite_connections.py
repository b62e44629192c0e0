"""Connections that stay open between requests: each thread has its own, and none outlives its file."""

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, connections

from willing.core.sqlite.checkpoint import checkpoint_all
from willing.people.models import School

pytestmark = pytest.mark.sqlite


def open_connection() -> Any:
    """Ask the main database something, as a request does, and return the connection that was used."""
    request_started.send(sender=None)
    School.objects.count()
    request_finished.send(sender=None)
    return connections["default"].connection


@pytest.fixture(autouse=True)
def kept_open(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    connections["default"].close()
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", None)


def test_a_thread_keeps_its_connection_from_request_to_request_and_lends_it_to_no_other() -> None:
    turns = threading.Barrier(2)

    def two_requests() -> tuple[Any, Any]:
        turns.wait()
        found = open_connection(), open_connection()
        turns.wait()
        return found

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda _: two_requests(), range(2))
        assert first[0] is first[1] is not None
        assert second[0] is second[1] is not None
        assert first[0] is not second[0]
        for closing in [threads.submit(_close_later, turns) for _ in range(2)]:
            closing.result()


def _close_later(turns: threading.Barrier) -> None:
    turns.wait()
    connections.close_all()


def test_a_file_that_was_put_in_the_place_of_another_is_opened_anew(db: Path) -> None:
    path = Path(connections["default"].settings_dict["NAME"])
    before = open_connection()
    connections["default"].cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.with_suffix(".copy")
    shutil.copyfile(path, copy)
    os.replace(copy, path)  # noqa: PTH105
    assert open_connection() is not before


def test_a_file_that_was_taken_away_is_a_fault_and_nothing_is_written_to_what_no_name_leads_to(
    db: Path,
) -> None:
    path = Path(connections["default"].settings_dict["NAME"])
    open_connection()
    aside = path.rename(path.with_suffix(".aside"))
    try:
        with pytest.raises(DatabaseError):
            open_connection()
        assert not path.exists()
    finally:
        aside.rename(path)
    assert open_connection() is not None


def test_a_server_that_stops_leaves_files_that_are_whole_without_their_logs(db: Path) -> None:
    path = Path(connections["default"].settings_dict["NAME"])
    School.objects.update(name="Written last")
    held = open_connection()
    assert path.with_name(f"{path.name}-wal").stat().st_size > 0
    checkpointing = threading.Thread(target=checkpoint_all)
    checkpointing.start()
    checkpointing.join()
    assert path.with_name(f"{path.name}-wal").stat().st_size == 0
    assert b"Written last" in path.read_bytes()
    assert held.execute("SELECT 1").fetchone() == (1,)
