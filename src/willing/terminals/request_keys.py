"""An Idempotency-Key stands for one request: the operation, what it is about, and the body.

One row a key and till. The row's own id, never the caller's key, names what the request makes, so that the
key is free again once its row has expired, and a basket of last week is not taken for today's. What a
repeated request is answered with is read from what the first one led to, as it is now.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Generic, TypeVar
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Model

from willing.audit.clock_state import recorded_before
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock, savepoint
from willing.keys.master import keyed_digest
from willing.ledger.errors import key_reused
from willing.terminals.models import RequestKey, Terminal
from willing.terminals.rules import REQUEST_KEY_HOURS

M = TypeVar("M", bound=Model)
R = TypeVar("R")
# Gets the id of the key's row and returns the id of what the request led to.
Steps = Callable[[UUID], UUID]


@dataclass(frozen=True)
class Request:
    """A write as its caller sent it. subject: what it is about, as the path names it. body: canonical."""

    terminal: Terminal
    key: str
    operation: str
    subject: str = ""
    body: bytes = b""

    @property
    def key_digest(self) -> str:
        """The caller's key, which may hold anything, as 64 hexadecimal digits."""
        return keyed_digest("request-key", self.key)

    @property
    def digest(self) -> str:
        """Operation, subject and body as 64 hexadecimal digits; keyed, for a body may hold a PIN."""
        body = sha256(self.body).hexdigest()
        return keyed_digest("request", f"{self.operation}\n{self.subject}\n{body}")


class _KeyTaken(Exception):
    """The key stands for a request already: this one, sent before, or another."""


@dataclass(frozen=True)
class KeyedDeed(Generic[M]):
    """What a request asks for.

    do: gets the id of the key's row and returns what it made or changed, or a refusal that is to be kept with
    what it wrote; a refusal that it raises undoes all of it. find: reads what was done before, by its id.
    outcome: the id of what it leads to, from the id of the key's row; None where only the deed can tell.
    """

    do: Callable[[UUID], M | Refused]
    find: Callable[[UUID], M]
    outcome: Callable[[UUID], UUID] | None = None


def do_once(request: Request, deed: KeyedDeed[M]) -> M:
    """Do what a request asks for unless it was done; return what it led to.

    Deed and key are one transaction: of two requests at once the second waits and finds what the first did.
    After a refusal the key goes on standing for this request, which may succeed later.
    Raises Refused idempotency_key_reused.
    """
    try:
        try:
            done = _do_first(request, deed)
        except _KeyTaken:
            done = _do_again(request, deed)
    except Refused:
        claim(request)
        raise
    if isinstance(done, Refused):
        raise done
    return done


@atomic
def _do_first(request: Request, deed: KeyedDeed[M]) -> M | Refused:
    """Do the deed under a key that nobody has sent yet, as nearly all are. Raises _KeyTaken where one has."""
    row = _new_row(request, None)
    row.outcome = deed.outcome(row.id) if deed.outcome else None
    try:
        row.save(force_insert=True)
    except IntegrityError:
        raise _KeyTaken from None
    return _do(row, deed)


@atomic
def _do_again(request: Request, deed: KeyedDeed[M]) -> M | Refused:
    row, _is_new = _claim(request)
    return deed.find(row.outcome) if row.outcome is not None else _do(row, deed)


def _do(row: RequestKey, deed: KeyedDeed[M]) -> M | Refused:
    done = deed.do(row.id)
    outcome = None if isinstance(done, Refused) else done.pk
    if outcome != row.outcome:
        RequestKey.objects.filter(pk=row.pk).update(outcome=outcome)
    return done


def do_in_steps(request: Request, deed: Steps) -> UUID:
    """Do likewise with a deed that commits in several steps, each of which bears being repeated."""
    row, _is_new = claim(request)
    if row.outcome is None:
        row.outcome = deed(row.id)
        RequestKey.objects.filter(pk=row.pk).update(outcome=row.outcome)
    return row.outcome


def do_at_most_once(
    request: Request, outcome: UUID, deed: Callable[[], R], *, begin: Callable[[], object] | None = None
) -> R | None:
    """Do what is better left undone than done twice; return None where it was done before, or begun.

    outcome: the id of what it is about, known before. A refusal may be tried again under the same key.
    begin: what the deed would write first, and bears being done twice; it is written with a new key, in one
    transaction, so that the disk is waited for once.
    """
    row = _new_row(request, outcome)
    if not _save_first(row, begin):
        row, _is_new = claim(request, outcome=outcome)
        if row.outcome is not None and not _is_new:
            return None
        RequestKey.objects.filter(pk=row.pk).update(outcome=outcome)
    try:
        return deed()
    except Refused:
        RequestKey.objects.filter(pk=row.pk).update(outcome=None)
        raise


def _save_first(row: RequestKey, begin: Callable[[], object] | None) -> bool:
    """Write the row of a key, and what begins with it; False where the key stands for a request already."""
    try:
        if begin is None:
            with savepoint():
                row.save(force_insert=True)
        else:
            _save_with(row, begin)
    except IntegrityError:
        return False
    return True


@atomic
def _save_with(row: RequestKey, begin: Callable[[], object]) -> None:
    row.save(force_insert=True)
    begin()


@atomic
def claim(request: Request, *, outcome: UUID | None = None) -> tuple[RequestKey, bool]:
    """Let a key stand for a request from now on, or find that it does; say whether that is new.

    outcome: what the request leads to, where that is known. Raises Refused idempotency_key_reused.
    """
    return _claim(request, outcome)


def _claim(request: Request, outcome: UUID | None = None) -> tuple[RequestKey, bool]:
    rows = RequestKey.objects.filter(terminal=request.terminal, key_digest=request.key_digest)
    new = _new_row(request, outcome)
    while True:
        # Either this row, or another process's: the constraint decides, and a loser waits for the winner.
        RequestKey.objects.bulk_create([new], ignore_conflicts=True)
        row = lock(rows).first()
        if row is not None and not _is_expired(row):
            break
        if row is not None:
            row.delete()
    if row.request_digest != request.digest:
        raise key_reused()
    return row, row.id == new.id


def _new_row(request: Request, outcome: UUID | None) -> RequestKey:
    return RequestKey(
        id=new_id(),
        terminal=request.terminal,
        key_digest=request.key_digest,
        request_digest=request.digest,
        outcome=outcome,
        created_at=now(),
    )


def _is_expired(row: RequestKey) -> bool:
    return now() - row.created_at >= timedelta(hours=REQUEST_KEY_HOURS)


@atomic
def purge_request_keys(before: datetime, limit: int) -> int:
    """Delete keys that were sent before then. Return how many."""
    ids = list(
        RequestKey.objects.filter(recorded_before("created_at", before)).values_list("id", flat=True)[:limit]
    )
    RequestKey.objects.filter(pk__in=ids).delete()
    return len(ids)
