"""Identifiers: random by default, derived where a caller's key must always name the same thing."""

import uuid


def new_id() -> uuid.UUID:
    """Return a fresh random id (UUID version 4)."""
    return uuid.uuid4()


def derive_id(owner: uuid.UUID, *parts: str) -> uuid.UUID:
    """Return the id that `owner` and `parts` always give (UUID version 5).

    It makes a write idempotent without a table of keys: the same key names the same row, and the
    database's primary key refuses the second one. Parts are length-prefixed, so that ("ab", "c")
    and ("a", "bc") differ.
    """
    return uuid.uuid5(owner, "".join(f"{len(part)}:{part}" for part in parts))
