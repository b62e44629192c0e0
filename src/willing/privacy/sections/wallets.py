"""Every movement of a person's money by its name, and below which balance their guardians want a mail."""

from typing import Any

from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso
from willing.wallets.labels import name_of
from willing.wallets.models import LowBalance
from willing.wallets.statement import movements_of


def movements(person: Person, newest: int | None = None) -> list[dict[str, Any]]:
    """Return movements of a person's wallet, the oldest first, as the statements name them.

    All, or the `newest` few.
    """
    return [
        {
            "at": iso(one.at),
            "what": name_of(one),
            "amount_minor": one.amount_minor,
            "balance_minor": one.balance_minor,
        }
        for one in movements_of(person, newest)
    ]


def low_balances(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return below which balance guardians want a mail; of guardians, the reader's only."""
    rows = LowBalance.objects.filter(person=person).select_related("guardian").order_by("pk")
    return [
        {"guardian": one.guardian.name, "below_minor": one.below_minor, "set_at": iso(one.set_at)}
        for one in rows
        if reader.sees_of(one.guardian_id)
    ]
