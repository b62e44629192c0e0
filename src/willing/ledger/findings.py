"""What a check of rows against their money found: which row, and why. Each room has its own checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

NAMED_MAX = 20


@dataclass(frozen=True)
class LedgerFinding:
    """A row that does not agree with its money, and why."""

    code: str
    about: UUID


def find_wrong(queries: Mapping[str, str]) -> list[LedgerFinding]:
    """Return what the statements find, by their codes: each asks for the ids of wrong rows."""
    return [LedgerFinding(code, one) for code, sql in queries.items() for one in ids_found(sql)]


def ids_found(sql: str) -> list[UUID]:
    """Return the first ids that a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found = [row[0] for row in cursor.fetchmany(NAMED_MAX)]
    return [one if isinstance(one, UUID) else UUID(one) for one in found]
