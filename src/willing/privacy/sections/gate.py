"""On which days a person used a gate. Which door, and when, is part of no answer."""

from typing import Any

from willing.gate.queries import days_of, message_choices
from willing.people.models import Person
from willing.privacy.readers import RecordReader


def gate_days(person: Person) -> list[dict[str, Any]]:
    """Return the days of the last week on which a gate was used, and by which ways."""
    return [{"day": day.isoformat(), "ways": ways} for day, ways in days_of(person)]


def gate_messages(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return who wants a message as this person comes in or goes out; of guardians, the reader's own alone.

    The person and the office read of all of them.
    """
    return [
        {
            "guardian": one.guardian.name if reader.sees_of(one.guardian_id) else "",
            "in": one.wants_in,
            "out": one.wants_out,
        }
        for one in message_choices(person)
        if reader.is_person or reader.sees_of(one.guardian_id)
    ]
