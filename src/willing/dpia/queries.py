"""Reads about the assessment and the lock."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from willing.accounts.models import Role, User
from willing.accounts.queries import roles_of
from willing.audit.clock_state import state_of
from willing.audit.errors import clock_behind
from willing.audit.models import Head
from willing.core.clock import now
from willing.core.prepared import Parameter, prepared
from willing.dpia import errors
from willing.dpia.models import FamilyConsultation, Incident, ManualLock, Risk, SignedAssessment
from willing.dpia.rules import Lock, Situation, decide_lock
from willing.people.models import School
from willing.people.queries import today


def lock_of(school: School) -> Lock:
    """Return whether faces may be used at a school at this moment. One statement."""
    row = _what_locks.one(school=school.pk)
    head = Head(newest_at=row["newest_at"], found_behind_at=row["found_behind_at"])
    return decide_lock(
        Situation(
            today=today(school),
            review_on=row["review_on"],
            families_asked=bool(row["are_families_asked"]),
            locked_by_hand=bool(row["locked_by_hand"]),
            clock_behind=row["log_id"] is not None and state_of(head, now()).is_behind,
        )
    )


@prepared
def _what_locks(school: Parameter) -> QuerySet[School, Any]:
    own = {"school": OuterRef("pk")}
    signed = SignedAssessment.objects.filter(**own).order_by("-version")
    turned = ManualLock.objects.filter(**own).order_by("-number")
    log = Head.objects.filter(id=1)
    rows = School.objects.filter(pk=school).annotate(
        review_on=Subquery(signed.values("review_on")[:1]),
        are_families_asked=Exists(FamilyConsultation.objects.filter(**own)),
        locked_by_hand=Subquery(turned.values("is_locked")[:1]),
        log_id=Subquery(log.values("id")[:1]),
        newest_at=Subquery(log.values("newest_at")[:1]),
        found_behind_at=Subquery(log.values("found_behind_at")[:1]),
    )
    return rows.values(
        "review_on", "are_families_asked", "locked_by_hand", "log_id", "newest_at", "found_behind_at"
    )


def require_dpo(user: User, school: School) -> None:
    """Raise Refused not_the_dpo unless a user is a data protection officer of this school."""
    if Role.Kind.DPO not in roles_of(user, school):
        raise errors.not_the_dpo()


def require_unlocked(school: School) -> None:
    """Raise Refused clock_behind, face_locked where faces may not be used at a school now."""
    lock = lock_of(school)
    if "clock_behind" in lock.reasons:
        raise clock_behind()
    if not lock.is_unlocked:
        raise errors.face_locked(lock.reasons)


def latest_assessment(school: School) -> SignedAssessment | None:
    """Return the newest signed version, or None."""
    return SignedAssessment.objects.filter(school=school).order_by("-version").first()


def find_assessment(school: School, version: int) -> SignedAssessment | None:
    """Return a signed version, or None."""
    return SignedAssessment.objects.filter(school=school, version=version).select_related("signed_by").first()


def signed_assessments(school: School) -> list[SignedAssessment]:
    """Return all signed versions, newest first."""
    return list(
        SignedAssessment.objects.filter(school=school).select_related("signed_by").order_by("-version")
    )


def consultations(school: School) -> list[FamilyConsultation]:
    """Return every time that families were asked, newest first."""
    return list(FamilyConsultation.objects.filter(school=school).order_by("-asked_on", "-id"))


def open_risks(school: School) -> list[Risk]:
    """Return the risks that are not closed, oldest first."""
    return list(Risk.objects.filter(school=school, closed_at=None))


def require_risk(school: School, risk_id: UUID) -> Risk:
    """Return a risk of this school. Raises Refused unknown_risk."""
    found = Risk.objects.filter(school=school, pk=risk_id).first()
    if found is None:
        raise errors.unknown_risk()
    return found


def incidents(school: School) -> list[Incident]:
    """Return the incidents of a school, newest first."""
    return list(Incident.objects.filter(school=school).order_by("-happened_on", "-id"))


def latest_manual_lock(school: School) -> ManualLock | None:
    """Return the newest turn of the lock by hand, or None."""
    return ManualLock.objects.filter(school=school).select_related("by").order_by("-number").first()
