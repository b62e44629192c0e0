"""What was decided about a person's face, by whom, after which notice."""

from typing import Any

from willing.consent.models import Decision, Excuse, Notification
from willing.consent.purposes import served_purposes
from willing.consent.queries import permission
from willing.consent_forms.queries import forms_of
from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso


def permissions(person: Person) -> list[dict[str, Any]]:
    """Return, for each purpose, whether a face may be used, and what is missing."""
    found = {purpose.value: permission(person, purpose) for purpose in served_purposes()}
    return [
        {
            "purpose": purpose,
            "granted": one.granted,
            "missing": list(one.reasons),
            "suspended_since": iso(one.suspended_since),
            "suspended_until": iso(one.suspended_until),
        }
        for purpose, one in found.items()
    ]


def notifications(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return when which guardian was notified of which notice."""
    rows = Notification.objects.filter(person=person).select_related("notice", "guardian")
    return [
        {
            "guardian": row.guardian.name,
            "purpose": row.purpose,
            "notice_sha256": row.notice.sha256,
            "channel": row.channel,
            "at": iso(row.at),
        }
        for row in rows.order_by("at")
        if reader.sees_of(row.guardian_id)
    ]


def excuses(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return why a guardian need not be notified. For the office only: it may protect the child from one."""
    rows = Excuse.objects.filter(person=person).select_related("guardian").order_by("at")
    return [
        {
            "guardian": row.guardian.name,
            "reason": row.reason,
            "at": iso(row.at),
            "ended_at": iso(row.ended_at),
        }
        for row in rows
        if reader.is_office
    ]


def decisions(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return everything that was decided about a person's face."""
    rows = Decision.objects.filter(person=person).select_related("notice", "guardian", "recorded_by", "undo")
    return [
        {
            "by": row.guardian.name if row.guardian else "the person",
            "purpose": row.purpose,
            "answer": row.answer,
            "channel": row.channel,
            "entered_by": row.recorded_by.get_full_name() if row.recorded_by else None,
            "notice_version": row.notice.version,
            "notice_sha256": row.notice.sha256,
            "at": iso(row.at),
            "undone_at": iso(row.undo.at) if hasattr(row, "undo") else None,
        }
        for row in rows.order_by("id")
        if reader.sees_of(row.guardian_id)
    ]


def signed_forms(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return which signed forms are kept; the scan is shown at the office, where each view is logged."""
    signers = dict(
        Decision.objects.filter(person=person).exclude(form_id=None).values_list("form_id", "guardian_id")
    )
    return [
        {"kind": paper.kind, "size_bytes": paper.size_bytes, "at": iso(paper.at)}
        for paper in forms_of(person)
        if reader.sees_of(signers.get(paper.id))
    ]
