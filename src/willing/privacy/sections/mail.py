"""Which mails went to a person's guardians about them."""

from typing import Any

from willing.mail.models import Mail
from willing.mail.wishes import topics_of
from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso


def mails(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return the mails about a person; of guardians, the reader's only. Their texts are kept nowhere."""
    rows = Mail.objects.filter(person=person).select_related("guardian").order_by("-created_at")
    return [
        {
            "to": row.guardian.name,
            "topic": row.topic,
            "day": row.day.isoformat() if row.day else "",
            "state": row.state,
            "at": iso(row.created_at),
            "settled_at": iso(row.settled_at),
            **({} if reader.is_person else {"wanted_topics": topics_of(row.guardian)}),
        }
        for row in rows
        if reader.sees_of(row.guardian_id)
    ]
