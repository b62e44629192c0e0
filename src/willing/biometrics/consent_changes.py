"""What spans consent and faces: a decision that withdraws a permission erases the template at once."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from willing.accounts.models import User
from willing.audit.actions import record_now
from willing.biometrics import errors
from willing.biometrics.erasure import Erasure, erase, erase_unpermitted
from willing.biometrics.generations import invalidate_gallery
from willing.biometrics.models import Template
from willing.biometrics.queries import comparable
from willing.consent import publishing
from willing.consent.decisions import NewDecision, record_decision, record_no
from willing.consent.models import Answer, Channel, Decision
from willing.consent.purposes import served_purposes
from willing.consent.queries import latest_decision, own_reader, permission, require_notice
from willing.core.transactions import atomic
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians


@dataclass(frozen=True)
class ConsentChange:
    """What an answer led to: the decision on record and, where it erased something, the receipt."""

    decision: Decision
    erasure: Erasure | None


@atomic
def record_consent(word: NewDecision) -> ConsentChange:
    """Record an answer and, where no permission is left after it, erase the template at once.

    A yes to a notice that had changed lets a suspended template be compared again.
    """
    decision = record_decision(word)
    erasure = erase_unpermitted(word.person, [word.purpose], cause=f"consent.{word.answer}")
    rebind_to_current_decisions(Template.objects.filter(person=word.person, purpose=word.purpose))
    return ConsentChange(decision, erasure)


def rebind_to_current_decisions(rows: QuerySet[Template]) -> None:
    """Bind templates to the decisions that permit them today, so that a search finds them again."""
    for row in rows.select_related("person").defer("sealed"):
        found = permission(row.person, row.purpose)
        rests_on = (found.own_decision, found.guardian_decision)
        if found.granted and rests_on != (row.own_decision_id, row.guardian_decision_id):
            Template.objects.filter(pk=row.pk).update(
                own_decision_id=found.own_decision, guardian_decision_id=found.guardian_decision
            )
            invalidate_gallery(row.person.school_id, row.purpose)


@atomic
def publish_notices() -> int:
    """Publish changed notices, and take out of every search whom a material change suspends at once.

    Return how many were new. The retention job erases what is suspended and not agreed to again in time.
    """
    usable_before = _usable_faces()
    published = publishing.publish_notices()
    # Another guardian's yes may be to a text that did not change.
    rebind_to_current_decisions(Template.objects.all())
    _ask_again(usable_before - _usable_faces())
    for row in Template.objects.values("person__school_id", "purpose").distinct():
        invalidate_gallery(row["person__school_id"], row["purpose"])
    return published


def _usable_faces() -> set[UUID]:
    """Return whose template may be compared at all, by the person's id."""
    return {
        person_id
        for purpose in served_purposes()
        for person_id in comparable(Template.objects.all(), purpose).values_list("person_id", flat=True)
    }


def _ask_again(person_ids: set[UUID]) -> None:
    """Write to the guardians of the people whose faces are suspended until they have answered again."""
    for person in Person.objects.filter(pk__in=person_ids).select_related("school").order_by("pk"):
        write_to(listed_guardians(person.pk), Topic.NOTICE, person)


@dataclass(frozen=True)
class RecordedRefusal:
    """What a refusal recorded by staff changed: the decisions it added, and the receipt of an erasure."""

    decisions: int
    erasure: Erasure | None


@atomic
def record_refusal(person: Person, guardian: Guardian | None, *, by: User) -> RecordedRefusal:
    """Record a refusal that any member of staff heard, for every purpose; erase what nothing permits now.

    guardian: who said it, by telephone or in passing; None where it is the person's own no, at any age.
    """
    added = record_no(person, guardian, by=by)
    return RecordedRefusal(len(added), erase_unpermitted(person, None, cause="consent.no"))


@atomic
def stop_using_face(person: Person, *, channel: str, recorded_by: User | None) -> Erasure:
    """Record the person's own withdrawal for every purpose they agreed to, and erase every template.

    Raises Refused no_face_to_erase where there is neither a template nor a yes to withdraw.
    """
    found = Template.objects.filter(person=person).exists()
    for purpose in served_purposes():
        last = latest_decision(person, purpose, None)
        if last and last.answer == Answer.YES:
            found = True
            notice = require_notice(purpose, own_reader(person), "en")
            word = NewDecision(person, purpose, Answer.WITHDRAWN, notice, channel, recorded_by=recorded_by)
            record_decision(word)
    if not found:
        raise errors.no_face_to_erase()
    erasure = erase(person, list(served_purposes()), cause="stopped")
    if erasure is None:
        facts = {"keys_destroyed": 0, "cause": "stopped"}
        entry = record_now("face.erased", subject=person.id, facts=facts, personal={})
        erasure = Erasure(person.id, log_sequence=entry.sequence)
    return erasure


@atomic
def withdraw_own_consent(person: Person) -> Erasure | None:
    """Record the person's own no for every purpose, at any age, and erase their face.

    Return the receipt, or None where no face was stored. Pressed again it changes nothing.
    """
    erasure = None
    for purpose in served_purposes():
        notice = require_notice(purpose, own_reader(person), "en")
        last = latest_decision(person, purpose, None)
        if last is None or last.answer != Answer.NO:
            word = NewDecision(person, purpose, Answer.NO, last.notice if last else notice, Channel.PORTAL)
            erasure = record_consent(word).erasure or erasure
    return erasure
