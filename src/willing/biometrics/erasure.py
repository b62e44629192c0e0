"""Erasing: what a key opened goes in the transaction that decides it, the key itself right after that commit.

Two databases share no transaction, and a process that holds up the keys must not hold up every till. So three
steps:

1. the decision, in one transaction of the main database: it is on record, the template is deleted and found
   by no search any more, and the key is noted as one to destroy;
2. the key is destroyed, in its own database, with no lock of the main one held;
3. the note goes, and the log and the receipt say what was destroyed, or what still waits and why.

Killed before 1 is committed, nothing happened. Killed anywhere after it, the note is there: the next start,
a thread of any server and the nightly job finish what it names.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from willing.audit.actions import record, record_now
from willing.audit.clock_state import believed
from willing.audit.models import Entry
from willing.audit.queries import latest_entry
from willing.biometrics.generations import invalidate_gallery
from willing.biometrics.models import KeyToDestroy, Template
from willing.consent.queries import permission, permission_before_list
from willing.consent.retention import require_kind
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.keys.actions import destroy_person_keys, existing_keys, pending_wipes, wipe
from willing.keys.errors import KeysUnavailable
from willing.keys.installation import find_keys_fault
from willing.people.models import Person

log = logging.getLogger("willing.biometrics")


@dataclass
class Erasure:
    """The receipt of an erasure. Everything but the person is filled in once the transaction is committed.

    keys_destroyed: how many. keys_pending: how many could not be reached; they are tried again until they are
    gone. log_sequence: where the log says so; 0 where even that could not be written yet.
    """

    person_id: UUID
    keys_destroyed: int = 0
    keys_pending: int = 0
    log_sequence: int = 0


@dataclass(frozen=True)
class PendingErasures:
    """What was decided and is not destroyed yet: keys, and bytes of destroyed ones. since: the oldest."""

    keys: int
    wipes: int
    since: datetime | None


def erase_templates(rows: Sequence[Template], cause: str) -> list[Erasure]:
    """Delete templates now, and their keys once the caller's transaction is committed. Call inside one.

    rows: with their persons. Return a receipt for each person; none for what another transaction deletes at
    this moment, which writes its own.
    """
    held = lock(Template.objects).filter(pk__in=[row.pk for row in rows]).order_by("pk").only("pk")
    still_there = {row.pk for row in held}
    rows = [row for row in rows if row.pk in still_there]
    if not rows:
        return []
    KeyToDestroy.objects.bulk_create(
        KeyToDestroy(key_id=row.key_id, person_id=row.person_id, cause=cause) for row in rows
    )
    Template.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for school_id, purpose in sorted({(row.person.school_id, row.purpose) for row in rows}):
        invalidate_gallery(school_id, purpose)
    receipts = {row.person_id: Erasure(row.person_id) for row in rows}
    keys = [row.key_id for row in rows]
    transaction.on_commit(lambda: _finish(keys, receipts))
    return list(receipts.values())


def destroy_after_commit(keys: dict[UUID, UUID]) -> None:
    """Let keys (with the ids of their persons) be destroyed once the caller's transaction is committed.

    For what else they seal, a signed form; its own room writes into the log what went.
    """
    KeyToDestroy.objects.bulk_create(
        KeyToDestroy(key_id=key_id, person_id=person_id) for key_id, person_id in keys.items()
    )
    transaction.on_commit(lambda: _finish(list(keys), {}))


def _finish(keys: Sequence[UUID], receipts: dict[UUID, Erasure]) -> None:
    """Destroy keys whose deletion is committed. Whatever goes wrong is noted already and tried again."""
    try:
        done = settle_keys(keys)
        for person_id, receipt in receipts.items():
            told = done.get(person_id) or _erased_elsewhere(person_id, keys)
            receipt.keys_destroyed, receipt.keys_pending = told.keys_destroyed, told.keys_pending
            receipt.log_sequence = told.log_sequence
    except Exception:
        # The decision is committed, so the person who made it is answered; the note finds this later.
        log.exception("an erasure is not finished; it is tried again")
        for person_id, receipt in receipts.items():
            receipt.keys_pending, receipt.log_sequence = len(keys), _last_entry(person_id)


def _last_entry(person_id: UUID) -> int:
    """Return the entry that says at least what was decided; 0 where not even that can be read."""
    try:
        rows = Entry.objects.filter(subject=person_id).order_by("-sequence")
        return rows.values_list("sequence", flat=True).first() or 0
    except DatabaseError:
        return 0


def _erased_elsewhere(person_id: UUID, keys: Sequence[UUID]) -> Erasure:
    """Return the receipt that another thread or process wrote first."""
    entry = latest_entry("face.erased", person_id)
    pending = KeyToDestroy.objects.filter(pk__in=keys).count()
    return Erasure(person_id, len(keys) - pending, pending, entry.sequence if entry else 0)


def settle_keys(keys: Sequence[UUID] | None = None) -> dict[UUID, Erasure]:
    """Destroy keys that are noted as to be destroyed (`keys`, or all), and write what became of them.

    Return the receipts that were written, by person. Call outside transactions.
    """
    rows = KeyToDestroy.objects.all() if keys is None else KeyToDestroy.objects.filter(pk__in=keys)
    noted = list(rows.values_list("key_id", flat=True))
    if not noted:
        return {}
    gone, waiting = _destroy(noted)
    return _book(noted, gone, waiting)


def _destroy(keys: list[UUID]) -> tuple[set[UUID], list[UUID]]:
    """Return which keys are gone now, and the wipes that still wait for a reader to end."""
    try:
        destroy_person_keys(keys)
        return set(keys) - existing_keys(keys), sorted(pending_wipes())
    except KeysUnavailable:
        log.exception("keys could not be destroyed now; they are tried again")
        return set(), []


@atomic
def _book(keys: list[UUID], gone: set[UUID], waiting: list[UUID]) -> dict[UUID, Erasure]:
    rows = list(lock(KeyToDestroy.objects).filter(pk__in=keys).order_by("key_id"))
    receipts: dict[UUID, Erasure] = {}
    new, late = (
        defaultdict[tuple[UUID, str], list[UUID]](list),
        defaultdict[tuple[UUID, int], list[UUID]](list),
    )
    for row in rows:
        if row.receipt is not None:
            late[row.person_id, row.receipt].append(row.key_id)
        elif row.cause:
            new[row.person_id, row.cause].append(row.key_id)
    for (person_id, cause), held in new.items():
        receipts[person_id] = _write_receipt(person_id, cause, held, gone, waiting)
    for (person_id, receipt), held in late.items():
        if destroyed := len(gone.intersection(held)):
            facts = {"keys_destroyed": destroyed, "erasure": receipt}
            record("face.key_destroyed", subject=person_id, facts=facts, personal={})
    KeyToDestroy.objects.filter(pk__in=gone).delete()
    return receipts


def _write_receipt(
    person_id: UUID, cause: str, held: list[UUID], gone: set[UUID], waiting: list[UUID]
) -> Erasure:
    destroyed = len(gone.intersection(held))
    facts: dict[str, object] = {"keys_destroyed": destroyed, "cause": cause}
    if destroyed < len(held):
        facts["keys_pending"] = len(held) - destroyed
    if destroyed and waiting:
        facts["wipes"] = [str(one) for one in waiting]
    entry = record_now("face.erased", subject=person_id, facts=facts, personal={})
    KeyToDestroy.objects.filter(pk__in=held).update(receipt=entry.sequence)
    return Erasure(person_id, destroyed, len(held) - destroyed, entry.sequence)


def finish_erasures() -> None:
    """Finish what a crash, lost keys or an open reader left: at the start, every few seconds, and at night.

    While the keys are out of reach there is nothing to do, and Health says that they are.
    """
    if find_keys_fault():
        return
    settle_keys()
    waiting = pending_wipes()
    if waiting and wipe():
        _record_wiped(len(waiting))


@atomic
def _record_wiped(wipes: int) -> None:
    record("keys.wiped", subject=None, facts={"wipes": wipes}, personal={})


def pending_erasures() -> PendingErasures:
    """Return what was decided and is not destroyed yet. Raises KeysUnavailable."""
    keys = list(KeyToDestroy.objects.values_list("since", flat=True))
    wipes = pending_wipes()
    return PendingErasures(len(keys), len(wipes), min([*keys, *wipes.values()], default=None))


def is_wiped(wipes: Sequence[str]) -> bool:
    """Say whether no byte of the destroyed keys is left in a file: none of these wipes waits any more."""
    try:
        return not {str(one) for one in pending_wipes()}.intersection(wipes)
    except KeysUnavailable:
        return False


def has_keys_to_destroy(person_id: UUID) -> bool:
    """Say whether a key of a person still waits to be destroyed."""
    return KeyToDestroy.objects.filter(person_id=person_id).exists()


@atomic
def erase_faces(person: Person, *, cause: str) -> Erasure | None:
    """Erase every template of a person. Return the receipt, or None where there was nothing."""
    return erase(person, None, cause=cause)


def erase(person: Person, purposes: Sequence[str] | None, *, cause: str) -> Erasure | None:
    """Erase a person's templates for some purposes (None: all), inside the caller's transaction."""
    rows = Template.objects.filter(person=person).select_related("person").defer("sealed")
    if purposes is not None:
        rows = rows.filter(purpose__in=purposes)
    receipts = erase_templates(list(rows), cause)
    return receipts[0] if receipts else None


@atomic
def erase_faces_of(person_ids: Sequence[UUID], *, cause: str) -> int:
    """Erase every template of several persons at once. Return how many templates there were."""
    return erase_all(Template.objects.filter(person_id__in=person_ids), cause)


@atomic
def erase_unpermitted_faces(person_ids: Sequence[UUID], *, cause: str) -> int:
    """Erase the templates of several persons that no permission is left for. Return how many.

    Call it after changing what permissions follow from: the guardians listed, a pupil turned staff.
    """
    held = Template.objects.filter(person_id__in=person_ids).select_related("person").defer("sealed")
    ended = [row for row in held if not may_keep(row)]
    erase_templates(ended, cause)
    return len(ended)


def erase_unpermitted(person: Person, purposes: Sequence[str] | None, *, cause: str) -> Erasure | None:
    """Erase a person's templates for some purposes (None: all) that no permission is left for, and no others.

    Return the receipt, or None where there was nothing to erase.
    """
    rows = Template.objects.filter(person=person).select_related("person").defer("sealed")
    if purposes is not None:
        rows = rows.filter(purpose__in=purposes)
    receipts = erase_templates([row for row in rows if not may_keep(row)], cause)
    return receipts[0] if receipts else None


def may_keep(template: Template) -> bool:
    """Say whether a template may lie here, used or not. template: with its person, as they are now.

    With a permission (`Permission.keeps_template`); or suspended for a day because a file of the school no
    longer names its owner, which may be undone, as long as nothing else is missing.
    """
    person = template.person
    if template.suspended_at is None or person.left_at is None:
        return permission(person, template.purpose).keeps_template(now())
    if now() - believed(person.left_at) >= timedelta(days=require_kind("imports").days or 0):
        return False
    return permission_before_list(person, template.purpose).keeps_template(now())


def erase_all(rows: QuerySet[Template], cause: str) -> int:
    """Erase these templates. Return how many there were."""
    found = list(rows.select_related("person").defer("sealed"))
    erase_templates(found, cause)
    return len(found)
