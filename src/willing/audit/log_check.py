"""Check the whole log beside the server's other work, and keep how far it is and what it found.

A million entries take half a minute: too long for one request, and a page that waits is pressed again. It
is a thread of the server, supervised by a second one, and not a task queue with a worker process of its own:
a school runs one process, and a job that no worker takes checks nothing. Whether a check runs is shown by a
lock of the system, which ends with its process; so one that a restart broke off is seen as that, and started
anew. The lock reaches one computer. Where several serve one PostgreSQL, another one's looks broken off.
"""

import fcntl
import logging
import os
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connections

from willing.audit.actions import record
from willing.audit.models import Head, LogCheck
from willing.audit.verify_database import Verification, verify_log
from willing.core.clock import now
from willing.core.integrity import DatabaseDamaged, require_integrity
from willing.core.paths import home
from willing.core.transactions import atomic
from willing.core.write_queue import DatabaseBusy

FAULTS_KEPT = 50
PROGRESS_SECONDS = 0.5
# After each thousand entries: requests served meanwhile do not wait for a turn of Python's lock.
PAUSE_SECONDS = 0.002
WRITES_MAX = 5  # so often the result is written where the database is too busy
log = logging.getLogger("willing.log-check")
_supervisor: threading.Thread | None = None


@dataclass(frozen=True)
class CheckState:
    """The state of the check of the whole log.

    state: never, running, interrupted (its process is gone), failed, or done. error: with failed, "damaged"
    where the database cannot be read, else "fault". result: of the last check that was finished, whatever
    came after.
    """

    state: str
    error: str = ""
    done: int = 0
    total: int = 0
    result: dict[str, Any] | None = None
    result_at: datetime | None = None

    @property
    def percent(self) -> int:
        """How much of it is done, 0 to 100."""
        return min(100, 100 * self.done // self.total) if self.total else 0


def check_state() -> CheckState:
    """Return the state of the check."""
    row = LogCheck.objects.filter(id=1).first()
    if row is None:
        return CheckState("never")
    is_running = row.state == LogCheck.State.RUNNING
    state = "interrupted" if is_running and _take_lock() else str(row.state)
    return CheckState(state, row.error, row.entries_done, row.entries_total, row.result, row.result_at)


def start_check() -> None:
    """Begin a check in this process, unless one runs already."""
    global _supervisor
    lock = _take_lock(keep=True)
    if lock is None:
        return
    try:
        _begin()
        _supervisor = threading.Thread(target=_supervise, args=(lock,), name="willing-log-check", daemon=True)
        _supervisor.start()
    except BaseException:
        os.close(lock)
        raise


def wait_for_check() -> None:
    """Wait until the check that this process runs, if it runs one, has finished."""
    if _supervisor is not None:
        _supervisor.join()


@dataclass
class _Job:
    """One check under way, in a thread of its own."""

    done: int = 0
    found: Verification | None = None
    error: str = "fault"

    def run(self) -> None:
        try:
            with require_integrity("default"):
                self.found = verify_log(progress=self._note)
        except DatabaseDamaged as error:
            self.error = "damaged"
            log.error("the log could not be checked: %s", error)  # noqa: TRY400  # the sentence says it all
        except Exception:
            log.exception("the log could not be checked")
        finally:
            connections.close_all()

    def _note(self, entries: int) -> None:
        self.done = entries
        time.sleep(PAUSE_SECONDS)


def _supervise(lock: int) -> None:
    """Run a job to its end, write how far it is, and what came of it."""
    try:
        job = _Job()
        worker = threading.Thread(target=job.run, name="willing-log-check-worker", daemon=True)
        worker.start()
        while worker.is_alive():
            worker.join(PROGRESS_SECONDS)
            _write(lambda: LogCheck.objects.filter(id=1).update(entries_done=job.done), times=1)
        _write(lambda: _finish(job), times=WRITES_MAX)
    finally:
        connections.close_all()
        os.close(lock)


def _write(write: Any, *, times: int) -> None:
    for _ in range(times):
        try:
            write()
        except DatabaseBusy:
            continue
        except DatabaseError:
            log.exception("how the log's check stands could not be written")
        return


@atomic
def _begin() -> None:
    head = Head.objects.filter(id=1).first()
    LogCheck.objects.update_or_create(
        id=1,
        defaults={
            "state": LogCheck.State.RUNNING,
            "error": "",
            "started_at": now(),
            "entries_done": 0,
            "entries_total": head.sequence if head else 0,
        },
    )


@atomic
def _finish(job: _Job) -> None:
    row = LogCheck.objects.get(id=1)
    if job.found is None:
        row.state, row.error = LogCheck.State.FAILED, job.error
    else:
        row.state, row.entries_done = LogCheck.State.DONE, job.found.entries
        row.result, row.result_at = _describe(job.found), now()
        facts = {"entries": job.found.entries, "faults": len(job.found.faults)}
        record("log.checked", subject=None, facts=facts, personal={})
    row.save()


def _describe(found: Verification) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "entries": found.entries,
        "end": found.chain_hash.hex()[:16],
        "faults": [[fault.sequence, fault.code] for fault in found.faults[:FAULTS_KEPT]],
        "count": len(found.faults),
    }


def _take_lock(*, keep: bool = False) -> int | None:
    """Return the lock's descriptor, or None where a check holds it. Without `keep` it is released."""
    path = home() / "log-check.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if keep else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    if not keep:
        os.close(descriptor)
    return descriptor
