"""What is planned of a person's absence: leave, illness, trips."""

from typing import Any

from willing.leave.models import Leave, TripPupil
from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso


def planned_absences(person: Person, reader: RecordReader, newest: int | None = None) -> list[dict[str, Any]]:
    """Return every leave and trip, the newest first; of guardians' words and answers, the reader's only.

    newest: so many at most; None for all. Which of the staff agreed is no data about the pupil.
    """
    rows = Leave.objects.filter(person=person).select_related("words", "asked_by")
    rows = rows.prefetch_related("answers__guardian", "approvals")
    leaves = [_leave(one, reader) for one in rows.order_by("-first_day", "-id")[:newest]]
    goes = TripPupil.objects.filter(person=person).select_related("trip")
    trips = [
        {
            "kind": str(one.trip.get_kind_display()),
            "name": one.trip.name,
            "first_day": one.trip.first_day.isoformat(),
            "last_day": one.trip.last_day.isoformat(),
            "signed_out_at": iso(one.trip.departed_at),
            "back_at": iso(one.trip.returned_at),
            "is_cancelled": one.trip.cancelled_at is not None or one.removed_at is not None,
        }
        for one in goes.order_by("-trip__first_day", "-id")[:newest]
    ]
    return sorted(leaves + trips, key=lambda one: str(one["first_day"]), reverse=True)[:newest]


def _leave(one: Leave, reader: RecordReader) -> dict[str, Any]:
    words = getattr(one, "words", None)
    return {
        "kind": str(one.get_kind_display()),
        "first_day": one.first_day.isoformat(),
        "last_day": one.last_day.isoformat(),
        "from_time": one.from_time.isoformat("minutes") if one.from_time else "",
        "until_time": one.until_time.isoformat("minutes") if one.until_time else "",
        "state": str(one.get_state_display()),
        "asked_at": iso(one.asked_at),
        "said": words.text if words is not None and _may_read_words(one, reader) else "",
        "answers": [
            {
                "guardian": said.guardian.name,
                "answer": "yes" if said.is_yes else "no",
                "reached": said.reached,
            }
            for said in one.answers.all()
            if reader.is_office or (not reader.is_person and reader.sees_of(said.guardian_id))
        ],
        "approvals": one.approvals.count(),
        "refusal": one.refusal,
        "signed_out_at": iso(one.signed_out_at),
        "back_at": iso(one.back_at),
    }


def _may_read_words(one: Leave, reader: RecordReader) -> bool:
    """Say whether a reader may read why: a guardian's words are that guardian's, and the office's to read.

    What the pupil or the office wrote is about the pupil: they and every guardian read it.
    """
    if one.asked_by.guardian_id is None or reader.is_office:
        return True
    return not reader.is_person and reader.sees_of(one.asked_by.guardian_id)
