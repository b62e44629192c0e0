"""Reads of the log. Never the hashes' check: that is `verifier`."""

import json
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, Subquery

from willing.audit import tree
from willing.audit.errors import NotSealed
from willing.audit.models import Entry, SignedCheckpoint
from willing.audit.verify import consistency, receipts
from willing.audit.verify.entries import read_entry
from willing.audit.verify.merkle import prove_consistency, prove_inclusion
from willing.audit.verify.restores import RESTORED, Restore, find_restore
from willing.core.transactions import do_last_now

# From one event to the next by the index: DISTINCT would read as many rows as the log has.
_EVENTS = """
WITH RECURSIVE found(event) AS (
  SELECT MIN(event) FROM audit_entry
  UNION ALL
  SELECT (SELECT MIN(event) FROM audit_entry WHERE event > found.event) FROM found WHERE event IS NOT NULL
) SELECT event FROM found WHERE event IS NOT NULL
"""


def recorded_events() -> list[str]:
    """Return the events that the log knows, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS)
        return [row[0] for row in cursor.fetchall()]


def latest_entry(event: str, subject: UUID) -> Entry | None:
    """Return the newest entry of `event` about `subject`, or None; one of this transaction too."""
    do_last_now()
    return Entry.objects.filter(event=event, subject=subject).order_by("-sequence").first()


def latest_entries(events: Sequence[str], subject: UUID) -> dict[str, Entry]:
    """Return the newest entry of each of these events about `subject`; what never happened is not in it."""
    do_last_now()
    about = Entry.objects.filter(subject=subject).order_by("-sequence").values("sequence")
    # Each is a step in the index, however long the log is.
    newest = [Q(sequence=Subquery(about.filter(event=event)[:1])) for event in events]
    return {entry.event: entry for entry in Entry.objects.filter(reduce(or_, newest))}


def newest_checkpoint() -> SignedCheckpoint | None:
    """Return the newest signed checkpoint, or None."""
    return SignedCheckpoint.objects.order_by("-number").first()


def restores(using: str = "default") -> list[Restore]:
    """Return what the log says of each time it was restored from a copy, oldest first."""
    rows = Entry.objects.using(using).filter(event=RESTORED).order_by("sequence")
    found = (find_restore(read_entry(bytes(hashed))) for hashed in rows.values_list("hashed", flat=True))
    return [one for one in found if one]


def newest_restore() -> Restore | None:
    """Return what the log says of its last restore, or None where it never was restored."""
    return next(reversed(restores()), None)


def inclusion_receipt(entry: Entry) -> dict[str, Any]:
    """Return the receipt of an entry, ready for JSON (its fields: `verify.receipts`).

    It holds the entry's hashed part only, so no personal text, and proves against the newest checkpoint. It
    reads some tens of rows. Raises NotSealed where no checkpoint covers the entry yet; TreeDamaged.
    """
    signed = newest_checkpoint()
    if signed is None or signed.size < entry.sequence:
        raise NotSealed(f"entry {entry.sequence} is not covered by a checkpoint yet")
    index = entry.sequence - 1
    return {
        "format": receipts.FORMAT,
        "entry": bytes(entry.hashed).decode(),
        "index": index,
        "size": signed.size,
        "root": bytes(signed.root).hex(),
        "proof": [one.hex() for one in prove_inclusion(index, signed.size, tree.reader())],
        "checkpoint": note_with_cosignatures(signed),
    }


def note_with_cosignatures(signed: SignedCheckpoint) -> str:
    """Return a checkpoint with the lines of the witnesses who signed it, in the order they came."""
    lines = signed.cosignatures.order_by("id").values_list("line", flat=True)
    return signed.note + "".join(lines)


def find_inclusion_receipt(entry: Entry) -> dict[str, Any] | None:
    """Return the receipt of an entry, or None while no checkpoint covers it. Raises TreeDamaged."""
    try:
        return inclusion_receipt(entry)
    except NotSealed:
        return None


def consistency_proof(old_size: int, new: SignedCheckpoint) -> list[bytes]:
    """Return the hashes that prove that `new` continues the log of `old_size` entries.

    Raises ValueError unless 0 < old_size <= new.size; TreeDamaged.
    """
    return prove_consistency(old_size, new.size, tree.reader())


def continuation(old_note: str, old_size: int, new: SignedCheckpoint) -> dict[str, Any]:
    """Return the proof that `new` continues an older checkpoint, ready for JSON.

    Its fields: `verify.consistency`.
    Raises ValueError unless 0 < old_size <= new.size; TreeDamaged.
    """
    return {
        "format": consistency.FORMAT,
        "old": old_note,
        "new": new.note,
        "proof": [one.hex() for one in consistency_proof(old_size, new)],
    }


def facts_of(entry: Entry) -> dict[str, Any]:
    """Return the facts of an entry of the log."""
    facts: dict[str, Any] = json.loads(bytes(entry.hashed))["facts"]
    return facts
