"""Suspended faces are kept but compared with nobody, until they are resumed."""

import logging
from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record, record_many
from willing.audit.journal import note, note_many
from willing.biometrics import errors
from willing.biometrics.consent_changes import rebind_to_current_decisions
from willing.biometrics.erasure import erase_unpermitted_faces
from willing.biometrics.generations import invalidate_gallery
from willing.biometrics.models import Template
from willing.consent.profiles import require_profile
from willing.consent.queries import permission
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people.models import Person, School

log = logging.getLogger("willing.biometrics")
LEFT = Template.Suspension.LEFT.value
CENTRAL = Template.Suspension.CENTRAL.value
ALIKE = Template.Suspension.ALIKE.value
# Reasons that nobody at the school lifts; what waits for them is deleted after a term.
NOT_RESUMED = (CENTRAL, ALIKE)


@atomic
def suspend_face(person: Person, *, reason: str, by: User | None, purpose: str | None = None) -> int:
    """Let templates of a person (for `purpose`, or all) be compared with nobody. Return how many.

    reason: one of Template.Suspension. Every process stops matching them before its next answer. Suspending
    again changes nothing. Raises Refused nothing_to_suspend.
    """
    held = _templates_to_change(person, purpose)
    # Whom a file let leave is suspended already, but only until they are back; this stays.
    now_suspended = [row for row in held if row.suspended_at is None or row.suspended_for == LEFT]
    _set_suspension(now_suspended, suspended_at=now(), suspended_for=Template.Suspension(reason).value)
    facts = {"reason": reason, "by": by.pk if by else None}
    for row in now_suspended:
        facts["purpose"] = row.purpose
        record("face.suspended", subject=person.id, facts=facts, personal={})
        paused = {"person": str(person.id), "purpose": row.purpose, "reason": reason}
        note("face.suspended", paused)
    return len(now_suspended)


@atomic
def resume_face(person: Person, *, by: User | None, purpose: str | None = None) -> int:
    """Let suspended templates of a person be compared again. Return how many; resuming again changes nothing.

    Raises Refused nothing_to_suspend.
    """
    held = [row for row in _templates_to_change(person, purpose) if row.suspended_at is not None]
    # Whose owner has left waits for them to come back, or for the night.
    suspended = [row for row in held if row.suspended_for != LEFT or row.person.left_at is None]
    suspended = [row for row in suspended if may_resume(row)]
    _set_suspension(suspended, suspended_at=None, suspended_for="")
    for row in suspended:
        facts = {"purpose": row.purpose, "by": by.pk if by else None}
        record("face.resumed", subject=person.id, facts=facts, personal={})
    return len(suspended)


@atomic
def suspend_faces_of_leavers(person_ids: Sequence[UUID], *, by: User | None) -> int:
    """Let the templates of people who left be compared with nobody while that may be undone. Return how many.

    One that is suspended for another reason stays so.
    """
    rows = lock(Template.objects).filter(person_id__in=person_ids).select_related("person").defer("sealed")
    held = list(rows.order_by("pk"))
    active = [row for row in held if row.suspended_at is None]
    _set_suspension(active, suspended_at=now(), suspended_for=LEFT)
    user = by.pk if by else None
    record_many(
        [
            NewEntry(
                "face.suspended", row.person_id, {"reason": LEFT, "by": user, "purpose": row.purpose}, {}
            )
            for row in active
        ]
    )
    note_many(
        [
            ("face.suspended", {"person": str(row.person_id), "purpose": row.purpose, "reason": LEFT})
            for row in active
        ]
    )
    return len(held)


@atomic
def suspend_central_faces(school: School, *, by: int | None) -> int:
    """Let the templates that the school alone can open be compared with nobody: its law no longer has them.

    Return how many. What was suspended for another reason waits for this one too. by: the user.
    """
    rows = lock(Template.objects).filter(person__school=school, holder=Template.Holder.CENTRAL)
    return _suspend_over(rows, CENTRAL, by)


@atomic
def suspend_lookalikes(template_ids: Sequence[UUID], *, by: int | None) -> int:
    """Let templates whose owners look like a sibling be compared with nobody. Return how many.

    What was suspended for another reason waits for this one too: nobody resumes it. by: the user.
    """
    return _suspend_over(lock(Template.objects).filter(pk__in=template_ids), ALIKE, by)


def _suspend_over(rows: QuerySet[Template], reason: str, by: int | None) -> int:
    held = list(rows.exclude(suspended_for=reason).select_related("person").defer("sealed").order_by("pk"))
    _set_suspension(held, suspended_at=now(), suspended_for=reason)
    record_many(
        [
            NewEntry(
                "face.suspended", row.person_id, {"reason": reason, "by": by, "purpose": row.purpose}, {}
            )
            for row in held
        ]
    )
    note_many(
        [
            ("face.suspended", {"person": str(row.person_id), "purpose": row.purpose, "reason": reason})
            for row in held
        ]
    )
    return len(held)


def may_resume(template: Template) -> bool:
    """Say whether the school may use a suspended face again. template: with its person.

    Not one that looks like a sibling's, and not one that the law lets the school no longer open alone.
    """
    if template.suspended_for != CENTRAL:
        return template.suspended_for != ALIKE
    return require_profile(template.person.school.legal_profile).may_store_centrally


@atomic
def resume_faces_of_returned(person_ids: Sequence[UUID], *, by: User | None) -> int:
    """Let the templates of people who are back be compared again, and erase what nothing permits any more.

    Return how many were resumed. Call it once they are back.
    """
    rows = lock(Template.objects).filter(person_id__in=person_ids, suspended_for=LEFT)
    held = list(rows.select_related("person").defer("sealed").order_by("pk"))
    back = [row for row in held if permission(row.person, row.purpose).keeps_template(now())]
    _set_suspension(back, suspended_at=None, suspended_for="")
    user = by.pk if by else None
    record_many(
        [NewEntry("face.resumed", row.person_id, {"purpose": row.purpose, "by": user}, {}) for row in back]
    )
    rebind_to_current_decisions(Template.objects.filter(pk__in=[row.pk for row in back]))
    erase_unpermitted_faces(person_ids, cause="returned")
    return len(back)


def _templates_to_change(person: Person, purpose: str | None) -> list[Template]:
    rows = lock(Template.objects).filter(person=person).select_related("person").defer("sealed")
    held = list(rows.filter(purpose=purpose) if purpose else rows)
    if not held:
        raise errors.nothing_to_suspend()
    return held


def _set_suspension(rows: Sequence[Template], **fields: object) -> None:
    Template.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
    for school_id, purpose in sorted({(row.person.school_id, row.purpose) for row in rows}):
        invalidate_gallery(school_id, purpose)


@atomic
def suspend_damaged(template_id: UUID) -> None:
    """Suspend a template that does not open though its key is there, and say so in the log.

    A disk's bad bit, or tampering with the database: its owner sees it on their page and pays another way;
    after the database was restored the office resumes it, or they enrol again.
    """
    row = lock(Template.objects).defer("sealed").filter(pk=template_id, suspended_at=None).first()
    if row is None:
        return
    Template.objects.filter(pk=row.pk).update(
        suspended_at=now(), suspended_for=Template.Suspension.DAMAGED.value
    )
    invalidate_gallery(row.person.school_id, row.purpose)
    facts = {"template": str(row.pk), "purpose": row.purpose}
    record("template.damaged", subject=row.person_id, facts=facts, personal={})
    log.error("a template cannot be read; it is suspended")
