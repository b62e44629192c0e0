"""Entries of the log as a file of one's own choosing, each line of which can be checked by its hash.

A file of all entries that the verifier checks as a whole is `audit.export`; a selection has gaps, so it holds
with each entry what it hashes to and the chain's hash, and the newest signed checkpoint.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from willing.audit.actions import record
from willing.audit.models import Entry
from willing.audit.queries import newest_checkpoint
from willing.audit.search import LogSearch
from willing.core.clock import now
from willing.core.transactions import atomic

FORMAT = "willing-log-selection-1"


@atomic
def record_export(subject: UUID, search: LogSearch, *, count: int, form: str, by: int) -> None:
    """Record that entries were taken out of the log. subject: the person they are about, or the school."""
    facts = {"count": count, "form": form, "by": by, **describe(search)}
    record("log.exported", subject=subject, facts=facts, personal={})


def describe(search: LogSearch) -> dict[str, Any]:
    """Return what was asked for, as facts."""
    return {
        "event": search.event or None,
        "actor_kind": search.actor_kind or None,
        "actor": search.actor_id or None,
        "begin": search.begin.isoformat() if search.begin else None,
        "end": search.end.isoformat() if search.end else None,
    }


def header(search: LogSearch, count: int) -> Mapping[str, Any]:
    """Return the first line of a file of JSON lines."""
    signed = newest_checkpoint()
    subject = str(search.subject) if search.subject else None
    return {
        "format": FORMAT,
        "made_at": now().isoformat(),
        "count": count,
        "asked": {**describe(search), "subject": subject},
        "checkpoint": signed.note if signed else None,
    }


def json_lines(search: LogSearch, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the lines of a file: its header, then each entry as it was hashed, with its hashes."""
    yield json.dumps(header(search, len(entries)), ensure_ascii=False)
    for one in entries:
        hashed = bytes(one.hashed).decode()
        hashes = {"hash": bytes(one.entry_hash).hex(), "chain": bytes(one.chain_hash).hex()}
        yield json.dumps({"entry": hashed, **hashes}, ensure_ascii=False)
