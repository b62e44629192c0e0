"""The only writers of keys.

Each raises KeysUnavailable where their database is missing, damaged or another installation's.
"""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import QuerySet

from willing.audit import journal
from willing.audit.clock_state import recorded_before
from willing.core.ids import new_id
from willing.core.numbers import next_number
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import lock
from willing.core.write_queue import DatabaseBusy
from willing.keys.errors import KeyGone, KeysUnavailable
from willing.keys.installation import find_keys_fault
from willing.keys.master import unwrap, wrap
from willing.keys.models import GallerySecret, PendingWipe, PersonKey

NOTED_AT_ONCE = 200


@contextmanager
def _reaching_keys() -> Iterator[None]:
    """Tell a database that can't be used from a key that was destroyed: only the second is for ever."""
    fault = find_keys_fault()
    if fault:
        raise KeysUnavailable(fault)
    try:
        yield
    except IntegrityError:  # the database works, and says no
        raise
    except (DatabaseError, DatabaseBusy) as error:
        raise KeysUnavailable(f"the database of the keys can't be used: {error}") from error


@_reaching_keys()
def create_person_key(person_id: UUID) -> tuple[UUID, bytes]:
    """Create a key for one template of a person. Return its id and its 32 bytes."""
    key_id, key = new_id(), secrets.token_bytes(32)
    PersonKey.objects.create(id=key_id, person_id=person_id, wrapped=wrap(key, f"{key_id}:{person_id}"))
    return key_id, key


@_reaching_keys()
def create_person_keys(owners: Mapping[UUID, UUID]) -> dict[UUID, bytes]:
    """Create a key for each id, with whose it is. Return their 32 bytes by id.

    Raises IntegrityError where one of the ids has a key already; then none is made.
    """
    made = {key_id: secrets.token_bytes(32) for key_id in owners}
    with transaction.atomic(using="keys"):
        PersonKey.objects.bulk_create(
            PersonKey(id=key_id, person_id=owners[key_id], wrapped=wrap(key, f"{key_id}:{owners[key_id]}"))
            for key_id, key in made.items()
        )
    return made


@_reaching_keys()
def open_person_key(key_id: UUID) -> bytes:
    """Return the 32 bytes of a key. Raises KeyGone where it was destroyed."""
    row = PersonKey.objects.filter(pk=key_id).first()
    if row is None:
        raise KeyGone("the key was destroyed")
    return unwrap(bytes(row.wrapped), f"{row.id}:{row.person_id}")


def destroy_person_keys(key_ids: list[UUID]) -> int:
    """Destroy keys at once and for good. Return how many were there.

    The deletion is committed here, whatever the caller's own transaction does later. The freed bytes leave
    SQLite's write-ahead log as well (`secure_delete` zeroes them in the file), at once or once no reader is
    in the way (`wipe`). Never call it inside a transaction of the main database: a process that holds up the
    keys would hold up every till.
    """
    _journal_destroyed(key_ids)
    return _destroy(PersonKey.objects.filter(pk__in=key_ids))


def _journal_destroyed(key_ids: Sequence[UUID]) -> None:
    """Write down which keys are gone: a copy of the keys that is put back must not bring them back."""
    batches = [key_ids[at : at + NOTED_AT_ONCE] for at in range(0, len(key_ids), NOTED_AT_ONCE)]
    journal.note_many([("keys.destroyed", {"keys": [str(one) for one in ids]}) for ids in batches])


def replay_destroyed(ids: Sequence[UUID]) -> int:
    """Destroy keys and gallery secrets again that a restored copy brought back. Return how many."""
    return _destroy(PersonKey.objects.filter(pk__in=ids)) + _destroy(GallerySecret.objects.filter(pk__in=ids))


@_reaching_keys()
def _destroy(rows: "QuerySet[PersonKey] | QuerySet[GallerySecret]") -> int:
    with transaction.atomic(using="keys", durable=True):
        destroyed, _ = rows.delete()
        if destroyed and connections["keys"].vendor == "sqlite":
            PendingWipe.objects.create()
    wipe()
    return destroyed


# An open reader (a copy being taken) keeps the write-ahead log from being emptied; it is tried again later.
CHECKPOINT_WAIT_MS = 250


@_reaching_keys()
def wipe() -> bool:
    """Empty the write-ahead log of what destroyed keys left in it. Return False where a reader is in the way.

    Until then the bytes stay on the disk, and a row of PendingWipe says so. On PostgreSQL nothing is ever
    pending here: its own vacuum and log do that (docs/operate).
    """
    waiting = list(PendingWipe.objects.values_list("id", flat=True))
    if not waiting:
        return True
    with connections["keys"].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        patience = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA busy_timeout = {CHECKPOINT_WAIT_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy = bool(cursor.fetchone()[0])
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")
    if is_busy:
        return False
    PendingWipe.objects.filter(pk__in=waiting).delete()
    return True


@_reaching_keys()
def pending_wipes() -> dict[UUID, datetime]:
    """Return the wipes that a reader still keeps from being done, by id, with the time since when."""
    return dict(PendingWipe.objects.order_by("since").values_list("id", "since"))


@_reaching_keys()
def existing_keys(key_ids: Collection[UUID]) -> set[UUID]:
    """Return those of `key_ids` that are still there."""
    return set(PersonKey.objects.filter(pk__in=key_ids).values_list("id", flat=True))


@_reaching_keys()
def require_keys_open() -> None:
    """Raise MasterKeyWrong where any key is not this installation's."""
    for row in PersonKey.objects.iterator():
        unwrap(bytes(row.wrapped), f"{row.id}:{row.person_id}")
    for secret in GallerySecret.objects.iterator():
        unwrap(bytes(secret.wrapped), f"gallery:{secret.id}")


@_reaching_keys()
def key_exists(key_id: UUID) -> bool:
    """Say whether a key is still there."""
    return _key.first(key=key_id) is not None


@prepared
def _key(key: Parameter) -> QuerySet[PersonKey, UUID]:
    return PersonKey.objects.filter(pk=key).values_list("pk", flat=True)


@_reaching_keys()
def key_ids(*, created_before: datetime | None = None) -> dict[UUID, UUID]:
    """Return the live keys' ids with the ids of their persons; only older ones where a time is given."""
    rows = PersonKey.objects.all()
    if created_before is not None:
        rows = rows.filter(recorded_before("created_at", created_before))
    return dict(rows.values_list("id", "person_id"))


@_reaching_keys()
def newest_gallery_secret(school_id: UUID) -> UUID:
    """Return the id of the secret that a school's new galleries use, creating the first one."""
    newest = _find_newest(school_id)
    if newest is not None:
        return newest.id
    try:
        return create_gallery_secret(school_id)
    except IntegrityError:  # another process was first, and there is one first secret
        return _secrets(school_id).get().id


def _find_newest(school_id: UUID) -> GallerySecret | None:
    return _secrets(school_id).order_by("-number").first()


@_reaching_keys()
def create_gallery_secret(school_id: UUID) -> UUID:
    """Create a secret for a school's galleries, from now on its newest. Return its id."""
    secret_id = new_id()
    wrapped = wrap(secrets.token_bytes(32), f"gallery:{secret_id}")
    with transaction.atomic(using="keys"):
        list(lock(_secrets(school_id)))  # two at once must not take one number
        number = next_number(_secrets(school_id))
        GallerySecret.objects.create(id=secret_id, school_id=school_id, number=number, wrapped=wrapped)
    return secret_id


@_reaching_keys()
def open_gallery_secret(secret_id: UUID) -> bytes:
    """Return the 32 bytes of a gallery's secret. Raises KeyGone where it was replaced and destroyed."""
    row = GallerySecret.objects.filter(pk=secret_id).first()
    if row is None:
        raise KeyGone("the gallery's secret was replaced")
    return unwrap(bytes(row.wrapped), f"gallery:{secret_id}")


@_reaching_keys()
def gallery_secret_exists(secret_id: UUID) -> bool:
    """Say whether a gallery's secret is still there."""
    return GallerySecret.objects.filter(pk=secret_id).exists()


def destroy_gallery_secrets_but(school_id: UUID, kept: set[UUID]) -> int:
    """Destroy a school's secrets that no gallery uses any more, for good. Return how many."""
    rows = _secrets(school_id).exclude(pk__in=kept)
    _journal_destroyed(list(rows.values_list("pk", flat=True)))
    return _destroy(rows)


def destroy_older_gallery_secrets(school_id: UUID, used: set[UUID]) -> int:
    """Destroy secrets older than a school's newest that no gallery uses. Return how many.

    The newest stays: a reissue may have just made it, for galleries that it will come to.
    """
    newest = _find_newest(school_id)
    if newest is None:
        return 0
    rows = _secrets(school_id).filter(number__lt=newest.number).exclude(pk__in=used)
    _journal_destroyed(list(rows.values_list("pk", flat=True)))
    return _destroy(rows)


def _secrets(school_id: UUID) -> QuerySet[GallerySecret]:
    return GallerySecret.objects.filter(school_id=school_id)
