"""Check the log in a database without trusting what stands in it.

Everything is recomputed from the canonical bytes; the columns beside them are only compared. What a file or
another person says is checked in `verify`, which runs without a database.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connections
from django.db.models import Max

from willing.audit import tree
from willing.audit.encoding import GENESIS, chain, digest_personal, hash_entry
from willing.audit.errors import CopyUnreadable, TreeDamaged
from willing.audit.models import Entry, Head, SignedCheckpoint
from willing.audit.queries import restores
from willing.audit.signing import trusted_keys
from willing.audit.verify.entries import Said, read_entry
from willing.audit.verify.errors import Unproven
from willing.audit.verify.merkle import CompactRange, compact_range, is_consistent, prove_consistency
from willing.audit.verify.rebuild import Recount
from willing.audit.verify.receipts import Proven, verify_receipt
from willing.audit.verify.restores import RESTORED, Restore, find_loss, find_restore
from willing.audit.verify.signed_note import Checkpoint, Key, open_checkpoint, require_order
from willing.core.snapshot import snapshot

# Every code that a Fault may have; pages have a sentence for each.
FAULT_CODES = frozenset(
    {
        "changed",  # its bytes or a column are not those that were hashed
        "missing",  # no entry has this sequence
        "reordered",  # it stands in the wrong place, or the ones before it were exchanged
        "personal_changed",  # its text is neither the one that was bound nor erased
        "cut_off",  # entries from here on were removed, or added past the log's end
        "unknown_version",  # written by a later version
        "tree_changed",  # the entries are whole; the stored tree over them is not
        "checkpoint_changed",  # a kept checkpoint is not what was signed, or is out of order
        "checkpoint_unknown_key",  # a kept checkpoint is signed by none of the trusted keys
        "checkpoint_contradicted",  # the entries up to here are not those that were signed
    }
)
COLUMNS = (
    "sequence",
    "at",
    "event",
    "subject",
    "hashed",
    "entry_hash",
    "chain_hash",
    "personal_json",
    "personal_salt",
)
Row = tuple[
    int, datetime, str, UUID | None, Any, Any, Any, str | None, Any
]  # COLUMNS; Any: bytes or memoryview

PROGRESS_EVERY = 1000
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Fault:
    """Something wrong in the log, at the entry with this sequence (a checkpoint's: its last entry)."""

    sequence: int
    code: str  # one of FAULT_CODES


@dataclass(frozen=True)
class Verification:
    """What was found. `entries` were read; `size` and `root` are those of the tree that they give.

    restores: each time that the log says it was restored from a copy. lost: checkpoints kept apart of entries
    that were lost then, as the log says itself.
    """

    entries: int
    chain_hash: bytes
    faults: tuple[Fault, ...]
    size: int
    root: bytes
    checkpoints: int
    restores: tuple[Restore, ...] = ()
    lost: tuple[Checkpoint, ...] = ()

    @property
    def ok(self) -> bool:
        """True where nothing is wrong."""
        return not self.faults


@dataclass
class _Walk:
    """A verification under way."""

    count: Recount
    chain_hash: bytes = GENESIS
    entries: int = 0
    faults: list[Fault] = field(default_factory=list)
    restores: list[Restore] = field(default_factory=list)


def verify_log(
    *,
    using: str = "default",
    keys: Sequence[Key] | None = None,
    known: Sequence[Checkpoint] = (),
    progress: Progress | None = None,
) -> Verification:
    """Verify the whole log of this installation, or of another database that Django knows.

    keys: the public keys to trust, by default those that this installation signs or signed with. known:
    checkpoints that were kept apart, already opened. What others append meanwhile is left out. progress: is
    told now and then how many entries were read.
    """
    trusted = trusted_keys() if keys is None else keys
    with snapshot(using):
        kept, faults = _open_kept(using, trusted)
        found = _verify(using, [*kept, *known], faults, after=0, progress=progress)
    # What the database keeps itself cannot be of entries that it lost: somebody signed for a closed origin.
    reopened = [Fault(one.size, "checkpoint_contradicted") for one in found.lost if one in kept]
    return replace(found, faults=(*found.faults, *reopened))


def verify_since(checkpoint: Checkpoint, *, using: str = "default") -> Verification:
    """Verify the entries after a checkpoint (already opened), and that they continue what it signs.

    The entries up to it are not read again: that their hashes are the signed ones is checked, that their text
    still gives those hashes is not. Takes time for the new entries only.
    Raises Unproven (lost) where the log was restored since, and what the checkpoint signs was lost.
    """
    with snapshot(using):
        loss = find_loss(checkpoint, restores(using))
        if loss:
            raise Unproven(
                "lost", f"the log was restored from a copy of {loss.kept} entries: verify all of it"
            )
        return _verify(using, [checkpoint], [], after=checkpoint.size)


def verify_kept_receipt(text: str, keys: Sequence[Key], *, using: str = "default") -> Proven:
    """Return what a receipt proves, this log still holding it and continuing the checkpoint that it names.

    Raises Unproven, also where this log does not hold the entry (not_included; lost, where it was restored
    from an older copy) or does not continue the checkpoint (cut_off, inconsistent); TreeDamaged.
    """
    proven = verify_receipt(text, keys)
    with snapshot(using):
        _require_held(proven, using)
    return proven


def _require_held(proven: Proven, using: str) -> None:
    signed = proven.checkpoint
    loss = find_loss(signed, restores(using))
    if loss and proven.said.sequence > loss.kept:
        raise Unproven("lost", "the receipt is genuine; its entry was lost when the log was restored")
    entry = Entry.objects.using(using).filter(sequence=proven.said.sequence).first()
    if entry is None or bytes(entry.hashed) != proven.hashed:
        raise Unproven("not_included", "the receipt is genuine, but this log no longer holds its entry")
    if loss:
        return  # the log ends the old origin before what was signed, and says so
    head = head_of(using)
    if head.sequence < signed.size:
        raise Unproven("cut_off", f"{signed.size} entries were signed for; this log has {head.sequence}")
    root = tree.edge_of(head).root()
    proof = prove_consistency(signed.size, head.sequence, tree.reader(using))
    if not is_consistent(signed.size, signed.root, head.sequence, root, proof):
        raise Unproven(
            "inconsistent", "the receipt is genuine, but this log does not continue what it was signed in"
        )


@contextmanager
def opened_copy(path: Path) -> Iterator[str]:
    """Open a copy of an SQLite main database (a backup) for reading, unchanged; yield its alias.

    Raises CopyUnreadable where the file holds no log of this version.
    """
    alias = f"audit-copy-{uuid4().hex}"
    options = {
        **connections.settings["default"],
        "NAME": f"{path.resolve().as_uri()}?mode=ro",
        "CONN_MAX_AGE": 0,
    }
    options["ENGINE"] = "django.db.backends.sqlite3"
    options["OPTIONS"] = {"uri": True}
    connections.settings[alias] = options
    try:
        yield alias
    except DatabaseError as error:
        raise CopyUnreadable(
            f"{path}: this is no copy of a database with a log of this version: {error}"
        ) from error
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def verify_copy(
    path: Path, *, keys: Sequence[Key] | None = None, known: Sequence[Checkpoint] = ()
) -> Verification:
    """Verify the log in a copy of an SQLite main database (a backup). Raises CopyUnreadable."""
    with opened_copy(path) as alias:
        return verify_log(using=alias, keys=keys, known=known)


def _verify(
    using: str,
    checkpoints: Sequence[Checkpoint],
    faults: list[Fault],
    *,
    after: int,
    progress: Progress | None = None,
) -> Verification:
    head = head_of(using)
    try:
        walk = _start(using, checkpoints, min(after, head.sequence))
    except (TreeDamaged, ValueError):
        damaged = Fault(after, "tree_changed")
        return Verification(0, GENESIS, (*faults, damaged), 0, CompactRange().root(), len(checkpoints))
    rows = Entry.objects.using(using).filter(sequence__gt=walk.count.tree.size, sequence__lte=head.sequence)
    _walk(walk, rows.order_by("sequence").values_list(*COLUMNS).iterator(chunk_size=2000), using, progress)
    if (
        not walk.faults
    ):  # one change is one fault: the rest is only told where the entries themselves are whole
        walk.faults += _find_faults_of_the_end(walk, head, using)
    edge = walk.count.tree
    return Verification(
        walk.entries,
        walk.chain_hash,
        (*faults, *walk.faults),
        edge.size,
        edge.root(),
        len(checkpoints) - len(walk.count.lost),
        tuple(walk.restores),
        tuple(walk.count.lost),
    )


def head_of(using: str = "default") -> Head:
    """Return the end of the log, as its row says; an empty log has one of no entries."""
    return Head.objects.using(using).filter(id=1).first() or Head(chain_hash=GENESIS)


def _start(using: str, checkpoints: Iterable[Checkpoint], after: int) -> _Walk:
    start = compact_range(after, tree.reader(using))
    last = Entry.objects.using(using).filter(sequence=after).values_list("chain_hash", flat=True).first()
    if after and last is None:
        raise TreeDamaged(f"entry {after} is not there")
    return _Walk(Recount(checkpoints, start), bytes(last) if last is not None else GENESIS)


def _walk(walk: _Walk, rows: Iterable[Row], using: str, progress: Progress | None) -> None:
    """Verify entries in the order given.

    Each faulty entry is reported once; the chain goes on from what the entry claims, so that one change is
    one fault and not a fault in every later entry.
    """
    stored = tree.Stored(using)
    expected = walk.count.tree.size + 1
    for row in rows:
        sequence, entry_hash = row[0], bytes(row[5])
        code = _find_fault(row, walk.chain_hash)
        if sequence != expected:
            walk.faults.append(Fault(expected, "missing"))
            code = None if code == "reordered" else code
        if code:
            walk.faults.append(Fault(sequence, code))
        restore = find_restore(read_entry(bytes(row[4]))) if row[2] == RESTORED and not code else None
        if restore:
            walk.restores.append(restore)
            walk.count.close(restore)
        completed = walk.count.add(entry_hash)
        if not walk.faults and not all(map(stored.agrees, completed)):
            walk.faults.append(Fault(sequence, "tree_changed"))
        walk.entries += 1
        walk.chain_hash, expected = bytes(row[6]), sequence + 1
        if progress and walk.entries % PROGRESS_EVERY == 0:
            progress(walk.entries)


def _find_faults_of_the_end(walk: _Walk, head: Head, using: str) -> list[Fault]:
    edge = walk.count.tree
    faults = [Fault(one.size, "checkpoint_contradicted") for one in walk.count.contradicted]
    is_cut = (edge.size, walk.chain_hash) != (head.sequence, bytes(head.chain_hash))
    if is_cut or walk.count.unreached or _is_added_to(using):
        faults.append(Fault(edge.size + 1, "cut_off"))
    elif not faults and bytes(head.peaks) != edge.to_bytes():
        faults.append(Fault(edge.size, "tree_changed"))
    return faults


def _is_added_to(using: str) -> bool:
    """Say whether entries stand past the log's end; asked first, since a writer may come in between."""
    last = Entry.objects.using(using).aggregate(last=Max("sequence"))["last"] or 0
    return int(last) > head_of(using).sequence


def _open_kept(using: str, keys: Sequence[Key]) -> tuple[list[Checkpoint], list[Fault]]:
    opened: list[Checkpoint] = []
    faults: list[Fault] = []
    for number, row in enumerate(
        SignedCheckpoint.objects.using(using).order_by("number").iterator(), start=1
    ):
        try:
            found = open_checkpoint(row.note, keys)
            require_order([*opened[-1:], found])
        except Unproven as error:
            code = "checkpoint_unknown_key" if error.code == "wrong_key" else "checkpoint_changed"
            faults.append(Fault(row.size, code))
            continue
        opened.append(found)
        if (row.number, row.size, bytes(row.root), row.at) != (number, found.size, found.root, found.at):
            faults.append(Fault(row.size, "checkpoint_changed"))
    return opened, faults


def _find_fault(row: Row, previous: bytes) -> str | None:
    sequence, at, event, subject, hashed, entry_hash, chain_hash, personal_json, salt = row
    content = bytes(hashed)
    if hash_entry(content) != bytes(entry_hash):
        return "changed"
    if chain(previous, bytes(entry_hash)) != bytes(chain_hash):
        return "reordered"
    try:
        said = read_entry(content)
    except Unproven as error:
        return "unknown_version" if error.code == "unknown_version" else "changed"
    columns = (sequence, _text(at), event, str(subject) if subject else None)
    if columns != (said.sequence, said.at, said.event, said.subject):
        return "changed"
    return None if _is_personal_whole(personal_json, salt, said) else "personal_changed"


def _is_personal_whole(personal_json: str | None, salt: Any, said: Said) -> bool:
    if personal_json is None or salt is None:
        return personal_json is None and salt is None  # erased: both are gone
    return digest_personal(personal_json.encode(), bytes(salt)).hex() == said.personal


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"  # a tenth of strftime's time
