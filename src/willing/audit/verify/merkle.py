"""Hash trees after RFC 6962, section 2.1: tree heads, inclusion proofs, consistency proofs. Pure.

Hashes are 32 bytes of SHA-256. Leaves are numbered from 0; a tree of `size` leaves has the leaves 0 to
size - 1. A complete subtree is named (level, index): it covers the leaves index * 2**level up to
(index + 1) * 2**level - 1, so that a leaf is (0, index).

Verifying follows RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
Subtree = Callable[[int, int], bytes]  # (level, index) -> the hash of that complete subtree


@dataclass(frozen=True)
class HashedSubtree:
    """A complete subtree of more than one leaf, and its hash."""

    level: int
    index: int
    hash: bytes


def hash_leaf(data: bytes) -> bytes:
    """Return the 32-byte hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of the node over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class CompactRange:
    """A tree's right edge: the hashes of its complete subtrees, largest first, one for each bit of `size`.

    It is all that an append needs: at most 64 hashes, however long the log is.
    Raises ValueError where the number of peaks does not fit the size.
    """

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        fits = self.size >= 0 and len(self.peaks) == self.size.bit_count()
        if not fits or any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError(f"a tree of {self.size} leaves has other peaks than these {len(self.peaks)}")

    @classmethod
    def from_bytes(cls, size: int, packed: bytes) -> "CompactRange":
        """Return the range whose peaks are one after another in `packed` (see `to_bytes`)."""
        return cls(size, [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)])

    def to_bytes(self) -> bytes:
        """Return the peaks one after another: 32 bytes each, at most 2 KiB."""
        return b"".join(self.peaks)

    def append(self, leaf_hash: bytes) -> list[HashedSubtree]:
        """Add a leaf. Return the complete subtrees that it completes, lowest first."""
        completed: list[HashedSubtree] = []
        index, level, current = self.size, 0, leaf_hash
        while index & 1:
            index, level, current = index >> 1, level + 1, hash_node(self.peaks.pop(), current)
            completed.append(HashedSubtree(level, index, current))
        self.peaks.append(current)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the tree head: the hash over everything so far."""
        if not self.peaks:
            return EMPTY_ROOT
        current = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            current = hash_node(peak, current)
        return current


def compact_range(size: int, subtree: Subtree) -> CompactRange:
    """Return the right edge of the first `size` leaves, read from complete subtrees."""
    return CompactRange(size, [subtree(level, index) for level, index in _peaks(0, size)])


def prove_inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of `size` leaves: PATH(index, D[size]).

    It has at most 64 hashes, lowest first. Raises ValueError where there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return [_hash_range(*one, subtree) for one in reversed(ranges)]


def prove_consistency(old_size: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that the tree of `old_size` leaves begins the one of `size`: PROOF(old_size, D[size]).

    Empty where the sizes are equal. Raises ValueError unless 0 < old_size <= size.
    """
    if not 0 < old_size <= size:
        raise ValueError(f"no proof leads from {old_size} leaves to {size}")
    ranges: list[tuple[int, int]] = []
    start, end, is_known = 0, size, True
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, is_known = middle, False
    if not is_known:
        ranges.append((start, end))
    return [_hash_range(*one, subtree) for one in reversed(ranges)]


def is_included(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether `proof` leads from leaf `index` to the `root` of `size` leaves."""
    if not 0 <= index < size or not _are_hashes([leaf_hash, root, *proof]):
        return False
    place, last, current = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            current = hash_node(sibling, current)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            current = hash_node(current, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and current == root


def is_consistent(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows that the tree of `old_size` leaves begins the tree of `size` leaves.

    Nothing is proved about an empty tree: `old_size` 0 is refused.
    """
    if not 0 < old_size <= size or not _are_hashes([old_root, root, *proof]):
        return False
    if old_size == size:
        return not proof and old_root == root
    # Where the old size is a power of two, the old tree is a complete subtree, and the proof leaves it out.
    hashes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not hashes:
        return False
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = hash_node(sibling, old), hash_node(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = hash_node(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == root


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _split(width: int) -> int:
    """Return the largest power of two below `width` (which is above 1)."""
    return 1 << ((width - 1).bit_length() - 1)


def _peaks(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Name the complete subtrees that make up a range of the tree, largest first."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _hash_range(start: int, end: int, subtree: Subtree) -> bytes:
    return CompactRange(end - start, [subtree(*peak) for peak in _peaks(start, end)]).root()
