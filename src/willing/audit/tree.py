"""The stored part of the tree: every fourth level, so that a proof reads tens of hashes, not a million."""

from collections.abc import Iterator

from willing.audit.errors import TreeDamaged
from willing.audit.models import Entry, Head, Node
from willing.audit.verify.merkle import HASH_BYTES, CompactRange, Subtree
from willing.audit.verify.merkle import HashedSubtree as Completed

# A stored node covers 16 of the level below: one more small row for each 15 entries. A proof in a log of
# 1,000,000 entries reads at most 75 hashes.
LEVELS = 4
# As many lost entries in a row are bridged by leaves of zeros; more than a school year has are not.
GAP_MAX = 1_000_000
_LOST = bytes(HASH_BYTES)


def edge_of(head: Head) -> CompactRange:
    """Return the right edge of the tree that the head keeps. Raises TreeDamaged where it is none."""
    try:
        return CompactRange.from_bytes(head.sequence, bytes(head.peaks))
    except ValueError as error:
        raise TreeDamaged(f"the log's head is damaged: {error}") from error


def find_edge(head: Head) -> CompactRange | None:
    """Return the right edge that the head keeps; None where it is none."""
    try:
        return edge_of(head)
    except TreeDamaged:
        return None


def rebuild_edge() -> CompactRange:
    """Return the right edge over the entries that there are, read one by one: seconds for a million.

    Where an entry is missing, or has no hash, a leaf of zeros is used: the tree cannot be right any more, and
    the verifier says where, but the log can go on. What lies far behind a gap is someone's invention and is
    left to the verifier.
    """
    edge = CompactRange()
    leaves = Entry.objects.order_by("sequence").values_list("sequence", "entry_hash")
    for sequence, entry_hash in leaves.iterator(chunk_size=2000):
        if sequence - edge.size > GAP_MAX:
            break
        while edge.size < sequence - 1:
            edge.append(_LOST)
        edge.append(bytes(entry_hash) if len(entry_hash) == HASH_BYTES else _LOST)
    return edge


def store(completed: list[Completed]) -> None:
    """Store those of the newly completed subtrees that are kept.

    What is already there stays, as after a log was cut off: it is a cache, the verifier compares it.
    """
    Node.objects.bulk_create(
        (
            Node(level=node.level, index=node.index, hash=node.hash)
            for node in completed
            if node.level % LEVELS == 0
        ),
        ignore_conflicts=True,
    )


def reader(using: str = "default") -> Subtree:
    """Return a function that reads the hash of a complete subtree (level, index) from a database.

    It raises TreeDamaged where rows are missing. What it reads is only as true as the rows: a caller who must
    not trust them compares the result with something signed.
    """

    def read(level: int, index: int) -> bytes:
        width = 1 << level % LEVELS
        hashes = _read_row(using, level - level % LEVELS, index * width, width)
        tree = CompactRange()
        for one in hashes:
            tree.append(bytes(one))
        if tree.size != width:
            raise TreeDamaged(f"the tree lacks a part at level {level}, index {index}")
        return tree.root()

    return read


class StoredNodes:
    """The stored nodes, read once and streaming, in the order in which a growing tree completes them."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._levels: dict[int, Iterator[tuple[int, bytes | memoryview]]] = {}

    def agrees(self, node: Completed) -> bool:
        """Return whether the next stored node of its level is `node`; True where that level is not stored."""
        if node.level % LEVELS:
            return True
        if node.level not in self._levels:
            nodes = Node.objects.using(self._using).filter(level=node.level, index__gte=node.index)
            rows = nodes.order_by("index").values_list("index", "hash")
            self._levels[node.level] = rows.iterator(chunk_size=2000)
        index, stored = next(self._levels[node.level], (-1, b""))
        return (index, bytes(stored)) == (node.index, node.hash)


def _read_row(using: str, level: int, start: int, width: int) -> list[bytes | memoryview]:
    if level == 0:
        leaves = Entry.objects.using(using).filter(sequence__gt=start, sequence__lte=start + width)
        return list(leaves.order_by("sequence").values_list("entry_hash", flat=True))
    nodes = Node.objects.using(using).filter(level=level, index__gte=start, index__lt=start + width)
    return list(nodes.order_by("index").values_list("hash", flat=True))
