"""What the till's own page writes into the log: whom its look-up showed (promise 7)."""

from collections.abc import Sequence
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record_many
from willing.core.transactions import atomic
from willing.terminals.models import Terminal


@atomic
def record_shown(person_ids: Sequence[UUID], terminal: Terminal, *, by: User) -> None:
    """Record that a cashier was shown these persons' names and years."""
    facts = {"by": by.pk, "terminal": str(terminal.id)}
    record_many([NewEntry("record.viewed", one, facts, {}) for one in person_ids])
