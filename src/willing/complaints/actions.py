"""The only writers of complaints: reporting, asking, answering, and the end of the words."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from willing.accounts.models import User
from willing.audit.actions import record
from willing.audit.clock_state import recorded_before
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.queries import has_face
from willing.biometrics.suspension import resume_face, suspend_face
from willing.complaints.errors import (
    complaint_about_nothing,
    complaint_answered,
    complaint_without_words,
    identity_not_checked,
    merge_two_open_reports,
    request_day_not_valid,
    too_many_complaints,
)
from willing.complaints.models import WORDS_MAX, Complaint, ComplaintWords
from willing.complaints.rules import OPEN_MAX, PAUSING, needs_identity, needs_words
from willing.consent.errors import not_a_guardian
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians, today
from willing.terminals.models import Way
from willing.till.models import Sale
from willing.till.refund_models import Refund
from willing.till.refunds import RefundedBy, refund_sale

Row = TypeVar("Row", FaceSession, Sale)
Kind, Outcome, RaisedBy = Complaint.Kind, Complaint.Outcome, Complaint.RaisedBy


@dataclass(frozen=True)
class NewComplaint:
    """What is reported or asked for. sale, face_session: the charge or the use of the camera it is about.

    guardian: who reports; taken_by: the member of staff who took it down; neither: the person themselves.
    channel, received_on, identity: how it came to them, on which day, and how they knew who asked.
    """

    kind: str
    sale: UUID | None = None
    face_session: UUID | None = None
    said: str = ""
    guardian: Guardian | None = None
    taken_by: User | None = None
    channel: str = ""
    received_on: date | None = None
    identity: str = ""

    @property
    def raised_by(self) -> str:
        """Whose words these are."""
        if self.guardian:
            return RaisedBy.GUARDIAN
        return RaisedBy.OFFICE if self.taken_by else RaisedBy.PUPIL


@atomic
def raise_complaint(person: Person, new: NewComplaint) -> Complaint:
    """Record what someone reports or asks for about a person. Pressed twice it is recorded once.

    An objection or a request to pause takes the face out of every search at once, before anyone decided.
    Raises Refused complaint_about_nothing, complaint_without_words, too_many_complaints, not_a_guardian,
    request_day_not_valid.
    """
    person = lock(Person.objects).get(pk=person.pk)
    if new.guardian and new.guardian not in listed_guardians(person.id):
        raise not_a_guardian()
    said = new.said.strip()[:WORDS_MAX]
    if needs_words(new.kind) and not said:
        raise complaint_without_words()
    if new.received_on is not None and new.received_on > today(person.school):
        raise request_day_not_valid()
    sale, session = _about(person, new)
    earlier = _find_open(person, new, sale, session)
    if earlier:
        return earlier
    if _mine(person, new).count() >= OPEN_MAX:
        raise too_many_complaints()
    complaint = Complaint.objects.create(
        school=person.school,
        person=person,
        kind=new.kind,
        sale=sale,
        face_session=session,
        raised_by=new.raised_by,
        guardian=new.guardian,
        user=new.taken_by,
        raised_at=now(),
        channel=new.channel if new.taken_by else Complaint.Came.PAGE,
        received_on=new.received_on if new.taken_by else None,
    )
    ComplaintWords.objects.create(complaint=complaint, said=said, identity=new.identity.strip())
    facts = {
        "complaint": str(complaint.id),
        "kind": new.kind,
        "raised_by": new.raised_by,
        "by": new.taken_by.pk if new.taken_by else None,
        "guardian": str(new.guardian.id) if new.guardian else None,
    }
    record("complaint.raised", subject=person.id, facts=facts, personal={})
    if new.kind in PAUSING and has_face(person):
        suspend_face(person, reason=Template.Suspension.ASKED, by=new.taken_by)
    return complaint


def _about(person: Person, new: NewComplaint) -> tuple[Sale | None, UUID | None]:
    """Return the person's own charge and use of the camera that a report is about.

    A use of the camera that was paid with brings its charge along, so that the money can go back.
    """
    if new.kind not in (Kind.WRONG_CHARGE, Kind.WRONG_RECOGNITION):
        return None, None
    session = _find(FaceSession.objects.filter(person=person), new.face_session)
    sales = Sale.objects.filter(person=person)
    sale = sales.filter(basket_id=session.occasion_id).first() if session else _find(sales, new.sale)
    is_by_face = session is not None or (sale is not None and sale.way == Way.FACE)
    if (sale is None and session is None) or (new.kind == Kind.WRONG_RECOGNITION and not is_by_face):
        raise complaint_about_nothing()
    if new.kind == Kind.WRONG_CHARGE and sale is None:
        raise complaint_about_nothing()
    return sale, session.id if session else None


def _find(rows: QuerySet[Row], wanted: UUID | None) -> Row | None:
    return rows.filter(pk=wanted).first() if wanted else None


def _mine(person: Person, new: NewComplaint) -> QuerySet[Complaint]:
    """Return what the same voice has reported about a person and was not answered yet."""
    return Complaint.objects.filter(person=person, raised_by=new.raised_by, guardian=new.guardian, outcome="")


def _find_open(
    person: Person, new: NewComplaint, sale: Sale | None, session: UUID | None
) -> Complaint | None:
    mine = _mine(person, new)
    if sale is None and session is None:
        return mine.filter(kind=new.kind, words__said=new.said.strip()[:WORDS_MAX]).first()
    same_sale = Q(sale=sale) if sale else Q(pk=None)
    same_use = Q(face_session=session) if session else Q(pk=None)
    return mine.filter(same_sale | same_use).first()


@dataclass(frozen=True)
class ComplaintAnswer:
    """What the school answers: whether the report was right (or the request is granted), and in words.

    identity: how staff knew who asked, where that is not on record yet.
    """

    is_confirmed: bool
    text: str
    by: User
    identity: str = ""


@atomic
def answer_complaint(complaint_id: UUID, answer: ComplaintAnswer) -> Complaint:
    """Answer a complaint, once; in the same transaction do what follows.

    A wrong charge goes back whole. After a wrong recognition the face that was matched is compared with
    nobody until the office has looked into it, and what it paid for goes back. A request to pause that was
    not right is lifted.
    Raises Refused complaint_answered, complaint_without_words, identity_not_checked.
    """
    complaint = lock(Complaint.objects).select_related("person__school").get(pk=complaint_id)
    text = answer.text.strip()[:WORDS_MAX]
    if not text:
        raise complaint_without_words()
    if not complaint.is_open:
        raise complaint_answered()
    words, _ = ComplaintWords.objects.get_or_create(complaint=complaint)
    identity = answer.identity.strip() or words.identity
    if answer.is_confirmed and needs_identity(complaint.kind, complaint.raised_by) and not identity:
        raise identity_not_checked()
    complaint.outcome = Outcome.CONFIRMED if answer.is_confirmed else Outcome.NOT_CONFIRMED
    complaint.answered_by, complaint.answered_at = answer.by, now()
    complaint.save(update_fields=["outcome", "answered_by", "answered_at"])
    words.answer, words.identity = text, identity
    words.save(update_fields=["answer", "identity"])
    facts = {
        "complaint": str(complaint.id),
        "kind": complaint.kind,
        "outcome": str(complaint.outcome),
        "guardian": str(complaint.guardian_id) if complaint.guardian_id else None,
        "by": answer.by.pk,
    }
    record("complaint.answered", subject=complaint.person_id, facts=facts, personal={})
    _follow(complaint, answer.by)
    if complaint.guardian:
        write_to([complaint.guardian], Topic.ANSWER, complaint.person)
    return complaint


def _follow(complaint: Complaint, by: User) -> None:
    is_confirmed, person = complaint.outcome == Outcome.CONFIRMED, complaint.person
    if is_confirmed and complaint.kind == Kind.WRONG_RECOGNITION and has_face(person):
        suspend_face(person, reason=Template.Suspension.WRONG_PERSON, by=by)
    if is_confirmed and complaint.sale:
        complaint.refund = _refund(complaint, complaint.sale, by)
        complaint.save(update_fields=["refund"])
    if not is_confirmed and complaint.kind in PAUSING and not _is_paused_for_others(complaint):
        held = Template.objects.filter(person=person, suspended_for=Template.Suspension.ASKED)
        for purpose in held.values_list("purpose", flat=True):
            resume_face(person, by=by, purpose=purpose)


def _refund(complaint: Complaint, sale: Sale, by: User) -> Refund:
    """Return what is left of the sale, refunded; or the refund that left nothing of it."""
    if sale.refunded == Sale.Refunded.WHOLE:
        return Refund.objects.filter(sale=sale).latest("at")
    return refund_sale(sale.id, key=derive_id(complaint.id, "refund"), by=RefundedBy(user=by))


def _is_paused_for_others(complaint: Complaint) -> bool:
    """Return whether there is another request to suspend, not answered yet or granted."""
    others = Complaint.objects.filter(person=complaint.person_id, kind__in=PAUSING).exclude(pk=complaint.pk)
    return others.exclude(outcome=Outcome.NOT_CONFIRMED).exists()


@atomic
def move_complaints(gone: Person, kept: Person) -> int:
    """Let what families reported about one record be about another: both are one person. Return how many."""
    return Complaint.objects.filter(person=gone).update(person=kept)


@atomic
def move_guardian_complaints(gone: Guardian, kept: Guardian) -> int:
    """Let what a guardian reported by one record be reported by another: both are one. Return how many.

    Raises Refused merge_two_open_reports where both have the same thing open.
    """
    theirs = Complaint.objects.filter(guardian=gone)
    for field in ("sale", "face_session"):
        about = theirs.filter(outcome="").exclude(**{field: None}).values(field)
        if Complaint.objects.filter(guardian=kept, outcome="", **{f"{field}__in": about}).exists():
            raise merge_two_open_reports()
    return theirs.update(guardian=kept)


@atomic
def purge_complaints(before: datetime, limit: int) -> int:
    """Delete what was answered before then, and whatever is about people who left before then."""
    rows = Complaint.objects.filter(
        recorded_before("answered_at", before) | recorded_before("person__left_at", before)
    )
    ids = list(rows.order_by("raised_at", "id").values_list("id", flat=True)[:limit])
    Complaint.objects.filter(pk__in=ids).delete()
    return len(ids)
