"""The writer of extensions: the answer takes longer, and the family is notified why (GDPR article 12(3))."""

from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.complaints.errors import complaint_without_words, extension_not_possible
from willing.complaints.models import WORDS_MAX, Complaint, ComplaintWords
from willing.complaints.queries import due_of, extension_of
from willing.complaints.rules import may_extend
from willing.core.clock import now
from willing.core.transactions import atomic, lock


@atomic
def extend_answer(complaint_id: UUID, *, reason: str, by: User) -> Complaint:
    """Extend the time to answer a request, once, with a reason that the family reads on their page.

    Raises Refused complaint_without_words, extension_not_possible.
    """
    complaint = lock(Complaint.objects).select_related("person__school").get(pk=complaint_id)
    text = reason.strip()[:WORDS_MAX]
    if not text:
        raise complaint_without_words()
    may = may_extend(
        extension_of(complaint.person.school),
        is_open=complaint.is_open,
        is_extended=complaint.extended_at is not None,
        is_overdue=now() > due_of(complaint),
    )
    if not may:
        raise extension_not_possible()
    complaint.extended_at, complaint.extended_by = now(), by
    complaint.save(update_fields=["extended_at", "extended_by"])
    ComplaintWords.objects.update_or_create(complaint=complaint, defaults={"extension": text})
    facts = {
        "complaint": str(complaint.id),
        "guardian": str(complaint.guardian_id) if complaint.guardian_id else None,
        "until": due_of(complaint).isoformat(),
        "by": by.pk,
    }
    record("complaint.extended", subject=complaint.person_id, facts=facts, personal={})
    return complaint
