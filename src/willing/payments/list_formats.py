"""The writer of how a bank's list is read: remembered by the names of its columns."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from willing.core.clock import now
from willing.core.transactions import atomic
from willing.payments.bank_lists import BankListFormat
from willing.payments.models import StatementFormat
from willing.people.models import School


def _digest(columns: Sequence[str]) -> str:
    """Return what tells this list's columns from another bank's. They name nobody."""
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()


@atomic
def remember_format(school: School, columns: Sequence[str], chosen: BankListFormat) -> None:
    """Remember how a list with these columns is read."""
    StatementFormat.objects.update_or_create(
        school=school,
        columns_digest=_digest(columns),
        defaults={"chosen": asdict(chosen), "chosen_at": now()},
    )


def remembered_encodings(school: School) -> list[str]:
    """Return the encodings of the lists that were imported here."""
    chosen = StatementFormat.objects.filter(school=school).values_list("chosen", flat=True)
    return sorted({one["encoding"] for one in chosen if one["encoding"]})


def find_format(school: School, columns: Sequence[str]) -> BankListFormat | None:
    """Return how a list with these columns was read last, or None."""
    row = StatementFormat.objects.filter(school=school, columns_digest=_digest(columns)).first()
    return BankListFormat(**row.chosen) if row else None
