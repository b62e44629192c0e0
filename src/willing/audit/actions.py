"""The only writers of the log."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from willing.audit import tree
from willing.audit.encoding import (
    GENESIS,
    Content,
    Json,
    chain,
    digest_personal,
    encode,
    encode_personal,
    hash_entry,
)
from willing.audit.errors import NothingLogged, TreeDamaged
from willing.audit.journal import write_marks
from willing.audit.models import Entry, Head, SignedCheckpoint
from willing.audit.queries import newest_restore
from willing.audit.signing import own_key, sign_checkpoint, switch_key
from willing.audit.verify.merkle import CompactRange, Node, is_consistent, prove_consistency
from willing.audit.verify.notes import Checkpoint
from willing.core.clock import now
from willing.core.transactions import atomic, lock


@dataclass(frozen=True)
class NewEntry:
    """One of many entries: what `record` takes for one."""

    event: str
    subject: UUID | None
    facts: Mapping[str, Json]
    personal: Mapping[str, Json]


def record(
    event: str, *, subject: UUID | None, facts: Mapping[str, Json], personal: Mapping[str, Json]
) -> Entry:
    """Append an entry to the log, inside the caller's transaction.

    event: "room.what_happened". subject: the person (or thing) it is about. facts: hashed for ever, so ids,
    codes and whole numbers only. personal: names and free text, erasable later.
    """
    return _append([NewEntry(event, subject, facts, personal)])[0]


def record_many(new: Sequence[NewEntry]) -> None:
    """Append entries in the order given, inside the caller's transaction, as `record` would one by one.

    The head is read and written once for all of them: a roster of 20,000 people is 60,000 entries. The whole
    sequence is in memory, so callers hand over some thousand at a time.
    """
    if new:
        _append(new)
    else:
        _require_transaction()


@atomic
def sign_log() -> SignedCheckpoint:
    """Sign the log as it is now and keep the checkpoint. Run daily; a quiet day is signed too.

    Raises NothingLogged; TreeDamaged where the log does not continue the last checkpoint, which is then not
    covered up by a new signature; SigningKeyUnreadable.
    """
    head = lock(Head.objects).filter(id=1, sequence__gt=0).first()
    if head is None:
        raise NothingLogged("there is nothing to sign: the log has no entry yet")
    finish_opening()
    edge = tree.edge_of(head)
    last = SignedCheckpoint.objects.order_by("-number").first()
    if last is not None:
        _require_continuation(last, edge)
    at = max(now(), last.at) if last else now()  # a clock that was set back must not reorder checkpoints
    transaction.on_commit(write_marks, robust=True)  # a restore must know how far the log was signed
    signed = Checkpoint(own_key().name, edge.size, edge.root(), at.replace(microsecond=0))
    return SignedCheckpoint.objects.create(
        number=last.number + 1 if last else 1,
        size=signed.size,
        root=signed.root,
        at=signed.at,
        note=sign_checkpoint(signed),
    )


def finish_opening() -> None:
    """Sign with the key of the origin that a restore opened last (`origins`), if that was not done yet.

    A crash between its entry and the change of the key leaves it to the next signature.
    Raises SigningKeyUnreadable where that key is gone: a closed origin is never signed for again.
    """
    done = newest_restore()
    if done is not None and own_key().name == done.origin:
        switch_key(done.opened)


@atomic
def erase_personal(subject: UUID) -> int:
    """Erase the personal text of every entry about `subject`; the chain stays whole. Return how many."""
    return Entry.objects.filter(subject=subject, personal_json__isnull=False).update(
        personal_json=None, personal_salt=None
    )


@atomic
def erase_personal_before(written_before: datetime, limit: int) -> int:
    """Erase the personal text of up to `limit` entries written before then. Return how many had some."""
    rows = Entry.objects.filter(at__lt=written_before, personal_json__isnull=False).exclude(
        personal_json="{}"
    )
    sequences = list(rows.order_by("sequence").values_list("sequence", flat=True)[:limit])
    Entry.objects.filter(pk__in=sequences).update(personal_json=None, personal_salt=None)
    return len(sequences)


def _append(new: Sequence[NewEntry]) -> list[Entry]:
    _require_transaction()
    head = _lock_head()
    edge = tree.find_edge(head, room_for=len(new))
    if edge is not None:
        return _extend(head, edge, new)
    # A lost end of the log must not refuse anybody's lunch (promise 5). The entries say where it was, the new
    # entry says that it was lost, and the signed checkpoints say whether anything else was.
    told = NewEntry("log.head_rebuilt", None, {"found_sequence": head.sequence}, {})
    edge = tree.rebuild_edge()
    last = Entry.objects.filter(sequence=edge.size).first()
    head.sequence, head.chain_hash = edge.size, last.chain_hash if last else GENESIS
    return _extend(head, edge, [told, *new])[1:]


def _lock_head() -> Head:
    """Return the end of the log, locked: writers queue here, so that entries form one line."""
    head = lock(Head.objects).filter(id=1).first()
    if head is None:
        Head.objects.get_or_create(id=1, defaults={"chain_hash": GENESIS})
        head = lock(Head.objects).get(id=1)
    return head


def _extend(head: Head, edge: CompactRange, new: Sequence[NewEntry]) -> list[Entry]:
    at, entries, completed = now(), list[Entry](), list[Node]()
    for one in new:
        entry = _link(one, at, head)
        entries.append(entry)
        completed += edge.append(bytes(entry.entry_hash))
        head.sequence, head.chain_hash = entry.sequence, entry.chain_hash
    Entry.objects.bulk_create(entries)
    tree.keep(completed)
    head.peaks = edge.to_bytes()
    head.save(update_fields=["sequence", "chain_hash", "peaks"])
    return entries


def _link(new: NewEntry, at: datetime, head: Head) -> Entry:
    """Return the entry that follows the head, not saved."""
    salt, personal_json = secrets.token_bytes(32), encode_personal(new.personal)
    digest = digest_personal(personal_json, salt)
    hashed = encode(Content(head.sequence + 1, at, new.event, new.subject, new.facts, digest))
    entry_hash = hash_entry(hashed)
    return Entry(
        sequence=head.sequence + 1,
        at=at,
        event=new.event,
        subject=new.subject,
        hashed=hashed,
        entry_hash=entry_hash,
        chain_hash=chain(bytes(head.chain_hash), entry_hash),
        personal_json=personal_json.decode(),
        personal_salt=salt,
    )


def _require_transaction() -> None:
    assert transaction.get_connection().in_atomic_block, "a log entry belongs to the deed's transaction"


def _require_continuation(last: SignedCheckpoint, edge: CompactRange) -> None:
    proof = prove_consistency(last.size, edge.size, tree.reader()) if last.size <= edge.size else []
    if not is_consistent(last.size, bytes(last.root), edge.size, edge.root(), proof):
        raise TreeDamaged(
            f"the log does not continue what was signed at {last.size} entries; it is not signed again"
        )
