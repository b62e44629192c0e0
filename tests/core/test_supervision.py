"""A thread that fails goes on, and says so to whoever looks from another process."""

import json
import os
import threading
import time

import psycopg
import pytest
from django.db import OperationalError

from willing.core import supervision
from willing.core.supervision import Supervised, drop_finished_processes, pulses, pulses_folder
from willing.ops.health import conditions


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("WILLING_HOME", str(tmp_path))
    return tmp_path


def test_a_database_that_is_gone_for_a_while_leaves_no_traceback(home, caplog):
    gone = OperationalError("the line was cut")
    gone.__cause__ = psycopg.errors.AdminShutdown()

    def step():
        raise gone

    assert Supervised("watcher", step, 0.4).run_once() == 1.0
    assert [(one.levelname, one.exc_info) for one in caplog.records] == [("ERROR", None)] * 2
    assert "database_not_reachable" in caplog.text


class Broken(BaseException):
    """Not even an Exception."""


@pytest.mark.parametrize("error", [ValueError("a name"), KeyError, MemoryError, Broken])
def test_a_thread_that_fails_is_begun_again_later_each_time_and_says_so(home, error):
    answers = iter([error, error, error, None])

    def step():
        fault = next(answers)
        if fault is not None:
            raise fault

    thread = Supervised("watcher", step, 0.4)
    assert [thread.run_once() for _ in range(3)] == [1.0, 2.0, 4.0]
    (found,) = pulses()
    assert (found.name, found.faults, found.is_failing) == ("watcher", 3, True)
    assert found.last_fault in {"ValueError", "KeyError", "MemoryError", "Broken"}
    assert "a name" not in next(pulses_folder().glob("*.json")).read_text()
    assert thread.run_once() == 0.4
    (found,) = pulses()
    assert (found.faults, found.is_failing) == (3, False)


def test_it_never_waits_longer_than_half_a_minute(home):
    def step():
        raise ValueError

    thread = Supervised("watcher", step, 0.4)
    assert max(thread.run_once() or 0 for _ in range(12)) == supervision.BACKOFF_SECONDS_MAX


def test_a_thread_that_is_woken_takes_its_next_step_at_once(home):
    steps: list[int] = []
    done = [threading.Event() for _ in range(2)]

    def step():
        done[len(steps)].set()
        steps.append(1)
        if len(steps) == len(done):
            thread.every_seconds = None  # after which the thread ends

    thread = Supervised("watcher", step, 3600)
    supervision._threads["watcher"] = thread
    try:
        thread.thread.start()
        assert done[0].wait(30)
        supervision.wake("watcher")
        assert done[1].wait(30), "an hour has not gone by"
        thread.thread.join()
        supervision.wake("nobody")
    finally:
        del supervision._threads["watcher"]


def test_a_thread_in_the_middle_of_a_long_step_says_that_it_lives(home):
    def step():
        thread.pulse.beat_at -= 3600
        thread._written_at -= 3600
        thread._write()
        assert pulses()[0].is_failing
        thread._written_at -= 3600
        supervision.beat()
        seen.extend(pulses())

    seen: list[supervision.Pulse] = []
    thread = Supervised("jobs", step, None)
    supervision._threads["jobs"] = thread
    supervision.beat()  # nothing in a thread of no name
    try:
        thread.thread.start()
        thread.thread.join(30)
    finally:
        del supervision._threads["jobs"]
    assert [(one.name, one.is_failing, one.is_done, one.faults) for one in seen] == [
        ("jobs", False, False, 0)
    ]


def test_work_that_is_done_once_is_tried_until_it_succeeds(home):
    answers = iter([ValueError, None])

    def step():
        fault = next(answers)
        if fault:
            raise fault

    thread = Supervised("load-engine", step, None)
    assert thread.run_once() == 1.0
    assert thread.run_once() is None
    (found,) = pulses()
    assert found.is_done
    found.beat_at, found.fault_at = found.beat_at - 3600, found.fault_at - 3600
    assert not found.is_failing


def test_a_thread_that_fell_silent_is_shown_and_one_of_an_ended_process_is_not(cast, home):
    thread = Supervised("watcher", lambda: None, 0.4)
    thread.run_once()
    path = next(pulses_folder().glob("*.json"))
    silent = json.loads(path.read_text()) | {"beat_at": thread.pulse.beat_at - 3600}
    path.write_text(json.dumps(silent))
    [shown] = [one for one in conditions(cast.school) if one.code == "threads"]
    assert not shown.is_ok
    assert "watcher" in shown.detail
    ended = path.with_name("999999999-watcher.json")
    ended.write_text(json.dumps(silent | {"process": 999999999}))
    assert [one.process for one in pulses()] == [os.getpid()]
    drop_finished_processes()
    assert not ended.exists()
    assert path.exists()


def test_a_full_disk_does_not_end_a_thread(home):
    (home / "pulses").write_text("a file where the folder should be")
    assert Supervised("watcher", lambda: None, 0.4).run_once() == 0.4


def test_a_fault_of_a_year_to_come_is_over_with_the_next_success(home, monkeypatch):
    answers = iter([ValueError, None])
    real = time.time()

    def step():
        fault = next(answers)
        if fault:
            raise fault

    thread = Supervised("watcher", step, 0.4)
    monkeypatch.setattr("willing.core.supervision.time.time", lambda: real + 5 * 365 * 86400)
    thread.run_once()
    assert thread.pulse.is_failing
    monkeypatch.setattr("willing.core.supervision.time.time", lambda: real)
    thread.run_once()
    assert not thread.pulse.is_failing
    thread.pulse.beat_at += 5 * 365 * 86400
    assert thread.pulse.is_failing
