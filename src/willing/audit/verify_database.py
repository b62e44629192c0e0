"""Check the log in a database without trusting anything in it.

Everything is recomputed from the canonical bytes; the columns beside them are only compared. What a file or
another person says is checked in `verify`, which runs without a database.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Max

from willing.audit import tree
from willing.audit.encoding import GENESIS
from willing.audit.errors import TreeDamaged
from willing.audit.models import Entry, Head, SignedCheckpoint
from willing.audit.queries import restores
from willing.audit.signing import trusted_keys
from willing.audit.verify.entries import read_entry
from willing.audit.verify.errors import Unproven
from willing.audit.verify.merkle import CompactRange, compact_range
from willing.audit.verify.rebuild import Recount
from willing.audit.verify.restores import RESTORED, Restore, find_loss, find_restore
from willing.audit.verify.signed_note import Checkpoint, Key, open_checkpoint, require_order
from willing.audit.verify_entry import COLUMNS, LogFault, Row, find_fault
from willing.core.snapshot import snapshot

PROGRESS_EVERY = 1000


Progress = Callable[[int], None]


@dataclass(frozen=True)
class Verification:
    """What was found. `entries` were read; `size` and `root` are those of the tree that they give.

    restores: each time that the log says it was restored from a copy. lost: checkpoints kept apart of entries
    that were lost then, as the log says itself.
    """

    entries: int
    chain_hash: bytes
    faults: tuple[LogFault, ...]
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
    faults: list[LogFault] = field(default_factory=list)
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
    called now and then with the number of entries read.
    """
    trusted = trusted_keys() if keys is None else keys
    with snapshot(using):
        kept, faults = _open_kept(using, trusted)
        found = _verify(using, [*kept, *known], faults, after=0, progress=progress)
    # What the database keeps itself cannot be of entries that it lost: someone signed for a closed origin.
    reopened = [LogFault(one.size, "checkpoint_contradicted") for one in found.lost if one in kept]
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


def _verify(
    using: str,
    checkpoints: Sequence[Checkpoint],
    faults: list[LogFault],
    *,
    after: int,
    progress: Progress | None = None,
) -> Verification:
    head = head_of(using)
    try:
        walk = _start(using, checkpoints, min(after, head.sequence))
    except (TreeDamaged, ValueError):
        damaged = LogFault(after, "tree_changed")
        return Verification(0, GENESIS, (*faults, damaged), 0, CompactRange().root(), len(checkpoints))
    rows = Entry.objects.using(using).filter(sequence__gt=walk.count.tree.size, sequence__lte=head.sequence)
    _walk(walk, rows.order_by("sequence").values_list(*COLUMNS).iterator(chunk_size=2000), using, progress)
    if (
        not walk.faults
    ):  # one change is one fault: the others are only reported where the entries themselves are whole
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
    stored = tree.StoredNodes(using)
    expected = walk.count.tree.size + 1
    for row in rows:
        sequence, entry_hash = row[0], bytes(row[5])
        code = find_fault(row, walk.chain_hash)
        if sequence != expected:
            walk.faults.append(LogFault(expected, "missing"))
            code = None if code == "reordered" else code
        if code:
            walk.faults.append(LogFault(sequence, code))
        restore = find_restore(read_entry(bytes(row[4]))) if row[2] == RESTORED and not code else None
        if restore:
            walk.restores.append(restore)
            walk.count.close(restore)
        completed = walk.count.add(entry_hash)
        if not walk.faults and not all(map(stored.agrees, completed)):
            walk.faults.append(LogFault(sequence, "tree_changed"))
        walk.entries += 1
        walk.chain_hash, expected = bytes(row[6]), sequence + 1
        if progress and walk.entries % PROGRESS_EVERY == 0:
            progress(walk.entries)


def _find_faults_of_the_end(walk: _Walk, head: Head, using: str) -> list[LogFault]:
    edge = walk.count.tree
    faults = [LogFault(one.size, "checkpoint_contradicted") for one in walk.count.contradicted]
    is_cut = (edge.size, walk.chain_hash) != (head.sequence, bytes(head.chain_hash))
    if is_cut or walk.count.unreached or _is_added_to(using):
        faults.append(LogFault(edge.size + 1, "cut_off"))
    elif not faults and bytes(head.peaks) != edge.to_bytes():
        faults.append(LogFault(edge.size, "tree_changed"))
    return faults


def _is_added_to(using: str) -> bool:
    """Return whether there are entries past the log's end; asked first, for a writer may come in between."""
    last = Entry.objects.using(using).aggregate(last=Max("sequence"))["last"] or 0
    return int(last) > head_of(using).sequence


def _open_kept(using: str, keys: Sequence[Key]) -> tuple[list[Checkpoint], list[LogFault]]:
    opened: list[Checkpoint] = []
    faults: list[LogFault] = []
    for number, row in enumerate(
        SignedCheckpoint.objects.using(using).order_by("number").iterator(), start=1
    ):
        try:
            found = open_checkpoint(row.note, keys)
            require_order([*opened[-1:], found])
        except Unproven as error:
            code = "checkpoint_unknown_key" if error.code == "wrong_key" else "checkpoint_changed"
            faults.append(LogFault(row.size, code))
            continue
        opened.append(found)
        if (row.number, row.size, bytes(row.root), row.at) != (number, found.size, found.root, found.at):
            faults.append(LogFault(row.size, "checkpoint_changed"))
    return opened, faults
