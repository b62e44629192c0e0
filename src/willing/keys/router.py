"""Sends this room's tables, and nothing else, to the database `keys`."""

from typing import Any


class KeysRouter:
    """Keep keys and everything else in two databases, which are backed up apart."""

    def db_for_read(self, model: Any, **_hints: Any) -> str | None:
        """Return the database to read `model` from."""
        return "keys" if model._meta.app_label == "keys" else None  # noqa: SLF001  # Django's own name for it

    def db_for_write(self, model: Any, **_hints: Any) -> str | None:
        """Return the database to write `model` to."""
        return "keys" if model._meta.app_label == "keys" else None  # noqa: SLF001  # Django's own name for it

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        """Say whether a room's tables belong in `db`."""
        return (app_label == "keys") == (db == "keys")
