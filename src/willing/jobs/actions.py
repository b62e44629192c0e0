"""The writers of jobs: put in the queue, taken, done, tried again, given up."""

import logging
import os
import socket
from collections.abc import Sequence
from uuid import UUID

from django.db import close_old_connections
from django.db.models import Q

from willing.core.clock import STEP, now, still_runs
from willing.core.supervision import beat, is_running
from willing.core.transactions import atomic, lock
from willing.jobs.models import Job
from willing.jobs.registry import TryLater, Worker, kinds_of, require_handler
from willing.jobs.rules import LEASE, WAIT_MAX, next_wait

HOST = socket.gethostname()[:80]
log = logging.getLogger("willing.jobs")


def enqueue(kind: str, subjects: Sequence[UUID]) -> None:
    """Put work into the queue, in the caller's transaction; what waits there already is left as it is."""
    Job.objects.bulk_create([Job(kind=kind, subject=one) for one in subjects], ignore_conflicts=True)


def run_due(limit: int = 100, *, worker: Worker | None = None) -> int:
    """Do the jobs that are due, one after the other. Return how many were done or tried.

    worker: whose they are; None: everyone's.
    """
    done = 0
    while done < limit:
        job = _take(worker)
        if job is None:
            break
        _run(job)
        beat()
        done += 1
    close_old_connections()
    return done


def _take(worker: Worker | None) -> Job | None:
    """Take the next job for this process. What a process that is no more had taken is taken over."""
    at = now()
    # Due later than a job can be: set by a clock that ran ahead, so it is due.
    is_due = Q(due_at__lte=at) | Q(due_at__gt=at + WAIT_MAX + STEP)
    rows = Job.objects.filter(is_due, _is_of(worker), is_given_up=False).order_by("due_at", "id")
    # Read first: a queue in which nothing is due costs no write.
    for known in rows[:50]:
        job = _claim(known.pk) if _is_free(known) else None
        if job is not None:
            return job
    return None


def _is_of(worker: Worker | None) -> Q:
    """Return which jobs are a worker's. A kind that no room knows any more is put off with the long ones."""
    if worker is None:
        return Q()
    if worker is Worker.LONG:
        return ~Q(kind__in=kinds_of(set(Worker) - {Worker.LONG}))
    return Q(kind__in=kinds_of({worker}))


@atomic
def _claim(job_id: UUID) -> Job | None:
    job = lock(Job.objects).filter(pk=job_id).first()
    if job is None or not _is_free(job):
        return None
    job.worker, job.leased_until = f"{HOST}:{os.getpid()}", now() + LEASE
    job.save(update_fields=["worker", "leased_until"])
    return job


def _is_free(job: Job) -> bool:
    if job.leased_until is None or not still_runs(job.leased_until, LEASE):
        return True
    host, _, process = job.worker.rpartition(":")
    return host == HOST and not is_running(int(process))


def _run(job: Job) -> None:
    try:
        require_handler(job.kind)(job.subject)
    except TryLater as later:
        _put_off(job, later.fault)
    except Exception as error:  # noqa: BLE001  # whatever it is, the others are done
        # Only the kind of error: its text may hold a person's data.
        log.error("a job of the kind %s failed: %s", job.kind, type(error).__name__)  # noqa: TRY400
        _put_off(job, type(error).__name__)
    else:
        Job.objects.filter(pk=job.pk).delete()


def _put_off(job: Job, fault: str) -> None:
    wait = next_wait(job.tries + 1)
    Job.objects.filter(pk=job.pk).update(
        tries=job.tries + 1,
        last_fault=fault[:60],
        due_at=now() + (wait or WAIT_MAX),
        is_given_up=wait is None,
        worker="",
        leased_until=None,
    )


def extend_lease(kind: str, subject: UUID) -> None:
    """Keep a job that takes long: nobody takes it over for as long as this is called in time."""
    beat()
    Job.objects.filter(kind=kind, subject=subject).update(leased_until=now() + LEASE)


def retry_jobs(kind: str, subjects: Sequence[UUID]) -> int:
    """Let jobs that were put off or given up be tried at once, from their first try. Return how many."""
    return Job.objects.filter(kind=kind, subject__in=subjects, leased_until=None).update(
        tries=0, due_at=now(), is_given_up=False, last_fault=""
    )


@atomic
def drop_untried_jobs(kind: str, subjects: Sequence[UUID]) -> set[UUID]:
    """Take those jobs out of the queue that no process has ever begun. Return their subjects."""
    rows = lock(Job.objects).filter(kind=kind, subject__in=subjects, tries=0, leased_until=None)
    found = {one.subject for one in rows}
    drop_jobs(kind, sorted(found))
    return found


def drop_jobs(kind: str, subjects: Sequence[UUID]) -> None:
    """Take jobs out of the queue."""
    Job.objects.filter(kind=kind, subject__in=subjects).delete()
