"""The queue: done once, put off after a fault, given up at last, and taken over from a dead process."""

import logging
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from willing.core import clock
from willing.core.clock import now
from willing.jobs import registry
from willing.jobs.actions import HOST, drop_jobs, enqueue, retry_jobs, run_due
from willing.jobs.models import Job
from willing.jobs.registry import TryLater, Worker
from willing.jobs.rules import LEASE, TRIES_MAX, WAIT_MAX, WAITS

KIND = "test"


class Work:
    """Notes what it was asked to do, and fails as it is told."""

    def __init__(self) -> None:
        self.done: list[UUID] = []
        self.fault: Exception | None = None
        self.refuses: set[UUID] = set()

    def __call__(self, subject: UUID) -> None:
        if self.fault is not None or subject in self.refuses:
            raise self.fault or TryLater("busy")
        self.done.append(subject)


@pytest.fixture
def work(db: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    found = Work()
    monkeypatch.setitem(registry._handlers, KIND, found)
    return found


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], Any]]:
    """Return a function that lets the clock run ahead by so much."""
    shift = [timedelta()]
    with clock.running(lambda: real() + shift[0]):

        def move(by: timedelta) -> None:
            shift[0] += by

        yield move


def real() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def test_what_is_due_is_done_in_order_and_gone(work: Work) -> None:
    subjects = [uuid4() for _ in range(3)]
    for one in subjects:
        enqueue(KIND, [one])
    assert run_due() == 3
    assert work.done == subjects
    assert not Job.objects.exists()
    assert run_due() == 0


def test_the_same_work_waits_once(work: Work) -> None:
    subject = uuid4()
    enqueue(KIND, [subject, subject])
    enqueue(KIND, [subject])
    assert run_due() == 1


def test_a_job_that_takes_long_keeps_no_other_worker_waiting(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile: dict[Worker, list[UUID]] = {}
    subjects = {worker: uuid4() for worker in Worker}

    def take_long(_subject: UUID) -> None:
        for worker in set(Worker) - {Worker.LONG}:
            before = len(work.done)
            assert run_due(worker=worker) == 1
            meanwhile[worker] = work.done[before:]

    for worker, subject in subjects.items():
        handler = take_long if worker is Worker.LONG else work
        monkeypatch.setitem(registry._handlers, f"test-{worker}", handler)
        monkeypatch.setitem(registry._workers, f"test-{worker}", worker)
        enqueue(f"test-{worker}", [subject])
    assert run_due(worker=Worker.LONG) == 1
    assert meanwhile == {worker: [subjects[worker]] for worker in set(Worker) - {Worker.LONG}}
    assert not Job.objects.exists()


def test_what_people_must_learn_within_minutes_waits_for_nothing_that_takes_long() -> None:
    urgent = {"absence-port", "boarding.alert", "boarding.untaken", "gate-message", "urgent-mail"}
    assert registry.kinds_of([Worker.URGENT]) == urgent
    assert registry.kinds_of([Worker.MAIL]) == {"fuse_mail", "mail", "mail-inbox"}
    assert registry.kinds_of([Worker.DOORS]) == {"door_device"}
    long = {"rollcall.sheets", "roster-import", "set-code", "undo-set-code"}
    assert registry.kinds_of([Worker.LONG]) == long
    assert set(registry._handlers) == registry.kinds_of(list(Worker))


def test_what_is_undone_leaves_no_work(work: Work) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue(KIND, [uuid4()])
        raise RuntimeError
    assert run_due() == 0


def test_one_that_fails_stops_no_other_and_is_tried_again_later(
    work: Work, later: Callable[[timedelta], None]
) -> None:
    subjects = [uuid4() for _ in range(3)]
    enqueue(KIND, subjects)
    work.refuses = {subjects[0]}
    assert run_due() == 3
    assert sorted(work.done) == sorted(subjects[1:])
    job = Job.objects.get()
    assert (job.subject, job.tries, job.last_fault, job.leased_until) == (subjects[0], 1, "busy", None)
    assert run_due() == 0
    later(WAITS[0] + timedelta(seconds=1))
    work.refuses = set()
    assert run_due() == 1
    assert not Job.objects.exists()


def test_after_the_last_try_it_waits_for_a_person(work: Work, later: Callable[[timedelta], None]) -> None:
    subject = uuid4()
    enqueue(KIND, [subject])
    work.fault = TryLater("no_answer")
    for _ in range(TRIES_MAX):
        assert run_due() == 1
        later(WAIT_MAX + timedelta(seconds=1))
    assert Job.objects.get().is_given_up
    assert run_due() == 0
    work.fault = None
    assert retry_jobs(KIND, [subject]) == 1
    assert run_due() == 1
    assert work.done == [subject]


def test_what_is_dropped_is_not_done(work: Work) -> None:
    subject = uuid4()
    enqueue(KIND, [subject])
    drop_jobs(KIND, [subject])
    assert run_due() == 0


def test_a_bug_is_put_off_and_its_text_reaches_no_log(work: Work, caplog: pytest.LogCaptureFixture) -> None:
    enqueue(KIND, [uuid4()])
    work.fault = RuntimeError("a child's name")
    logging.getLogger("willing").propagate = True
    try:
        run_due()
    finally:
        logging.getLogger("willing").propagate = False
    assert Job.objects.get().last_fault == "RuntimeError"
    assert "RuntimeError" in caplog.text
    assert "name" not in caplog.text


def test_work_that_nobody_knows_is_put_off_by_name(db: Path) -> None:
    enqueue("unheard-of", [uuid4()])
    assert [run_due(worker=one) for one in Worker] == [one is Worker.LONG for one in Worker]
    assert Job.objects.get().last_fault == "KeyError"


@pytest.mark.parametrize(
    ("worker", "lease", "is_taken"),
    [
        (f"{HOST}:{os.getpid()}", LEASE, False),  # a process that lives is doing it
        (f"{HOST}:2147483646", LEASE, True),  # no such process
        ("another-computer:2147483646", LEASE, False),  # nobody here can say
        ("another-computer:1", -timedelta(seconds=1), True),  # its time is over
        ("another-computer:1", LEASE + timedelta(days=300), True),  # set by a clock that ran ahead
    ],
    ids=["living", "gone", "elsewhere", "overdue", "from-a-fast-clock"],
)
def test_work_belongs_to_who_took_it_while_they_live(
    work: Work, worker: str, lease: timedelta, is_taken: bool
) -> None:
    enqueue(KIND, [uuid4()])
    Job.objects.update(worker=worker, leased_until=now() + lease)
    assert run_due() == is_taken


def test_a_clock_that_was_years_ahead_holds_nothing_back(
    work: Work, later: Callable[[timedelta], None]
) -> None:
    later(timedelta(days=2000))
    enqueue(KIND, [uuid4()])
    later(-timedelta(days=2000))
    assert run_due() == 1


def test_a_queue_in_which_nothing_is_due_costs_one_read(work: Work) -> None:
    with CaptureQueriesContext(connection) as queries:
        run_due()
    assert len(queries) == 1
