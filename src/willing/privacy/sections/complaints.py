"""What a person and their guardians reported and asked for."""

from typing import Any

from django.db.models import Q, QuerySet

from willing.complaints.models import Complaint
from willing.complaints.queries import due_of
from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso


def complaints_of(person: Person, reader: RecordReader) -> QuerySet[Complaint]:
    """Return what was reported and asked about a person, newest first; of guardians, the reader's only."""
    rows = Complaint.objects.filter(person=person).select_related("words", "sale", "refund", "person__school")
    rows = rows.order_by("-raised_at")
    if reader.guardian:
        rows = rows.filter(Q(guardian=None) | Q(guardian=reader.guardian))
    return rows


def may_read_words(complaint: Complaint, reader: RecordReader) -> bool:
    """Return whether the reader may read what was written: the office may, and the person who wrote it."""
    if reader.is_office or complaint.raised_by == Complaint.RaisedBy.OFFICE:
        return True
    if reader.guardian:
        return complaint.guardian_id == reader.guardian.id
    return complaint.raised_by == Complaint.RaisedBy.PUPIL


def complaints(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return what was reported and asked for about a person."""
    return [
        {
            "kind": row.kind,
            "raised_by": row.raised_by,
            "receipt_number": row.sale.receipt_number if row.sale else None,
            "said": row.words.said if may_read_words(row, reader) else None,
            "at": iso(row.raised_at),
            "outcome": row.outcome or None,
            "answer": row.words.answer if may_read_words(row, reader) else None,
            "answered_at": iso(row.answered_at),
            "came": row.channel or None,
            "received_on": row.received_on.isoformat() if row.received_on else None,
            "answer_by": iso(due_of(row)),
            "extended_at": iso(row.extended_at),
            "extension": row.words.extension if may_read_words(row, reader) else None,
            "identity": row.words.identity if may_read_words(row, reader) else None,
            "given_back_minor": row.refund.total_minor if row.refund else None,
        }
        for row in complaints_of(person, reader)
    ]
