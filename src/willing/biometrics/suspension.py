"""Suspended faces are kept but compared with nobody, until they are resumed."""

import logging
from collections.abc import Sequence
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.audit.journal import note
from willing.biometrics import errors
from willing.biometrics.generations import invalidate_gallery
from willing.biometrics.models import Template
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people.models import Person

log = logging.getLogger("willing.biometrics")


@atomic
def suspend_face(person: Person, *, reason: str, by: User | None, purpose: str | None = None) -> int:
    """Let templates of a person (for `purpose`, or all) be compared with nobody. Return how many.

    reason: one of Template.Suspension. Every process stops matching them before its next answer. Suspending
    again changes nothing. Raises Refused nothing_to_suspend.
    """
    held = _templates_to_change(person, purpose)
    now_suspended = [row for row in held if row.suspended_at is None]
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
    suspended = [row for row in _templates_to_change(person, purpose) if row.suspended_at is not None]
    _set_suspension(suspended, suspended_at=None, suspended_for="")
    for row in suspended:
        facts = {"purpose": row.purpose, "by": by.pk if by else None}
        record("face.resumed", subject=person.id, facts=facts, personal={})
    return len(suspended)


def _templates_to_change(person: Person, purpose: str | None) -> list[Template]:
    rows = lock(Template.objects).filter(person=person).defer("sealed")
    held = list(rows.filter(purpose=purpose) if purpose else rows)
    if not held:
        raise errors.nothing_to_suspend()
    return held


def _set_suspension(rows: Sequence[Template], **fields: object) -> None:
    Template.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
    for row in rows:
        invalidate_gallery(row.person.school_id, row.purpose)


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
