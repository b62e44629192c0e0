"""The only writers of the log."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from willing.audit import errors, tree
from willing.audit.actor_rules import actor_of
from willing.audit.clock_state import (
    ACCEPTED,
    FOUND_BEHIND,
    RECOVERED,
    newest_time,
    recorded_before,
    state_of,
)
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
from willing.audit.verify.merkle import CompactRange, HashedSubtree, is_consistent, prove_consistency
from willing.audit.verify.signed_note import Checkpoint
from willing.core.clock import now
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic, do_last, do_last_now, lock


@dataclass(frozen=True)
class NewEntry:
    """One of many entries: what `record` takes for one."""

    event: str
    subject: UUID | None
    facts: Mapping[str, Json]
    personal: Mapping[str, Json]


def record(
    event: str, *, subject: UUID | None, facts: Mapping[str, Json], personal: Mapping[str, Json]
) -> None:
    """Append an entry to the log with the caller's transaction, as the last thing before it commits.

    event: "room.what_happened". subject: the person (or thing) it is about. facts: hashed for ever, so ids,
    codes and whole numbers only. personal: names and free text, erasable later.

    All writers lock the end of the log. Locked last, it is held shortly, and nobody who holds it waits for a
    row that another holds who waits for it.
    """
    record_many([NewEntry(event, subject, facts, personal)])


def record_many(new: Sequence[NewEntry]) -> None:
    """Append entries in the order given, as `record` would one by one.

    The head is read and written once for all of them: a roster of 20,000 people is 60,000 entries. The whole
    sequence is in memory, so callers hand over some thousand at a time.
    """
    _require_transaction()
    if new:
        do_last(_append, new)


def record_now(
    event: str, *, subject: UUID | None, facts: Mapping[str, Json], personal: Mapping[str, Json]
) -> Entry:
    """Append an entry at once and return it, for a receipt that names its number. Do it last."""
    _require_transaction()
    do_last_now()
    return _append([NewEntry(event, subject, facts, personal)])[0]


@atomic
def record_clock_behind() -> None:
    """Write into the log that the clock is behind, or right again, where nothing else is being written."""
    _append([])


@atomic
def accept_clock(school_id: UUID, *, reason: str, by: int | None) -> Entry:
    """Record that the operator vouches for the clock as it is, though the log has later entries.

    by: the user, or None for a person at the computer itself. From this entry on the clock is measured by
    what it says from then on. Raises Refused clock_not_behind.
    """
    state = state_of(_lock_head(), now())
    if not state.is_behind:
        raise errors.clock_not_behind()
    facts = {"by": by, "seconds": int(state.behind.total_seconds())}
    return record_now(ACCEPTED, subject=school_id, facts=facts, personal={"reason": reason})


@atomic
def sign_log() -> SignedCheckpoint:
    """Sign the log as it is now and keep the checkpoint. Run daily; a quiet day is signed too.

    Raises NothingLogged; TreeDamaged where the log does not continue the last checkpoint, which is then not
    covered up by a new signature; SigningKeyUnreadable.
    """
    do_last_now()
    head = lock(Head.objects).filter(id=1, sequence__gt=0).first()
    if head is None:
        raise NothingLogged("there is nothing to sign: the log has no entry yet")
    finish_opening()
    edge = tree.edge_of(head)
    last = SignedCheckpoint.objects.order_by("-number").first()
    if last is not None:
        _require_continuation(last, edge)
    transaction.on_commit(write_marks, robust=True)  # a restore must know how far the log was signed
    signed = Checkpoint(own_key().name, edge.size, edge.root(), now().replace(microsecond=0))
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
    if done is not None and own_key().name in done.origins:
        switch_key(done.opened)


@atomic
def erase_personal(subject: UUID) -> int:
    """Erase the personal text of every entry about `subject`; the chain stays whole. Return how many."""
    do_last_now()
    return Entry.objects.filter(subject=subject, personal_json__isnull=False).update(
        personal_json=None, personal_salt=None
    )


@atomic
def erase_personal_before(written_before: datetime, limit: int) -> int:
    """Erase the personal text of up to `limit` entries written before then. Return how many had some."""
    old = recorded_before("at", written_before)
    rows = Entry.objects.filter(old, personal_json__isnull=False).exclude(personal_json="{}")
    sequences = list(rows.order_by("sequence").values_list("sequence", flat=True)[:limit])
    Entry.objects.filter(pk__in=sequences).update(personal_json=None, personal_salt=None)
    return len(sequences)


def _append(new: Sequence[NewEntry]) -> list[Entry]:
    """Append entries, after what the log itself has to say: that its end was lost, or the clock is wrong."""
    _require_transaction()
    (head, is_overrun), at, own = _lock_head_for(len(new) + 1), now(), list[NewEntry]()
    edge = None if is_overrun else tree.find_edge(head)
    if edge is None:
        # A lost end of the log must not refuse anyone's lunch (promise 5). The entries say where it was, the
        # new entry says that it was lost, and the signed checkpoints say whether anything else was.
        own.append(NewEntry("log.head_rebuilt", None, {"found_sequence": head.sequence}, {}))
        edge = tree.rebuild_edge()
        last = Entry.objects.filter(sequence=edge.size).first()
        head.sequence, head.chain_hash = edge.size, last.chain_hash if last else GENESIS
        head.newest_at, head.found_behind_at = None, None
    own += _notes_on_clock(head, at)
    return _extend(head, edge, [*own, *new], at)[len(own) :]


def _notes_on_clock(head: Head, at: datetime) -> list[NewEntry]:
    """Return what there is to say of a clock that says `at`: that it fell behind, or is right again."""
    head.newest_at = head.newest_at or newest_time()
    state = state_of(head, at)
    if state.is_behind == (head.found_behind_at is not None):
        return []
    head.found_behind_at = at if state.is_behind else None
    if state.is_behind:
        return [NewEntry(FOUND_BEHIND, None, {"seconds": int(state.behind.total_seconds())}, {})]
    return [NewEntry(RECOVERED, None, {}, {})]


def _lock_head() -> Head:
    """Return the end of the log, locked: writers queue here, so that entries form one line."""
    return _lock_head_for(1)[0]


def _lock_head_for(count: int) -> tuple[Head, bool]:
    """Return the same, and whether there is an entry where one of the next `count` would go."""
    head = _locked_head.first(count=count)
    if head is None:
        Head.objects.get_or_create(id=1, defaults={"chain_hash": GENESIS})
        head = _locked_head.one(count=count)
    is_overrun: bool = head.is_overrun  # type: ignore[attr-defined]
    return head, is_overrun


@prepared
def _locked_head(count: Parameter) -> QuerySet[Head]:
    there = Entry.objects.filter(
        sequence__gt=OuterRef("sequence"), sequence__lte=OuterRef("sequence") + count
    )
    return lock(Head.objects).filter(id=1).annotate(is_overrun=Exists(there))


def _extend(head: Head, edge: CompactRange, new: Sequence[NewEntry], at: datetime) -> list[Entry]:
    entries: list[Entry] = []
    completed: list[HashedSubtree] = []
    for one in new:
        if one.event == ACCEPTED:  # from here on the clock is measured by what it says from here on
            head.newest_at, head.found_behind_at = at, None
        entry = _link(one, at, head)
        entries.append(entry)
        completed += edge.append(bytes(entry.entry_hash))
        head.sequence, head.chain_hash = entry.sequence, entry.chain_hash
    if entries:
        if len(entries) == 1:
            entries[0].save(force_insert=True)
        else:
            Entry.objects.bulk_create(entries)
        tree.store(completed)
        head.peaks, head.newest_at = edge.to_bytes(), max(head.newest_at or at, at)
        head.save(update_fields=["sequence", "chain_hash", "peaks", "newest_at", "found_behind_at"])
    return entries


def _link(new: NewEntry, at: datetime, head: Head) -> Entry:
    """Return the entry that follows the head, not saved."""
    salt, personal_json = secrets.token_bytes(32), encode_personal(new.personal)
    digest = digest_personal(personal_json, salt)
    hashed = encode(Content(head.sequence + 1, at, new.event, new.subject, new.facts, digest))
    entry_hash = hash_entry(hashed)
    actor = actor_of(new.event, new.facts)
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
        actor_kind=actor.kind,
        actor_id=actor.id or None,
    )


def _require_transaction() -> None:
    assert transaction.get_connection().in_atomic_block, "a log entry belongs to the deed's transaction"


def _require_continuation(last: SignedCheckpoint, edge: CompactRange) -> None:
    proof = prove_consistency(last.size, edge.size, tree.reader()) if last.size <= edge.size else []
    if not is_consistent(last.size, bytes(last.root), edge.size, edge.root(), proof):
        raise TreeDamaged(
            f"the log does not continue what was signed at {last.size} entries; it is not signed again"
        )
