"""Reads of what families wrote about marks: what waits for an answer, and what each reader may see."""

from willing.attendance.models import FamilyNote
from willing.people.models import Guardian, Person, School


def open_notes(school: School, *, limit: int = 200) -> list[FamilyNote]:
    """Return what families wrote and no one has answered, the oldest first."""
    found = FamilyNote.objects.filter(outcome="", person__school=school)
    return list(found.select_related("person__year_group", "guardian").order_by("written_at", "id")[:limit])


def count_open_notes(school: School) -> int:
    """Return how much of what families wrote waits for an answer."""
    return FamilyNote.objects.filter(outcome="", person__school=school).count()


def notes_of(person: Person, *, guardian: Guardian | None = None, is_staff: bool = False) -> list[FamilyNote]:
    """Return what was written about a pupil, the latest first: of families each writer's own only.

    guardian: who reads; None for the pupil. is_staff: staff read all.
    """
    rows = FamilyNote.objects.filter(person=person).select_related("guardian", "answered_by")
    if not is_staff:
        rows = rows.filter(guardian=guardian)
    return list(rows.order_by("-written_at", "-id"))
