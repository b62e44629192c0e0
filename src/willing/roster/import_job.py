"""The worker imports an uploaded list and writes beside it how far it is.

Beside the list and not in the database: an import is one transaction, of which nobody sees a part. Killed in
the middle, nothing of it was written and the worker begins anew; killed just after the end, it finds that the
people are no longer those of the preview and says so.
"""

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language, override

from willing.accounts.models import User
from willing.core.errors import Refused
from willing.core.supervision import wake
from willing.jobs.actions import drop_jobs, enqueue, extend_lease
from willing.jobs.queries import JobProgress, progress_of
from willing.jobs.registry import Worker
from willing.people.queries import require_school
from willing.roster.apply import Applied, apply_plan
from willing.roster.plan import Allowed, Options, make_plan
from willing.roster.uploads import (
    Upload,
    drop_content,
    drop_upload,
    note_work,
    open_upload,
    read_work,
    require_owner,
)

JOB = "roster-import"
SAY_SECONDS = 0.5
LEASE_SECONDS = 30.0
UNDER_WAY = ("waiting", "reading", "comparing", "writing")


@dataclass(frozen=True)
class ImportWork:
    """How far an import is.

    state: one of UNDER_WAY, "put_off" (after a fault, until it is tried again), "stopped" (nobody is at it),
    "refused" or "done". done, total: rows of the file, while they are compared and while they are written.
    """

    state: str
    done: int = 0
    total: int = 0
    added: int = 0
    rows_refused: int = 0
    refusal: Refused | None = None

    @property
    def is_over(self) -> bool:
        """True where nothing more comes of it."""
        return self.state in ("refused", "done")


def begin_import(upload: Upload, *, digest: str, release: bool, allowed: Allowed) -> None:
    """Let the worker import an upload as the preview with this digest showed it; pressed twice, once."""
    if progress_of(JOB, upload.id) != JobProgress.GONE:
        return
    asked = {"digest": digest, "release": release, "leavers": allowed.leavers, "unlinked": allowed.unlinked}
    note_work(upload.id, {"asked": asked, "state": "waiting"})
    enqueue(JOB, [upload.id])
    wake(Worker.LONG)


def work_of(upload_id: UUID, *, user_id: int) -> ImportWork | None:
    """Return how far the import of a user's upload is; None where none was begun.

    Raises Refused upload_gone.
    """
    require_owner(upload_id, user_id=user_id)
    standing = progress_of(JOB, upload_id)  # before it is read: a job is gone only once its end is written
    said = read_work(upload_id)
    if said is None:
        return None
    state = said["state"]
    if state in UNDER_WAY and standing != JobProgress.UNDER_WAY:
        return ImportWork("put_off" if standing == JobProgress.PUT_OFF else "stopped")
    found = ImportWork(state, *(said.get(name, 0) for name in ("done", "total", "added", "rows_refused")))
    return replace(found, refusal=_refusal(said)) if state == "refused" else found


def _refusal(facts: dict[str, Any]) -> Refused:
    texts = facts["texts"]
    return Refused(facts["code"], texts.get(get_language(), next(iter(texts.values()))), facts["data"])


def drop_import(upload_id: UUID) -> None:
    """Delete an upload, and what waits to be tried again of its import."""
    drop_jobs(JOB, [upload_id])
    drop_upload(upload_id)


def import_uploaded(upload_id: UUID) -> None:
    """Do the job: import what `begin_import` asked for. Nothing where it is cancelled or done already."""
    said = read_work(upload_id)
    if said is None or said["state"] not in UNDER_WAY:
        return
    asked = said["asked"]
    try:
        done, rows_refused = _import(open_upload(upload_id), asked, _Progress(upload_id, asked))
    except Refused as refusal:
        _note_refused(upload_id, asked, refusal)
        return
    added = done.counts.added + done.counts.returning
    note_work(upload_id, {"asked": asked, "state": "done", "added": added, "rows_refused": rows_refused})
    drop_content(upload_id)


def _import(upload: Upload, asked: dict[str, Any], progress: "_Progress") -> tuple[Applied, int]:
    options = Options(**upload.options, release=asked["release"])
    by = User.objects.get(pk=upload.user_id)
    path = Path(upload.name)
    with make_plan(require_school(), path, options, content=upload.content, tick=progress) as planned:
        progress.begin("writing")
        allowed = Allowed(asked["leavers"], asked["unlinked"])
        done = apply_plan(planned, by=by, allowed=allowed, digest=asked["digest"], tick=progress)
        return done, planned.staging.rows_refused


def _note_refused(upload_id: UUID, asked: dict[str, Any], refusal: Refused) -> None:
    texts = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            texts[code] = str(refusal.message)
    said = {"state": "refused", "code": refusal.code, "texts": texts, "data": refusal.data}
    with suppress(Refused):  # upload_gone: cancelled meanwhile, so nobody asks
        note_work(upload_id, {"asked": asked, **said})


class _Progress:
    """Writes down how far an import is, twice a second, and keeps its job."""

    def __init__(self, upload_id: UUID, asked: dict[str, Any]) -> None:
        self.upload_id, self.asked, self.state = upload_id, asked, "reading"
        self.done: dict[str, int] = {}
        self.total: dict[str, int] = {}
        self._said_at, self._kept_at = 0.0, time.monotonic()
        self.write()

    def begin(self, state: str) -> None:
        """Go on to the next part."""
        self.state = state
        self.done, self.total = dict.fromkeys(self.done, 0), self.total
        self.write()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take note of a step's rows."""
        if self.state == "reading":
            self.state = "comparing"
        self.done[step], self.total[step] = done, total
        if time.monotonic() - self._said_at >= SAY_SECONDS:
            self.write()
        if time.monotonic() - self._kept_at >= LEASE_SECONDS:
            self._kept_at = time.monotonic()
            extend_lease(JOB, self.upload_id)

    def write(self) -> None:
        """Write it down. Raises Refused upload_gone, which undoes the import, where it was cancelled."""
        self._said_at = time.monotonic()
        counts = {"done": sum(self.done.values()), "total": sum(self.total.values())}
        note_work(self.upload_id, {"asked": self.asked, "state": self.state, **counts})
