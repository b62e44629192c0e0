"""The writer of fuses: they warn, blow and clear as the numbers say, and the officer decides about them.

What the numbers are, `documents.fuses` reads; here is what follows from them.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.audit.journal import note
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.dpia import errors
from willing.dpia.fuse_mail import JOB
from willing.dpia.fuse_models import REASON_CHARS_MAX, Fuse, FusePolicy
from willing.dpia.fuse_rules import (
    Bounds,
    FuseKind,
    FuseSituation,
    FuseStep,
    blows_on,
    bounds_within,
    decide_step,
    is_out_of_date,
    lapses_on,
)
from willing.dpia.lock_log import record_lock
from willing.dpia.models import FamilyConsultation, SignedAssessment
from willing.dpia.queries import require_dpo
from willing.dpia.rules import is_review_date
from willing.jobs.actions import enqueue
from willing.people.models import School
from willing.people.queries import today
from willing.people.school_days import is_school_day, next_school_day


@dataclass(frozen=True)
class FuseFinding:
    """A fuse whose bounds are met. class_id: of the class that it is about; None for the school."""

    kind: FuseKind
    class_id: int | None = None


def signed_bounds(school: School) -> Bounds:
    """Return the bounds that were signed with the newest assessment; the usual ones before any was."""
    signed = (
        SignedAssessment.objects.filter(school=school).order_by("-version").values_list("content", flat=True)
    )
    content = signed.first()
    found = json.loads(content).get("fuses") if content else None
    return Bounds(**found) if found else Bounds()


def policy_of(school: School) -> FusePolicy:
    """Return what is set of a school's fuses, or what holds where nothing is; not saved."""
    return FusePolicy.objects.filter(school=school).first() or FusePolicy(school=school)


@atomic
def set_bounds(school: School, bounds: Bounds, *, by: User) -> FusePolicy:
    """Set at which numbers fuses blow; they hold once the assessment is signed with them.

    Raises Refused not_the_dpo, fuse_bounds_not_valid.
    """
    require_dpo(by, school)
    if not bounds_within(bounds):
        raise errors.fuse_bounds_not_valid()
    policy, _ = FusePolicy.objects.get_or_create(school=lock(School.objects).get(pk=school.pk))
    policy.uses_min, policy.pupils_min = bounds.uses_min, bounds.pupils_min
    policy.faces_permille = bounds.faces_permille
    policy.wait_permille, policy.wait_days = bounds.wait_permille, bounds.wait_days
    policy.wrong_permille = bounds.wrong_permille
    policy.consultation_days = bounds.consultation_days
    policy.set_by, policy.set_at = by, now()
    policy.save()
    record("fuse_bounds.set", subject=school.id, facts={**asdict(bounds), "by": by.pk}, personal={})
    return policy


def lapse_of(school: School) -> date | None:
    """Return on which day the assessment or the consultation is out of date; None where none is signed."""
    signed = SignedAssessment.objects.filter(school=school).order_by("-version").first()
    if signed is None:
        return None
    asked = FamilyConsultation.objects.filter(school=school).order_by("-asked_on").first()
    return lapses_on(signed.review_on, asked.asked_on if asked else None, signed_bounds(school))


@atomic
def settle_fuses(school: School, findings: Collection[FuseFinding], *, is_quiet: bool) -> list[Fuse]:
    """Let fuses warn, blow or clear as the numbers of this day say. Return those that warn from now on.

    is_quiet: nothing was sold today yet, and no sitting is under way; else none blows until the next morning.
    """
    lock(School.objects).get(pk=school.pk)
    day, warned = today(school), []
    open_fuses = {_finding(one): one for one in Fuse.objects.filter(school=school, closed_at=None)}
    accepted = _accepted(school, day)
    for found in sorted({*findings, *open_fuses}, key=lambda one: (one.kind, one.class_id or 0)):
        fuse = open_fuses.get(found)
        step = decide_step(
            found.kind,
            FuseSituation(
                holds=found in findings,
                today=day,
                blows_on=fuse.blows_on if fuse else None,
                is_blown=fuse is not None and fuse.blown_at is not None,
                accepted_until=accepted.get(found),
                is_quiet=is_quiet,
            ),
        )
        if step is FuseStep.WARN:
            warned.append(_warn(school, found, day))
        elif fuse is not None:
            _move(fuse, step)
    FusePolicy.objects.update_or_create(school=school, defaults={"weighed_on": day})
    record_lock(school)
    return warned


def _finding(fuse: Fuse) -> FuseFinding:
    return FuseFinding(FuseKind(fuse.kind), fuse.year_group_id)


def _accepted(school: School, day: date) -> dict[FuseFinding, date]:
    """Return until when an officer has accepted what would warn else."""
    rows = Fuse.objects.filter(school=school, accepted_until__gt=day).order_by("accepted_until")
    return {_finding(one): one.accepted_until for one in rows if one.accepted_until}


def _warn(school: School, found: FuseFinding, day: date) -> Fuse:
    lapses = lapse_of(school) if found.kind is FuseKind.OUT_OF_DATE else None
    first = day if is_school_day(school, day) else next_school_day(school, day)
    second = next_school_day(school, first) if first else None
    days = [one for one in (first, second) if one]
    fuse = Fuse.objects.create(
        school=school,
        kind=found.kind,
        year_group_id=found.class_id,
        warned_at=now(),
        blows_on=blows_on(day, days, lapses),
    )
    _record("fuse.warned", fuse, {"blows_on": fuse.blows_on.isoformat()})
    enqueue(JOB, [fuse.id])
    return fuse


def _move(fuse: Fuse, step: FuseStep) -> None:
    if step is FuseStep.BLOW:
        fuse.blown_at = now()
        fuse.save(update_fields=["blown_at"])
        _record("fuse.blown", fuse, {})
        note("fuse.blown", {"school": str(fuse.school_id), "kind": fuse.kind, "class": fuse.year_group_id})
    elif step is FuseStep.CLEAR:
        fuse.closed_at = now()
        fuse.save(update_fields=["closed_at"])
        _record("fuse.cleared", fuse, {})


def clear_if_in_date(school: School) -> None:
    """Clear what a signature or a consultation has just brought in date. Inside the caller's transaction."""
    lapses = lapse_of(school)
    if lapses is None or is_out_of_date(lapses, today(school)):
        return
    for fuse in lock(Fuse.objects).filter(school=school, kind=FuseKind.OUT_OF_DATE, closed_at=None):
        _move(fuse, FuseStep.CLEAR)


@atomic
def decide_fuse(school: School, fuse_id: UUID, *, reason: str, until: date, by: User) -> Fuse:
    """Record the officer's decision that faces go on until a day although the numbers say otherwise.

    Before a fuse has blown it keeps it from blowing, afterwards it puts faces on again. From that day on the
    numbers count anew: it warns first. Raises Refused not_the_dpo, reason_missing,
    fuse_date_not_valid, unknown_fuse.
    """
    require_dpo(by, school)
    text = reason.strip()[:REASON_CHARS_MAX]
    if not text:
        raise errors.reason_missing()
    if not is_review_date(until, today(school)):
        raise errors.fuse_date_not_valid()
    fuse = lock(Fuse.objects).filter(school=school, pk=fuse_id, closed_at=None).first()
    if fuse is None:
        raise errors.unknown_fuse()
    fuse.closed_at, fuse.decided_by, fuse.reason, fuse.accepted_until = now(), by, text, until
    fuse.save(update_fields=["closed_at", "decided_by", "reason", "accepted_until"])
    _record("fuse.decided", fuse, {"until": until.isoformat(), "by": by.pk}, {"reason": text})
    record_lock(school)
    return fuse


@atomic
def replay_blown(school_id: str, kind: str, class_id: int | None) -> bool:
    """Let a fuse be blown again that had blown after a restored copy was taken. Return whether it changed.

    A decision of after the copy is lost with it, and the officer decides once more. A class that the copy
    does not know has nobody whose face could be used.
    """
    school = lock(School.objects).filter(pk=school_id).first()
    if school is None or (class_id is not None and not school.year_groups.filter(pk=class_id).exists()):
        return False
    fuse, _ = Fuse.objects.get_or_create(
        school=school,
        kind=FuseKind(kind).value,
        year_group_id=class_id,
        closed_at=None,
        defaults={"warned_at": now(), "blows_on": today(school)},
    )
    if fuse.blown_at is not None:
        return False
    _move(fuse, FuseStep.BLOW)
    record_lock(school)
    return True


def _record(event: str, fuse: Fuse, facts: dict[str, object], personal: dict[str, str] | None = None) -> None:
    about = {"fuse": str(fuse.id), "kind": fuse.kind, "class": fuse.year_group_id}
    record(event, subject=fuse.school_id, facts={**about, **facts}, personal=personal or {})
