"""The writers about passkeys: whose one is, once in the whole installation, and how often it was used."""

import hashlib

from allauth.mfa.models import Authenticator
from django.db import IntegrityError

from willing.accounts.errors import passkey_known
from willing.accounts.models import Passkey
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic


def credential_digest(credential_id: bytes) -> str:
    """Return the digest under which a credential's id is in the table."""
    return hashlib.sha256(credential_id).hexdigest()


def find_passkey(credential_id: bytes) -> Passkey | None:
    """Return the passkey with this id, or None."""
    rows = Passkey.objects.select_related("authenticator__user")
    return rows.filter(credential_digest=credential_digest(credential_id)).first()


def store_passkey(authenticator: Authenticator) -> Passkey:
    """Keep a passkey's id and counter beside allauth's row. Raises Refused passkey_known."""
    data = authenticator.wrap().authenticator_data
    digest = credential_digest(data.credential_data.credential_id)
    try:
        return atomic(Passkey.objects.create)(  # a savepoint: a key that is known must not undo the rest
            authenticator=authenticator, credential_digest=digest, sign_count=data.counter
        )
    except IntegrityError:
        raise passkey_known() from None


@atomic
def record_passkey_use(passkey: Passkey, sign_count: int) -> bool:
    """Note that a passkey was used. Return whether its counter went up, or it keeps none (always 0).

    A counter that stays or goes back means that two devices hold the key (WebAuthn, section 6.1.1): it is
    written down for its owner and in the log.
    """
    if sign_count == passkey.sign_count == 0:
        return True
    if Passkey.objects.filter(pk=passkey.pk, sign_count__lt=sign_count).update(sign_count=sign_count):
        return True
    Passkey.objects.filter(pk=passkey.pk).update(clone_seen_at=now())
    user = passkey.authenticator.user
    facts = {"user": user.pk}
    record("passkey.clone_suspected", subject=user.guardian_id or user.person_id, facts=facts, personal={})
    return False
