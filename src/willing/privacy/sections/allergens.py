"""What a person must not eat, and what happened about it."""

from typing import Any

from willing.allergens.models import PersonAllergen
from willing.allergens.queries import allergens_of, events_of
from willing.allergens.table import label, labels, split
from willing.allergens.wording import WHY
from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso


def allergens(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return what a person must not eat, who entered it, on which basis, and when it was confirmed."""
    return [
        {
            "allergen": label(one.allergen),
            "basis": str(one.get_basis_display()),
            "by": _by(one, reader),
            "recorded_at": iso(one.recorded_at),
            "confirmed_at": iso(one.confirmed_at),
            "reminded_at": iso(one.reminded_at),
        }
        for one in allergens_of(person)
    ]


def _by(entry: PersonAllergen, reader: RecordReader) -> str:
    if entry.guardian is None:
        return "the office"
    sees = not reader.is_person and reader.sees_of(entry.guardian_id)
    return entry.guardian.name if sees else "a guardian"


def allergen_events(person: Person) -> list[dict[str, Any]]:
    """Return each dish that was held back, checked or served for a reason, each near miss and reaction."""
    return [
        {
            "kind": str(one.get_kind_display()),
            "dish": one.dish,
            "allergens": labels(split(one.allergens)),
            "why": str(WHY[one.why]),
            "reason": one.reason,
            "till": one.terminal.name if one.terminal else "",
            "happened_at": iso(one.happened_at),
        }
        for one in events_of(person)
    ]
