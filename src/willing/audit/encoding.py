"""Canonical bytes and hashes of log entries. Pure; `verify.entries` reads the bytes again as an outsider.

Version 1: the hashed part is a JSON object {v, seq, at, event, subject, facts, personal}, serialised after
RFC 8785. Leaf and node hashes carry different first bytes, as in RFC 6962, so that one never passes as
the other.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785

from willing.audit.verify.entries import VERSION
from willing.audit.verify.merkle import hash_leaf

GENESIS = bytes(32)
Json = Any  # None, bool, int, str, and lists and mappings of them; checked by _refuse_floats


@dataclass(frozen=True)
class Content:
    """What one entry says, before it is hashed."""

    sequence: int
    at: datetime
    event: str
    subject: UUID | None
    facts: Mapping[str, Json]
    personal_digest: bytes


def encode(content: Content) -> bytes:
    """Return the canonical bytes of an entry (RFC 8785).

    Times are UTC with microseconds, ids are lower-case text; floats are refused, since two languages may
    print them differently. Raises TypeError for a float anywhere in `facts`.
    """
    _refuse_floats(content.facts)
    return rfc8785.dumps(
        {
            "v": VERSION,
            "seq": content.sequence,
            "at": content.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "event": content.event,
            "subject": str(content.subject) if content.subject else None,
            "facts": content.facts,
            "personal": content.personal_digest.hex(),
        }
    )


def encode_personal(personal: Mapping[str, Json]) -> bytes:
    """Return the canonical bytes of the personal text of an entry."""
    _refuse_floats(personal)
    return rfc8785.dumps(personal)


def digest_personal(personal_json: bytes, salt: bytes) -> bytes:
    """Return the 32-byte digest that binds personal text without telling it; `salt` has 32 random bytes."""
    return hashlib.sha256(b"\x02" + salt + personal_json).digest()


def hash_entry(hashed: bytes) -> bytes:
    """Return the 32-byte hash of an entry's canonical bytes: its leaf in the tree (RFC 6962)."""
    return hash_leaf(hashed)


def chain(previous: bytes, entry_hash: bytes) -> bytes:
    """Return the 32-byte hash of the chain up to and including an entry; the first `previous` is GENESIS."""
    return hashlib.sha256(b"\x01" + previous + entry_hash).digest()


def _refuse_floats(value: Json) -> None:
    if isinstance(value, float):
        raise TypeError("a log entry holds no floating-point number; use whole units or text")
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)
