"""What registers say about a person, and in whose they are."""

from typing import Any
from uuid import UUID

from willing.attendance.message_models import AbsenceMessage
from willing.attendance.models import (
    FamilyNote,
    GroupMember,
    GroupTeacher,
    Mark,
    RollName,
    RollReturn,
    SetCode,
)
from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso


def registers(person: Person, newest: int | None = None) -> list[dict[str, Any]]:
    """Return every mark of a person, the newest first, also those that another replaced.

    newest: of those made last so many at most; None for all. Who made a mark is no data about the pupil.
    """
    rows = Mark.objects.filter(person=person)
    if newest is not None:
        # By their own index: to sort by day, PostgreSQL reads all marks of the school, register by register.
        rows = rows.filter(pk__in=_made_last(person, newest))
    found = [
        {
            "day": one.register.day.isoformat(),
            "register": one.register.number,
            "group": one.register.group.title,
            "code": one.symbol,
            "minutes_late": one.minutes_late,
            "source": str(one.get_source_display()),
            "reason": one.reason,
            "recorded_at": iso(one.recorded_at),
            "device_at": iso(one.device_at),
            "is_disputed": one.is_disputed,
        }
        for one in rows.select_related("register__group__year_group").order_by(
            "-register__day", "-register__number", "-number"
        )
    ]
    return found + _roll_name(person)


def _made_last(person: Person, newest: int) -> list[UUID]:
    rows = Mark.objects.filter(person=person).order_by("-recorded_at", "-number")
    return list(rows.values_list("pk", flat=True)[:newest])


def _roll_name(person: Person) -> list[dict[str, Any]]:
    kept = RollName.objects.filter(person=person).first()
    if kept is None:
        return []
    return [
        {
            "given_name": kept.given_name,
            "family_name": kept.family_name,
            "birth_date": kept.birth_date.isoformat() if kept.birth_date else "",
            "group": kept.class_name,
        }
    ]


def register_groups(person: Person) -> list[dict[str, Any]]:
    """Return the groups that a person is in beside the class, and those whose register they take."""
    groups = [
        {
            "group": one.group.title,
            "first_day": one.first_day.isoformat(),
            "last_day": one.last_day.isoformat() if one.last_day else "",
        }
        for one in GroupMember.objects.filter(person=person)
        .select_related("group")
        .order_by("first_day", "id")
    ]
    taken = GroupTeacher.objects.filter(user__person=person).select_related("group__year_group")
    return groups + [{"group": one.group.title, "takes_it": True} for one in taken.order_by("id")]


def set_codes(person: Person) -> list[dict[str, Any]]:
    """Return the codes that were set for a person by name; those set for groups or all are in the marks."""
    rows = SetCode.objects.filter(whom__person=person).order_by("number")
    return [
        {
            "code": one.symbol,
            "first_day": one.first_day.isoformat(),
            "last_day": one.last_day.isoformat(),
            "reason": one.reason,
            "at": iso(one.set_at),
            "undone_at": iso(one.undone_at),
        }
        for one in rows
    ]


def register_notes(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return what was written about days in the registers: of guardians and pupil, each reads their own."""
    rows = FamilyNote.objects.filter(person=person)
    if not reader.is_office:
        rows = rows.filter(guardian=reader.guardian)
    return [
        {
            "kind": one.kind,
            "raised_by": "guardian" if one.guardian_id else "pupil",
            "day": one.day.isoformat(),
            "register": one.number,
            "code": one.seen_symbol or None,
            "said": one.said,
            "at": iso(one.written_at),
            "outcome": one.outcome or None,
            "answer": one.answer or None,
            "answered_at": iso(one.answered_at),
        }
        for one in rows.order_by("-written_at", "-id")
    ]


def roll_returns(person: Person) -> list[dict[str, Any]]:
    """Return when the school named the pupil to its authority as new or as having left."""
    rows = RollReturn.objects.filter(person=person).order_by("day", "kind")
    return [{"kind": one.kind, "day": one.day.isoformat(), "at": iso(one.sent_at)} for one in rows]


def absence_messages(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return when the school asked where a person is; of guardians, what went to the reader only."""
    rows = AbsenceMessage.objects.filter(person=person).select_related("run")
    found = []
    for one in rows.prefetch_related("tries__guardian").order_by("-day", "-number", "-id"):
        tries = [
            {
                "to": attempt.guardian.name,
                "channel": attempt.channel,
                "is_here": attempt.is_clear,
                "state": attempt.state,
                "at": iso(attempt.begun_at),
                "answer": attempt.answer or None,
            }
            for attempt in one.tries.all()
            if reader.sees_of(attempt.guardian_id)
        ]
        if not reader.is_office and not tries:
            continue  # it reached another guardian, or nobody
        found.append(
            {
                "day": one.day.isoformat(),
                "register": one.number,
                "state": one.state,
                "reason": one.reason or None,
                "cleared_as": one.cleared_as or None,
                "reached_at": iso(one.reached_at),
                "at": iso(one.run.staged_at),
                "tries": tries,
            }
        )
    return found
