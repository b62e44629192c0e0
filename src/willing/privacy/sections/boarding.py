"""In which boarding house a person lives, and what the evening lists say of them."""

from typing import Any

from willing.boarding.models import Boarder, EveningMark
from willing.people.models import Person
from willing.privacy.values import iso


def boarding(person: Person) -> list[dict[str, Any]]:
    """Return the houses in which a person lives or lived, from which night to which."""
    rows = Boarder.objects.filter(person=person).select_related("house")
    return [
        {
            "house": one.house.name,
            "room": one.room,
            "first_night": one.first_night.isoformat(),
            "last_night": one.last_night.isoformat() if one.last_night else "",
        }
        for one in rows.order_by("first_night", "id")
    ]


def evening_marks(person: Person) -> list[dict[str, Any]]:
    """Return every mark of a person in evening lists, the last night first, also those that others followed.

    Who made a mark is no data about the pupil.
    """
    rows = EveningMark.objects.filter(person=person).select_related("list__house")
    return [
        {
            "night": one.list.night.isoformat(),
            "house": one.list.house.name,
            "list": one.list.name,
            "due_at": iso(one.list.due_at),
            "mark": str(one.get_word_display()),
            "reason": one.reason,
            "recorded_at": iso(one.recorded_at),
            "is_correction": one.is_correction,
            "is_disputed": one.is_disputed,
        }
        for one in rows.order_by("-list__night", "-list__number", "-number")
    ]
