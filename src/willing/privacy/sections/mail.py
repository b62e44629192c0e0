"""Which mails went to a person's guardians about them."""

from typing import Any

from willing.mail.models import Mail
from willing.mail.wishes import topics_of
from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso


def mails(person: Person, reader: RecordReader, newest: int | None = None) -> list[dict[str, Any]]:
    """Return the mails about a person; of guardians, the reader's only. Their texts are kept nowhere.

    All, or the `newest` few.
    """
    rows = Mail.objects.filter(person=person).select_related("guardian").order_by("-created_at")
    shown = list((rows.filter(guardian=reader.guardian) if reader.guardian else rows)[:newest])
    wanted = {one: topics_of(one) for one in {row.guardian for row in shown} if not reader.is_person}
    return [
        {
            "to": row.guardian.name,
            "topic": row.topic,
            "day": row.day.isoformat() if row.day else "",
            "state": row.state,
            "at": iso(row.created_at),
            "settled_at": iso(row.settled_at),
            **({} if reader.is_person else {"wanted_topics": wanted[row.guardian]}),
        }
        for row in shown
    ]
