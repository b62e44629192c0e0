"""The only writers of the log."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from willing.audit.encoding import (
    GENESIS,
    Content,
    Json,
    chain,
    digest_personal,
    encode,
    encode_personal,
    hash_entry,
)
from willing.audit.models import Entry, Head
from willing.core.clock import now


def record(
    event: str, *, subject: UUID | None, facts: Mapping[str, Json], personal: Mapping[str, Json]
) -> Entry:
    """Append an entry to the log, inside the caller's transaction.

    event: "room.what_happened". subject: the person (or thing) it is about. facts: hashed for ever, so ids,
    codes and whole numbers only. personal: names and free text, erasable later.
    """
    assert transaction.get_connection().in_atomic_block, "a log entry belongs to the deed's transaction"
    Head.objects.get_or_create(id=1, defaults={"chain_hash": GENESIS})
    head = Head.objects.select_for_update().get(id=1)
    salt = secrets.token_bytes(32)
    personal_json = encode_personal(personal)
    at = now()
    content = Content(
        sequence=head.sequence + 1,
        at=at,
        event=event,
        subject=subject,
        facts=facts,
        personal_digest=digest_personal(personal_json, salt),
    )
    hashed = encode(content)
    entry_hash = hash_entry(hashed)
    entry = Entry.objects.create(
        sequence=content.sequence,
        at=at,
        event=event,
        subject=subject,
        hashed=hashed,
        entry_hash=entry_hash,
        chain_hash=chain(bytes(head.chain_hash), entry_hash),
        personal_json=personal_json.decode(),
        personal_salt=salt,
    )
    head.sequence, head.chain_hash = entry.sequence, entry.chain_hash
    head.save(update_fields=["sequence", "chain_hash"])
    return entry


@dataclass(frozen=True)
class NewEntry:
    """One of many entries: what `record` takes for one."""

    event: str
    subject: UUID | None
    facts: Mapping[str, Json]
    personal: Mapping[str, Json]


def record_many(new: Sequence[NewEntry]) -> None:
    """Append entries in the order given, inside the caller's transaction, as `record` would one by one.

    The head is read and written once for all of them: a roster of 20,000 people is 60,000 entries. The whole
    sequence is in memory, so callers hand over some thousand at a time.
    """
    assert transaction.get_connection().in_atomic_block, "a log entry belongs to the deed's transaction"
    if not new:
        return
    Head.objects.get_or_create(id=1, defaults={"chain_hash": GENESIS})
    head = Head.objects.select_for_update().get(id=1)
    at, entries = now(), []
    for one in new:
        salt, personal_json = secrets.token_bytes(32), encode_personal(one.personal)
        digest = digest_personal(personal_json, salt)
        content = Content(head.sequence + 1, at, one.event, one.subject, one.facts, digest)
        hashed = encode(content)
        entry_hash = hash_entry(hashed)
        head.sequence, head.chain_hash = content.sequence, chain(bytes(head.chain_hash), entry_hash)
        entries.append(
            Entry(
                sequence=head.sequence,
                at=at,
                event=one.event,
                subject=one.subject,
                hashed=hashed,
                entry_hash=entry_hash,
                chain_hash=head.chain_hash,
                personal_json=personal_json.decode(),
                personal_salt=salt,
            )
        )
    Entry.objects.bulk_create(entries)
    head.save(update_fields=["sequence", "chain_hash"])


@transaction.atomic
def erase_personal(subject: UUID) -> int:
    """Erase the personal text of every entry about `subject`; the chain stays whole. Return how many."""
    return Entry.objects.filter(subject=subject, personal_json__isnull=False).update(
        personal_json=None, personal_salt=None
    )
