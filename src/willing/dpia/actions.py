"""The only writers of assessments, and of the lock by hand.

Locking also closes open cameras; that deed spans rooms and lives in `biometrics.face_sessions.lock_faces`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import rfc8785

from willing.accounts.models import Role, User
from willing.audit.actions import record
from willing.audit.journal import note
from willing.core.clock import now
from willing.core.numbers import next_number
from willing.core.transactions import atomic, lock
from willing.dpia import errors
from willing.dpia.fuses import clear_if_in_date
from willing.dpia.lock_log import record_lock
from willing.dpia.models import (
    AssessmentReading,
    FamilyConsultation,
    Incident,
    ManualLock,
    Risk,
    RiskReview,
    SignedAssessment,
)
from willing.dpia.preparation import preparation_of
from willing.dpia.queries import latest_reading, next_version, require_dpo
from willing.dpia.rules import is_review_date, why_not_signed
from willing.people.models import School
from willing.people.queries import today

# What stands for the reason, which is text and so not in the journal.
REPLAYED = "Locked before the database was restored"


def freeze(content: Mapping[str, Any]) -> tuple[str, str]:
    """Return the canonical JSON (RFC 8785) of an assessment and the SHA-256 of its bytes, in hexadecimal."""
    canonical = rfc8785.dumps(content)
    return canonical.decode(), hashlib.sha256(canonical).hexdigest()


@atomic
def sign_assessment(
    school: School, content: Mapping[str, Any], *, review_on: date, by: User
) -> SignedAssessment:
    """Sign `content` as the next version, once risks were considered and `by` has read exactly this.

    What the content is, `documents.actions.sign_dpia` sees to.
    Raises Refused not_the_dpo, review_date_not_valid, risks_not_considered, assessment_not_read.
    """
    require_dpo(by, school)
    if not is_review_date(review_on, today(school)):
        raise errors.review_date_not_valid()
    _lock_school(school)
    canonical, sha256 = freeze(content)
    missing = why_not_signed(preparation_of(school, sha256=sha256, by=by))
    if missing:
        raise errors.risks_not_considered() if missing == "risks" else errors.assessment_not_read()
    signed = SignedAssessment.objects.create(
        school=school,
        version=next_version(school),
        content=canonical,
        sha256=sha256,
        signed_by=by,
        signed_at=now(),
        review_on=review_on,
    )
    facts = {"version": signed.version, "sha256": sha256, "review_on": review_on.isoformat(), "by": by.pk}
    record("assessment.signed", subject=school.id, facts=facts, personal={})
    clear_if_in_date(school)
    record_lock(school)
    return signed


@atomic
def record_reading(school: School, content: Mapping[str, Any], *, by: User) -> AssessmentReading:
    """Record that the officer has read an assessment to its end; once for each text. Raises not_the_dpo."""
    require_dpo(by, school)
    _lock_school(school)
    sha256 = freeze(content)[1]
    earlier = latest_reading(school, sha256, by)
    if earlier is not None:
        return earlier
    version = next_version(school)
    row = AssessmentReading.objects.create(school=school, sha256=sha256, for_version=version, by=by, at=now())
    record(
        "assessment.reading_confirmed", subject=school.id, facts={"sha256": sha256, "by": by.pk}, personal={}
    )
    return row


@dataclass(frozen=True)
class Consultation:
    """How families were asked: on which day, how, how many families were reached, what they said."""

    asked_on: date
    how: str
    families_reached: int
    said: str


@atomic
def record_consultation(school: School, asked: Consultation, *, by: User) -> FamilyConsultation:
    """Record that families were asked. Raises Refused families_not_reached."""
    how, said = asked.how.strip(), asked.said.strip()
    if not how or not said or asked.families_reached < 1 or asked.asked_on > today(school):
        raise errors.families_not_reached()
    _lock_school(school)
    row = FamilyConsultation.objects.create(
        school=school,
        asked_on=asked.asked_on,
        how=how,
        families_reached=asked.families_reached,
        said=said,
        recorded_by=by,
        recorded_at=now(),
    )
    facts = {"asked_on": row.asked_on.isoformat(), "reached": row.families_reached, "by": by.pk}
    record(
        "assessment.families_consulted", subject=school.id, facts=facts, personal={"how": how, "said": said}
    )
    clear_if_in_date(school)
    record_lock(school)
    return row


@atomic
def set_manual_lock(school: School, *, is_locked: bool, reason: str, by: User) -> ManualLock:
    """Lock or unlock by hand. Unlocking only takes the hand away: what else keeps it shut stays.

    Raises Refused not_the_dpo, reason_missing. Setting it to what it is already changes nothing.
    """
    require_dpo(by, school)
    if not reason.strip():
        raise errors.reason_missing()
    _lock_school(school)
    last = ManualLock.objects.filter(school=school).order_by("-number").first()
    if last is not None and last.is_locked == is_locked:
        return last
    turned = ManualLock.objects.create(
        school=school,
        number=next_number(ManualLock.objects.filter(school=school)),
        is_locked=is_locked,
        reason=reason.strip(),
        by=by,
        at=now(),
    )
    event = "face_lock.manual_set" if is_locked else "face_lock.manual_removed"
    record(event, subject=school.id, facts={"by": by.pk}, personal={"reason": turned.reason})
    turn = {"school": str(school.id), "is_locked": is_locked, "by": by.pk}
    note("face_lock.manual_changed", turn)
    record_lock(school)
    return turned


@atomic
def replay_manual_lock(school: School, *, by: User | None) -> bool:
    """Lock faces by hand as it was after a restored copy was taken. Return whether that changed anything.

    by: the user who locked then; where the copy does not know them, a data protection officer of the school.
    """
    _lock_school(school)
    last = ManualLock.objects.filter(school=school).order_by("-number").first()
    if last is not None and last.is_locked:
        return False
    officer = Role.objects.filter(school=school, kind=Role.Kind.DPO).select_related("user").first()
    who = by or (officer.user if officer else None)
    if who is None:
        return False  # without an officer nobody signed the assessment, and faces are locked anyway
    ManualLock.objects.create(
        school=school,
        number=next_number(ManualLock.objects.filter(school=school)),
        is_locked=True,
        reason=REPLAYED,
        by=who,
        at=now(),
    )
    record("face_lock.manual_set", subject=school.id, facts={"by": None}, personal={})
    turn = {"school": str(school.id), "is_locked": True, "by": who.pk}
    note("face_lock.manual_changed", turn)
    record_lock(school)
    return True


@dataclass(frozen=True)
class NewRisk:
    """A risk as it is from now on: what, how likely and how harmful (low, medium, high), what is done."""

    what: str
    likelihood: str
    harm: str
    mitigation: str


@atomic
def record_risk(school: School, new: NewRisk, *, by: User, risk: Risk | None = None) -> Risk:
    """Add a risk, or change `risk`. Raises Refused not_the_dpo, text_missing."""
    require_dpo(by, school)
    if not new.what.strip() or not new.mitigation.strip():
        raise errors.text_missing()
    row = risk or Risk(school=school, noted_at=now())
    row.what, row.mitigation = new.what.strip(), new.mitigation.strip()
    row.likelihood, row.harm = new.likelihood, new.harm
    row.save()
    facts = {"likelihood": row.likelihood, "harm": row.harm, "by": by.pk}
    personal = {"what": row.what, "mitigation": row.mitigation}
    record("risk.recorded", subject=row.id, facts=facts, personal=personal)
    _note_review(school, by)
    return row


@atomic
def review_risks(school: School, *, by: User) -> RiskReview:
    """Record that the officer considered the open risks and leaves them as they are.

    Raises Refused not_the_dpo; risks_not_considered where none is open.
    """
    require_dpo(by, school)
    if not Risk.objects.filter(school=school, closed_at=None).exists():
        raise errors.risks_not_considered()
    row = _note_review(school, by)
    record("risk.reviewed", subject=school.id, facts={"risks": row.risks, "by": by.pk}, personal={})
    return row


def _note_review(school: School, by: User) -> RiskReview:
    count = Risk.objects.filter(school=school, closed_at=None).count()
    version = next_version(school)
    return RiskReview.objects.create(school=school, risks=count, for_version=version, by=by, at=now())


@atomic
def close_risk(risk: Risk, *, by: User) -> None:
    """Close a risk; closing it twice changes nothing. Raises Refused not_the_dpo."""
    require_dpo(by, risk.school)
    if Risk.objects.filter(pk=risk.pk, closed_at=None).update(closed_at=now()):
        record("risk.closed", subject=risk.id, facts={"by": by.pk}, personal={})


@dataclass(frozen=True)
class NewIncident:
    """Something that went wrong: on which day, what, and what was done."""

    happened_on: date
    what: str
    done: str


@atomic
def record_incident(school: School, new: NewIncident, *, by: User) -> Incident:
    """Record an incident. Raises Refused not_the_dpo, text_missing."""
    require_dpo(by, school)
    what, done = new.what.strip(), new.done.strip()
    if not what or not done or new.happened_on > today(school):
        raise errors.text_missing()
    row = Incident.objects.create(
        school=school, happened_on=new.happened_on, what=what, done=done, recorded_by=by, recorded_at=now()
    )
    facts = {"happened_on": row.happened_on.isoformat(), "by": by.pk}
    record("incident.recorded", subject=school.id, facts=facts, personal={"what": what, "done": done})
    return row


def _lock_school(school: School) -> None:
    lock(School.objects).get(pk=school.pk)  # two at once must not take one version
