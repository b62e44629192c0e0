"""How bank data are sealed: the school's own account under the master key, all else under a key of its own.

The key of a booking or of a payee lies in the keys' database. Destroying it makes the row unreadable
everywhere, in copies too.
"""

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import IntegrityError

from willing.keys.actions import create_person_keys, destroy_person_keys, open_person_key
from willing.keys.errors import KeyGone, KeysUnavailable
from willing.keys.master import NONCE_BYTES, unwrap, wrap
from willing.payments import errors
from willing.payments.account_rules import BankAccount


def seal_own(account: BankAccount, school_id: UUID) -> bytes:
    """Return the school's account, sealed under the master key."""
    return wrap(json.dumps(account.as_facts()).encode(), f"bank details of school {school_id}")


def open_own(sealed: bytes | memoryview, school_id: UUID) -> BankAccount:
    """Return the school's account. Raises MasterKeyWrong."""
    return BankAccount(**json.loads(unwrap(bytes(sealed), f"bank details of school {school_id}")))


def create_keys(owners: Mapping[UUID, UUID]) -> dict[UUID, bytes]:
    """Create a key for each id, owned by a person or by the row itself. Raises Refused bank_keys_unavailable.

    Outside the caller's transaction. One that is there is opened: an attempt broke off before its row.
    """
    try:
        return create_person_keys(owners)
    except IntegrityError:
        return {key_id: _open_or_create(key_id, owner) for key_id, owner in owners.items()}
    except KeysUnavailable:
        raise errors.bank_keys_unavailable() from None


def _open_or_create(key_id: UUID, owner: UUID) -> bytes:
    try:
        return open_person_key(key_id)
    except KeyGone:
        return create_person_keys({key_id: owner})[key_id]


def destroy_keys(key_ids: list[UUID]) -> None:
    """Destroy keys under which nothing was stored; where they can't be reached, the night does it."""
    with suppress(KeysUnavailable):
        destroy_person_keys(key_ids)


def seal(facts: Mapping[str, Any], row_id: UUID, key: bytes) -> bytes:
    """Return facts sealed under a row's key, bound to the row."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, json.dumps(facts).encode(), row_id.bytes)


def open_sealed(sealed: bytes | memoryview | None, row_id: UUID) -> dict[str, Any]:
    """Return what was sealed in a row. Raises Refused sealed_gone, bank_keys_unavailable."""
    if sealed is None:
        raise errors.sealed_gone()
    try:
        key, kept = open_person_key(row_id), bytes(sealed)
        opened = AESGCM(key).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], row_id.bytes)
    except (KeyGone, InvalidTag):
        raise errors.sealed_gone() from None
    except KeysUnavailable:
        raise errors.bank_keys_unavailable() from None
    found: dict[str, Any] = json.loads(opened)
    return found
