"""A log without a database: entries, tree, checkpoints, receipts and files, made for a test."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings

from willing.audit.encoding import Content, encode
from willing.audit.verify import consistency, exports, receipts
from willing.audit.verify.merkle import (
    CompactRange,
    compact_range,
    hash_leaf,
    hash_node,
    prove_consistency,
    prove_inclusion,
)
from willing.audit.verify.signed_note import Checkpoint, Key, sign

unhurried = settings(deadline=None)  # the machine may be busy with other things
START = datetime(2026, 9, 1, 12, 0, 0, tzinfo=UTC)
PERSON = UUID("12345678-1234-4678-9234-567812345678")


def make_key(seed: int, name: str = "") -> tuple[Key, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Key(name or f"willing/test-{seed}", private.public_key().public_bytes_raw()), private


def make_entry(sequence: int, **facts) -> bytes:
    at = START + timedelta(seconds=sequence)
    return encode(Content(sequence, at, "sale.settled", PERSON, {"total_minor": 250, **facts}, bytes(32)))


def read_from(leaves: list[bytes]):
    """Return a subtree reader over leaf hashes, as slow and plain as can be."""

    def read(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return hash_node(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))

    return read


def cosigned(note: str, *, first: bool = False) -> str:
    """Return a note that two witnesses, whose keys nobody here knows, signed as well."""
    text, _, own = note.rpartition("\n\n")
    others = "".join(
        sign(f"{text}\n", name, make_key(seed)[1]).rpartition("\n\n")[2]
        for seed, name in ((91, "witness.example/w1"), (92, "见证.example"))
    )
    return f"{text}\n\n{others}{own}" if first else f"{text}\n\n{own}{others}"


@dataclass
class Log:
    """A log of `entries`, signed by the key of `seed`."""

    entries: list[bytes]
    seed: int = 1
    name: str = ""
    key: Key = field(init=False)

    def __post_init__(self):
        self.key, self.private = make_key(self.seed, self.name)

    @classmethod
    def of(cls, size: int, seed: int = 1, **facts) -> "Log":
        return cls([make_entry(sequence, **facts) for sequence in range(1, size + 1)], seed)

    @property
    def reader(self):
        return read_from([hash_leaf(entry) for entry in self.entries])

    def root(self, size: int) -> bytes:
        tree = CompactRange()
        for entry in self.entries[:size]:
            tree.append(hash_leaf(entry))
        return tree.root()

    def note(self, size: int | None = None, *, minutes: int | None = None, root: bytes | None = None) -> str:
        size = len(self.entries) if size is None else size
        at = START + timedelta(minutes=size if minutes is None else minutes)
        checkpoint = Checkpoint(self.key.name, size, root or self.root(size), at)
        return sign(checkpoint.text(), self.key.name, self.private)

    def receipt(self, index: int, size: int | None = None) -> dict:
        size = size or len(self.entries)
        return {
            "format": receipts.FORMAT,
            "entry": self.entries[index].decode(),
            "index": index,
            "size": size,
            "root": self.root(size).hex(),
            "proof": [one.hex() for one in prove_inclusion(index, size, self.reader)],
            "checkpoint": self.note(size),
        }

    def continuation(self, old: int, new: int) -> dict:
        proof = [one.hex() for one in prove_consistency(old, new, self.reader)]
        return {"format": consistency.FORMAT, "old": self.note(old), "new": self.note(new), "proof": proof}

    def export(self, after: int = 0, note: str | None = None) -> bytes:
        before = [one.hex() for one in compact_range(after, self.reader).peaks]
        header = {"format": exports.FORMAT, "first": after + 1, "before": before}
        lines = [json.dumps({**header, "checkpoint": note or self.note()}).encode(), *self.entries[after:]]
        return b"".join(line + b"\n" for line in lines)
