"""Which rooms seal rows under keys of their own: the nightly job destroys keys of nothing."""

from collections.abc import Callable
from uuid import UUID

_uses: list[Callable[[], set[UUID]]] = []


def register_use(find_keys: Callable[[], set[UUID]]) -> None:
    """Let a room say which keys its rows are sealed under; once, when Django starts."""
    if find_keys not in _uses:
        _uses.append(find_keys)


def keys_in_use() -> set[UUID]:
    """Return the keys that any room has registered as in use, read now."""
    return set().union(*(find_keys() for find_keys in _uses))
