"""A template that cannot be read is taken out by itself, and keeps nobody else from being recognised."""

import logging
from uuid import UUID

from willing.audit.actions import record
from willing.biometrics.generations import invalidate_gallery
from willing.biometrics.models import Template
from willing.core.clock import now
from willing.core.transactions import atomic, lock

log = logging.getLogger("willing.biometrics")


@atomic
def suspend_damaged(template_id: UUID) -> None:
    """Suspend a template that does not open though its key is there, and say so in the log.

    A disk's bad bit, or somebody at the database: its owner is told on their page and pays another way; after
    the database was restored the office resumes it, or they enrol again.
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
