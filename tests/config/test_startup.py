"""What a server does once at its start: no part of it takes the others along."""

import gc
import logging
import sys
import warnings
from typing import Any

import pytest
from django.db import DatabaseError

from willing.config import startup
from willing.jobs.registry import Worker


def test_a_damaged_page_under_one_part_leaves_the_others_and_no_traceback(
    cast: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def damaged() -> None:
        raise DatabaseError("database disk image is malformed")

    monkeypatch.setattr(startup, "return_unfinished_attempts", damaged)
    monkeypatch.setattr(startup, "decoy_hash", lambda: done.append("decoy"))
    monkeypatch.setattr(logging.getLogger("willing"), "propagate", True)
    startup._tidy_up()
    assert done == ["decoy"]
    assert "damaged met DatabaseError" in caplog.text
    assert not any(record.exc_info for record in caplog.records)


def test_each_worker_of_the_queue_runs_in_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: dict[str, Any] = {}
    done: list[tuple[str, Any]] = []
    monkeypatch.setattr(startup, "supervise", lambda name, step, **_every: begun.setdefault(name, step))
    monkeypatch.setattr(startup, "run_due", lambda *, worker: done.append(("jobs", worker)))
    for part in ("_tidy_up", "drop_finished_processes", "start_watching", "watch_standbys"):
        monkeypatch.setattr(startup, part, lambda: None)
    monkeypatch.setattr(startup, "freeze_what_is_loaded", lambda: None)
    for part in ("copies", "restore"):
        monkeypatch.setattr(f"willing.ops.{part}.clean_up", lambda: None)
    startup.start_process()
    for worker in Worker:
        begun[worker]()
    assert done == [("jobs", worker) for worker in Worker]


def test_a_full_collection_of_garbage_passes_over_the_code_of_every_page() -> None:
    try:
        # What a test before this one has left open is found by this collection, and is not this one's fault.
        with warnings.catch_warnings(action="ignore"):
            startup.freeze_what_is_loaded()
        seen = {id(one) for one in gc.get_objects()}
        pages = [sys.modules[f"willing.pages.{area}.urls"] for area in ("console", "kiosk", "lane", "portal")]
        assert not [page.__name__ for page in pages if id(vars(page)) in seen]
        later = [object, []]
        assert any(one is later for one in gc.get_objects()), "what comes later is collected as ever"
    finally:
        gc.unfreeze()
