"""Reads about the assessment and the lock."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from willing.accounts.models import Role, User
from willing.accounts.queries import roles_of
from willing.audit.clock_state import state_of
from willing.audit.errors import clock_behind
from willing.audit.models import Head
from willing.core.clock import now
from willing.core.prepared import Parameter, prepared
from willing.dpia import errors
from willing.dpia.fuse_models import Fuse
from willing.dpia.models import (
    AssessmentReading,
    FamilyConsultation,
    Incident,
    ManualLock,
    Risk,
    RiskReview,
    SignedAssessment,
)
from willing.dpia.rules import Lock, LockSituation, decide_lock
from willing.people.models import Person, School
from willing.people.queries import today

# A fuse that has blown, and nothing is decided about it.
BLOWN = Q(blown_at__isnull=False, closed_at=None)


def lock_of(school: School) -> Lock:
    """Return whether faces may be used at a school at this moment. One statement."""
    row = _what_locks.one(school=school.pk)
    head = Head(newest_at=row["newest_at"], found_behind_at=row["found_behind_at"])
    return decide_lock(
        LockSituation(
            today=today(school),
            review_on=row["review_on"],
            families_asked=bool(row["are_families_asked"]),
            locked_by_hand=bool(row["locked_by_hand"]),
            fuse_blown=bool(row["is_fuse_blown"]),
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
        is_fuse_blown=Exists(Fuse.objects.filter(BLOWN, year_group=None, **own)),
        log_id=Subquery(log.values("id")[:1]),
        newest_at=Subquery(log.values("newest_at")[:1]),
        found_behind_at=Subquery(log.values("found_behind_at")[:1]),
    )
    return rows.values(
        "review_on",
        "are_families_asked",
        "locked_by_hand",
        "is_fuse_blown",
        "log_id",
        "newest_at",
        "found_behind_at",
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


def latest_review_of_risks(school: School) -> RiskReview | None:
    """Return the newest time that the risks were considered, or None."""
    return RiskReview.objects.filter(school=school).select_related("by").order_by("-id").first()


def next_version(school: School) -> int:
    """Return the version that the next signature makes."""
    last = latest_assessment(school)
    return last.version + 1 if last else 1


def latest_reading(school: School, sha256: str = "", by: User | None = None) -> AssessmentReading | None:
    """Return the newest reading of the assessment: of one text, by one officer, where they are given.

    Of one text it counts for the next signature only.
    """
    rows = AssessmentReading.objects.filter(school=school)
    if sha256:
        rows = rows.filter(sha256=sha256, for_version=next_version(school))
    if by is not None:
        rows = rows.filter(by=by)
    return rows.select_related("by").order_by("-id").first()


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


def fuses_of(school: School) -> list[Fuse]:
    """Return the fuses that warn or have blown, the school's own first, then by class."""
    rows = Fuse.objects.filter(school=school, closed_at=None).select_related("year_group")
    return list(rows.order_by(F("year_group__position").asc(nulls_first=True), "year_group__name", "kind"))


def fuses_decided(school: School, day: date) -> list[Fuse]:
    """Return the fuses that an officer's decision keeps from warning on a day, what lapses first on top."""
    rows = Fuse.objects.filter(school=school, accepted_until__gt=day)
    return list(rows.select_related("year_group", "decided_by").order_by("accepted_until", "id"))


def blown_fuse_for(person: Person) -> Fuse | None:
    """Return a fuse that keeps this person's face from being used: the school's, or that of their class."""
    rows = Fuse.objects.filter(BLOWN, school_id=person.school_id)
    mine = Q(year_group=None) | Q(year_group_id=person.year_group_id)
    return (
        rows.filter(mine)
        .select_related("year_group")
        .order_by(F("year_group").asc(nulls_first=True), "blows_on", "id")
        .first()
    )


def school_fuse_blown(school: School) -> Fuse | None:
    """Return a fuse of the whole school that has blown, or None."""
    return Fuse.objects.filter(BLOWN, school=school, year_group=None).order_by("blows_on", "id").first()


def class_blown(person: str) -> Exists:
    """Return whether a fuse of the class has blown that a person is in. person: the path to them."""
    return Exists(Fuse.objects.filter(BLOWN, year_group=OuterRef(f"{person}__year_group")))
