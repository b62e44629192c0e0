"""The stored part of the tree: every eighth level, so that a proof reads hundreds of hashes, not millions."""

from willing.audit.errors import TreeDamaged
from willing.audit.models import Entry, Node
from willing.audit.verify.merkle import CompactRange, Subtree
from willing.audit.verify.merkle import Node as Completed

# A stored node stands over 256 of the level below: one more row for each 255 entries. A proof in a log of
# 1,000,000 entries reads at most 600 hashes.
LEVELS = 8


def keep(completed: list[Completed]) -> None:
    """Store those of the newly completed subtrees that are kept."""
    Node.objects.bulk_create(
        Node(level=node.level, index=node.index, hash=node.hash)
        for node in completed
        if node.level % LEVELS == 0
    )


def reader(using: str = "default") -> Subtree:
    """Return a function that reads the hash of a complete subtree (level, index) from a database.

    It raises TreeDamaged where rows are missing. What it reads is only as true as the rows: whoever must not
    trust them compares the result with something signed.
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


def _read_row(using: str, level: int, start: int, width: int) -> list[bytes | memoryview]:
    if level == 0:
        leaves = Entry.objects.using(using).filter(sequence__gt=start, sequence__lte=start + width)
        return list(leaves.order_by("sequence").values_list("entry_hash", flat=True))
    nodes = Node.objects.using(using).filter(level=level, index__gte=start, index__lt=start + width)
    return list(nodes.order_by("index").values_list("hash", flat=True))
