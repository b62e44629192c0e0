"""The writers of what families write about a day in the registers, and of what staff answer.

Nothing written here changes a mark. A member of staff does, with a reason, by the same action as any other
correction. Words are in no entry of the log.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.models import NOTE_CHARS_MAX, CurrentMark, FamilyNote
from willing.attendance.note_rules import decide_answer, decide_note
from willing.attendance.queries import find_current
from willing.attendance.rules import MarkMerge
from willing.audit.actions import record
from willing.audit.clock_state import recorded_before
from willing.consent.errors import not_a_guardian
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians, today

Kind, Outcome = FamilyNote.Kind, FamilyNote.Outcome


@dataclass(frozen=True)
class NewNote:
    """What a family writes. number: which of the day's registers; None for the day, which only a note may be.

    guardian: who writes; None for the person themselves.
    """

    kind: str
    day: date
    said: str
    number: int | None = None
    guardian: Guardian | None = None


@atomic
def write_note(person: Person, new: NewNote) -> FamilyNote:
    """Record a note or a request of correction; sent twice it is one.

    Raises Refused not_a_guardian, register_note_without_words, register_note_day_not_valid,
    correction_of_nothing, too_many_register_notes.
    """
    person = lock(Person.objects).select_related("school").get(pk=person.pk)
    if new.guardian and new.guardian not in listed_guardians(person.id):
        raise not_a_guardian()
    said = new.said.strip()[:NOTE_CHARS_MAX]
    mark = find_current(person.id, new.day, new.number)
    mine = FamilyNote.objects.filter(person=person, guardian=new.guardian, outcome="")
    same = mine.filter(kind=new.kind, day=new.day, number=new.number, said=said).first()
    if same:
        return same
    fault = decide_note(
        is_correction=new.kind == Kind.CORRECTION,
        has_words=bool(said),
        day=new.day,
        today=today(person.school),
        is_marked=mark is not None,
        is_open=mine.count(),
    )
    if fault:
        raise errors.note_not_valid(fault)
    written = FamilyNote.objects.create(
        person=person,
        guardian=new.guardian,
        kind=new.kind,
        day=new.day,
        number=new.number,
        seen_symbol=mark.symbol if mark else "",
        said=said,
        written_at=now(),
    )
    facts = {"kind": new.kind, "guardian": str(new.guardian.id) if new.guardian else None}
    record("register_note.received", subject=person.id, facts=facts, personal={})
    return written


@dataclass(frozen=True)
class NoteAnswer:
    """What staff answer. symbol: the code that the mark is corrected to; "" where it stays.

    seen: the number of the mark that staff had before them.
    """

    by: User
    text: str = ""
    symbol: str = ""
    seen: int = 0


@atomic
def answer_note(note_id: UUID, answer: NoteAnswer) -> FamilyNote:
    """Answer what a family wrote, once, and correct the mark where staff say so; the family gets an e-mail.

    Raises Refused register_note_answered, register_note_without_words, register_note_mark_changed and what
    a correction raises.
    """
    found = lock(FamilyNote.objects).select_related("person__school", "guardian").get(pk=note_id)
    text = answer.text.strip()[:NOTE_CHARS_MAX]
    held = find_current(found.person_id, found.day, found.number)
    fault = decide_answer(
        is_correction=found.kind == Kind.CORRECTION,
        is_open=not found.outcome,
        has_words=bool(text),
        wants_change=bool(answer.symbol),
        seen=answer.seen,
        holds=held.mark.number if held else 0,
    )
    if fault:
        raise errors.note_not_valid(fault)
    if held is not None and answer.symbol:
        _correct(found, held, answer, text)
    found.outcome = (
        Outcome.READ if found.kind == Kind.NOTE else Outcome.CORRECTED if answer.symbol else Outcome.KEPT
    )
    found.answer, found.answered_by, found.answered_at = text, answer.by, now()
    found.save(update_fields=["outcome", "answer", "answered_by", "answered_at"])
    facts = {
        "kind": found.kind,
        "outcome": str(found.outcome),
        "guardian": str(found.guardian_id) if found.guardian_id else None,
        "by": answer.by.pk,
    }
    record("register_note.answered", subject=found.person_id, facts=facts, personal={})
    if found.guardian and text:
        write_to([found.guardian], Topic.ANSWER, found.person)
    return found


def _correct(note: FamilyNote, held: CurrentMark, answer: NoteAnswer, text: str) -> None:
    new = NewMark(note.person_id, answer.symbol, None, text, answer.seen)
    (done,) = record_marks(held.register, [new], by=answer.by)
    if done.refused:
        raise done.refused
    if done.merge is not MarkMerge.CURRENT:
        raise errors.correction_changes_nothing()


@atomic
def move_notes(gone: Person, kept: Person) -> None:
    """Let what families wrote about one record be about another: both are one person."""
    FamilyNote.objects.filter(person=gone).update(person=kept)


@atomic
def move_guardian_notes(gone: Guardian, kept: Guardian) -> None:
    """Let what a guardian wrote by one record be written by another: both are one."""
    FamilyNote.objects.filter(guardian=gone).update(guardian=kept)


@atomic
def purge_notes(before: datetime, limit: int) -> int:
    """Delete what was written before then."""
    rows = FamilyNote.objects.filter(recorded_before("written_at", before))
    ids = list(rows.order_by("written_at", "id").values_list("id", flat=True)[:limit])
    FamilyNote.objects.filter(pk__in=ids).delete()
    return len(ids)
