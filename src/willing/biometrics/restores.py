"""What happens to faces when the database was restored from a copy: nobody's refusal is forgotten."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record, record_many
from willing.biometrics import errors
from willing.biometrics.consent_changes import rebind_to_current_decisions
from willing.biometrics.erasure import erase_unpermitted
from willing.biometrics.generations import invalidate_gallery
from willing.biometrics.models import Template
from willing.consent import decisions
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.dpia.queries import require_dpo
from willing.people.models import Guardian, Person, School
from willing.people.queries import listed_guardians


@atomic
def replay_refusal(person_id: UUID, guardian_id: UUID | None, purpose: str, answer: str) -> bool:
    """Record a refusal that a restored copy does not know, and erase what nothing permits any more.

    A person added after the copy has no face in it. A guardian whom the copy does not list for the person
    cannot be weighed, so the face waits for the officer. Return whether anything changed.
    """
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        return False
    guardian = Guardian.objects.filter(pk=guardian_id).first() if guardian_id else None
    if guardian_id and guardian not in listed_guardians(person.id):
        return require_confirmation(Template.objects.filter(person=person, purpose=purpose)) > 0
    changed = decisions.replay_refusal(person, guardian, purpose, answer)
    erase_unpermitted(person, [purpose], cause="restored")
    rebind_to_current_decisions(Template.objects.filter(person=person, purpose=purpose))
    return changed


@atomic
def replay_suspension(person_id: UUID, purpose: str, reason: str) -> bool:
    """Suspend a face again that was suspended after the copy. Return whether that changed anything."""
    rows = lock(Template.objects).filter(person_id=person_id, purpose=purpose, suspended_at=None)
    row = rows.select_related("person").defer("sealed").first()
    if row is None:
        return False
    Template.objects.filter(pk=row.pk).update(
        suspended_at=now(), suspended_for=Template.Suspension(reason).value
    )
    invalidate_gallery(row.person.school_id, purpose)
    facts = {"reason": reason, "by": None, "purpose": purpose}
    record("face.suspended", subject=person_id, facts=facts, personal={})
    return True


@atomic
def delete_templates_of(key_ids: Sequence[UUID]) -> int:
    """Delete the templates whose keys were destroyed after the copy. Return how many."""
    rows = Template.objects.filter(key_id__in=key_ids).select_related("person").defer("sealed")
    gone = list(rows)
    Template.objects.filter(pk__in=[row.pk for row in gone]).delete()
    for school_id, purpose in sorted({(row.person.school_id, row.purpose) for row in gone}):
        invalidate_gallery(school_id, purpose)
    facts = {"keys_destroyed": 1, "cause": "restored"}
    record_many([NewEntry("face.erased", row.person_id, facts, {}) for row in gone])
    return len(gone)


@atomic
def require_confirmation(rows: QuerySet[Template] | None = None) -> int:
    """Let templates (all, where none are named) wait for the officer. Return how many do so anew."""
    rows = Template.objects.all() if rows is None else rows
    waiting = list(rows.filter(unconfirmed_since=None).select_related("person").defer("sealed"))
    Template.objects.filter(pk__in=[row.pk for row in waiting]).update(unconfirmed_since=now())
    for school_id, purpose in sorted({(row.person.school_id, row.purpose) for row in waiting}):
        invalidate_gallery(school_id, purpose)
    record_many(
        [
            NewEntry("face.confirmation_required", row.person_id, {"purpose": row.purpose}, {})
            for row in waiting
        ]
    )
    return len(waiting)


@atomic
def confirm_face(school: School, person_id: UUID, purpose: str, *, by: User) -> None:
    """Let a restored face be compared again: the officer has asked whether anyone said no since the copy.

    Confirming twice changes nothing. Raises Refused not_the_dpo, nothing_to_confirm.
    """
    require_dpo(by, school)
    rows = lock(Template.objects).filter(person_id=person_id, person__school=school, purpose=purpose)
    row = rows.defer("sealed").first()
    if row is None:
        raise errors.nothing_to_confirm()
    if row.unconfirmed_since is None:
        return
    Template.objects.filter(pk=row.pk).update(unconfirmed_since=None)
    invalidate_gallery(school.id, purpose)
    record("face.confirmed", subject=person_id, facts={"purpose": purpose, "by": by.pk}, personal={})
