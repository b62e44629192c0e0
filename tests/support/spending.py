"""What a person has left today."""

from willing.people.models import Person
from willing.till import rules
from willing.till.limits import allowance_of, spent_today


def allowance_left_minor(person: Person) -> int:
    """Return what is left of a person's meal allowance today."""
    allowance = allowance_of(person)
    return rules.allowance_left_minor(allowance.daily_minor if allowance else 0, spent_today(person))
