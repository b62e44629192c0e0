"""The lines of a family page: purchases and uses of the face, each with its receipt and what was reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.biometrics.models import FaceSession
from willing.biometrics.queries import places_of, uses_of_face
from willing.complaints.labels import describe_refund
from willing.complaints.models import Complaint
from willing.complaints.queries import due_of
from willing.consent.models import Answer, Purpose
from willing.people.models import Guardian, Person
from willing.privacy.readers import RecordReader, may_read_entry
from willing.privacy.sections.complaints import complaints_of, may_read_words
from willing.till.models import Sale
from willing.till.queries import sales_of_person

SHOWN, SHOWN_ON_REQUEST = 5, 200
# What families get a receipt for; everything else in the log is in the list of all that is held.
RECEIPTED = (
    "sale.settled",
    "sale.refunded",
    "sale.voided",
    "consent.decided",
    "face.erased",
    "face.suspended",
    "limits.set",
)


@dataclass(frozen=True)
class ReportedLine:
    """What was reported and, where the reader may read them, the words."""

    complaint: Complaint
    said: str
    answer: str
    extension: str = ""

    @property
    def due_at(self) -> datetime:
        """Until when the school answers."""
        return due_of(self.complaint)

    @property
    def given_back(self) -> list[str]:
        """What went back because of it and where it is; the statement names it too."""
        refund = self.complaint.refund
        return describe_refund(refund, self.complaint.person.school) if refund else []


@dataclass(frozen=True)
class PurchaseLine:
    """A purchase; receipt: the log's entry about it."""

    sale: Sale
    receipt: int | None
    report: ReportedLine | None


@dataclass(frozen=True)
class FaceUseLine:
    """A use of the face; report: also of the charge that it paid."""

    session: FaceSession
    place: str
    report: ReportedLine | None


def reports(person: Person, reader: RecordReader) -> list[ReportedLine]:
    """Return what the reader may know of reports about a person, newest first."""
    return [_report(one, reader) for one in complaints_of(person, reader)]


def _report(complaint: Complaint, reader: RecordReader) -> ReportedLine:
    if not may_read_words(complaint, reader):
        return ReportedLine(complaint, "", "")
    return ReportedLine(complaint, complaint.words.said, complaint.words.answer, complaint.words.extension)


def bought(person: Person, reported: Sequence[ReportedLine], *, shown: int) -> list[PurchaseLine]:
    """Return a person's newest purchases."""
    # Terminals apart: joined, SQLite would begin with them, and read all baskets of the school.
    sales = list(sales_of_person(person).prefetch_related("basket__terminal")[:shown])
    by_sale = {one.complaint.sale_id: one for one in reversed(reported) if one.complaint.sale_id}
    receipts = _receipts(person, sales)
    return [PurchaseLine(sale, receipts.get(str(sale.id)), by_sale.get(sale.id)) for sale in sales]


def _receipts(person: Person, sales: Sequence[Sale]) -> dict[str, int]:
    """Return the log's entries about sales, by the sale's id."""
    oldest = min((sale.settled_at for sale in sales), default=None)
    if oldest is None:
        return {}
    since = oldest - timedelta(minutes=1)  # the entry is written a moment after the row's own time
    # By whom it is about alone: by the event too, SQLite would read that of every sale of the school.
    rows = Entry.objects.filter(subject=person.id, at__gte=since).only("sequence", "event", "hashed")
    return {facts_of(one)["sale"]: one.sequence for one in rows if one.event == "sale.settled"}


def uses(person: Person, reported: Sequence[ReportedLine], *, shown: int) -> list[FaceUseLine]:
    """Return the newest times that a person's face was recognised."""
    sessions = list(uses_of_face(person)[:shown])
    places = places_of(sessions)
    by_use: dict[UUID | None, ReportedLine] = {one.complaint.face_session: one for one in reversed(reported)}
    by_basket = {one.complaint.sale.basket_id: one for one in reversed(reported) if one.complaint.sale}
    return [
        FaceUseLine(one, places[one.id], by_use.get(one.id) or by_basket.get(one.occasion_id))
        for one in sessions
    ]


def receipts(person: Person, reader: RecordReader, *events: str) -> list[Entry]:
    """Return the log's entries of some events that the reader gets a receipt for, newest first."""
    rows = Entry.objects.filter(subject=person.id, event__in=events).order_by("-sequence")
    return [one for one in rows if may_read_entry(one, reader)]


@dataclass(frozen=True)
class DecisionLine:
    """A decision in the log: of the guardian who reads, or of the child."""

    entry: Entry
    purpose: str
    answer: str
    who: str


def decided(person: Person, guardian: Guardian) -> list[DecisionLine]:
    """Return what a guardian and their child decided, newest first."""
    found = []
    for entry in receipts(person, RecordReader(guardian=guardian), "consent.decided"):
        facts = facts_of(entry)
        who = person.given_name if facts["by"] == "self" else guardian.name
        purpose, answer = Purpose(facts["purpose"]).label, Answer(facts["answer"]).label
        found.append(DecisionLine(entry, str(purpose), str(answer), who))
    return found


def find_receipt(person: Person, reader: RecordReader, sequence: int) -> Entry | None:
    """Return an entry about a person that the reader gets a receipt for, or None."""
    entry = Entry.objects.filter(pk=sequence, subject=person.id, event__in=RECEIPTED).first()
    return entry if entry and may_read_entry(entry, reader) else None
