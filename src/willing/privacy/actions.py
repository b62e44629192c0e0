"""What is recorded when someone downloads all that is held about them."""

from typing import Any

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.transactions import atomic
from willing.people.models import Person
from willing.privacy.personal_data import personal_data_of
from willing.privacy.readers import RecordReader


@atomic
def export_personal_data(
    person: Person, reader: RecordReader, *, user: User | None, how: str, newest: int | None = None
) -> dict[str, Any]:
    """Return all that is held about a person, and write into the log who took it (promise 7).

    how: file or page. user: who is signed in. newest: as in `personal_data_of`.
    """
    facts = {
        "guardian": str(reader.guardian.id) if reader.guardian else None,
        "by": user.pk if user else None,
        "how": how,
    }
    record("record.downloaded", subject=person.id, facts=facts, personal={})
    return personal_data_of(person, reader, newest)
