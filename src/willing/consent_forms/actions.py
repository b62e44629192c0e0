"""The only writers of scans, and every view of one."""

import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record, record_many
from willing.audit.clock_state import recorded_before
from willing.biometrics.consent_changes import ConsentChange, record_consent
from willing.biometrics.erasure import destroy_after_commit
from willing.consent.decisions import NewDecision as Word
from willing.consent.models import Channel
from willing.consent.publishing import notify_guardian
from willing.consent_forms import errors
from willing.consent_forms.models import ConsentForm
from willing.consent_forms.rules import BYTES_MAX, find_kind
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.keys.actions import create_person_key, destroy_person_keys, open_person_key
from willing.keys.errors import KeyGone, KeysUnavailable
from willing.people.models import Person

NONCE_BYTES = 12


def record_form(word: Word, scan: bytes, *, by: User) -> ConsentChange:
    """Record the answers on a signed form, together with the form; the decision names it.

    word: who said what on which notice; its channel becomes `paper`. scan: PDF, JPEG or PNG of at most 12 MB.
    Raises Refused paper_too_large, paper_not_readable, keys_unavailable, and what `biometrics.actions.decide`
    raises.
    """
    kind = _require_kind(scan)
    try:
        form_id, key = create_person_key(word.person.id)
    except KeysUnavailable:
        raise errors.keys_unavailable() from None
    try:
        on_paper = replace(word, channel=Channel.PAPER, form_id=form_id, recorded_by=by)
        decided = _record_and_store(on_paper, form_id, key, (kind, scan), by)
    except BaseException:
        _destroy_key(form_id)  # a key without its paper must not outlive the attempt
        raise
    if decided.decision.form_id != form_id:
        _destroy_key(form_id)  # the same answer was on record already, so nothing was kept
    return decided


def _destroy_key(form_id: UUID) -> None:
    with suppress(KeysUnavailable):  # the nightly job destroys keys that nothing was sealed under
        destroy_person_keys([form_id])


@atomic
def _record_and_store(
    word: Word, form_id: UUID, key: bytes, scanned: tuple[str, bytes], by: User
) -> ConsentChange:
    if word.guardian:  # the person who signed the text has read it
        notify_guardian(word.guardian, word.person, word.notice, channel=Channel.PAPER)
    decided = record_consent(word)
    if decided.decision.form_id == form_id:
        _store(form_id, key, word.person, scanned, by)
    return decided


def _require_kind(scan: bytes) -> str:
    if len(scan) > BYTES_MAX:
        raise errors.form_too_large()
    kind = find_kind(scan)
    if kind is None:
        raise errors.form_not_readable()
    return kind


def _store(form_id: UUID, key: bytes, person: Person, scanned: tuple[str, bytes], by: User) -> None:
    kind, scan = scanned
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, scan, _bound_to(form_id, person.id))
    ConsentForm.objects.create(
        id=form_id, person=person, kind=kind, size_bytes=len(scan), sealed=sealed, kept_by=by, at=now()
    )
    facts = {"paper": str(form_id), "kind": kind, "size_bytes": len(scan), "by": by.pk}
    record("consent_form.stored", subject=person.id, facts=facts, personal={})


def _bound_to(form_id: UUID, person_id: UUID) -> bytes:
    return f"willing.paper.v1:{form_id}:{person_id}".encode()


def view_form(form: ConsentForm, *, by: User) -> bytes:
    """Return the scan of a signed form, once the view is in the log.

    Raises Refused paper_gone, keys_unavailable.
    """
    try:
        key = open_person_key(form.id)
        sealed = bytes(form.sealed)
        scan = AESGCM(key).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(form.id, form.person_id)
        )
    except (KeyGone, InvalidTag):
        raise errors.form_gone() from None
    except KeysUnavailable:
        raise errors.keys_unavailable() from None
    facts = {"paper": str(form.id), "by": by.pk}
    atomic(record)("consent_form.viewed", subject=form.person_id, facts=facts, personal={})
    return scan


@atomic
def purge_forms(left_before: datetime, limit: int) -> int:
    """Erase the scans of people who left before then; their keys go with the commit. Return how many."""
    rows = ConsentForm.objects.filter(recorded_before("person__left_at", left_before)).order_by("at", "id")
    held = list(rows.values_list("id", "person_id")[:limit])
    if held:
        destroy_after_commit(dict(held))
        ConsentForm.objects.filter(pk__in=[form_id for form_id, _ in held]).delete()
        record_many(
            [NewEntry("consent_form.deleted", person, {"paper": str(paper)}, {}) for paper, person in held]
        )
    return len(held)
