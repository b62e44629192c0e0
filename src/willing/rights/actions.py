"""What is written when somebody uses a right."""

from typing import Any

from django.db import transaction

from willing.audit.actions import record
from willing.people.models import Guardian, Person, User
from willing.people.queries import require_school
from willing.rights.queries import everything_about
from willing.rights.sweeping import Swept, sweep_everything


@transaction.atomic
def download_everything(
    person: Person, *, guardian: Guardian | None = None, user: User | None = None
) -> dict[str, Any]:
    """Return all that is held about a person, and write into the log who took it (promise 7)."""
    facts = {"guardian": str(guardian.id) if guardian else None, "by": user.pk if user else None}
    record("record.downloaded", subject=person.id, facts=facts, personal={})
    return everything_about(person, guardian=guardian)


def sweep() -> Swept:
    """End everything whose time is over or whose ground is gone: nightly, and after a restored backup."""
    return sweep_everything(require_school())
