"""On which days a person used a gate. Which door, and when, is part of no answer."""

from typing import Any

from willing.gate.queries import days_of
from willing.people.models import Person


def gate_days(person: Person) -> list[dict[str, Any]]:
    """Return the days of the last week on which a gate was used, and by which ways."""
    return [{"day": day.isoformat(), "ways": ways} for day, ways in days_of(person)]
