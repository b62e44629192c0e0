"""Secrets of second factors, sealed for their user: in another user's row one opens nothing.

allauth seals and opens a text without saying whose it is. So a secret is sealed for this process first, and
for its user when its row is saved; when a row is read, a secret that names another user is taken out.
"""

import base64
import logging
import secrets
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import signals

from willing.keys.errors import MasterKeyWrong
from willing.keys.master import unwrap, wrap

log = logging.getLogger("willing.sign_in")
SEALED_FOR = "second factor"
SECRETS = ("secret", "seed")


def listen() -> None:
    """Bind what is saved to its user, and look at what is read; called once."""
    signals.pre_save.connect(_bind, sender=Authenticator)
    signals.post_init.connect(_check_sealed, sender=Authenticator)


def seal(text: str, user_id: int | None = None) -> str:
    """Return a secret sealed for a user; for nobody yet until its row is saved."""
    if user_id is None:
        return base64.b64encode(wrap(text.encode(), SEALED_FOR)).decode()
    sealed = wrap(text.encode(), f"{SEALED_FOR} of user {user_id}")
    return f"u{user_id}.{base64.b64encode(sealed).decode()}"


def open_sealed(sealed: str) -> str:
    """Return the secret that was sealed for the user whom it names.

    Where it does not open, a fresh random one, which no code is right for.
    """
    owner, _, text = sealed.partition(".")
    try:
        return unwrap(base64.b64decode(text), f"{SEALED_FOR} of user {int(owner.removeprefix('u'))}").decode()
    except (ValueError, MasterKeyWrong):
        log.warning("the secret of a second factor does not open: it is another user's, or was changed")
        return base64.b32encode(secrets.token_bytes(20)).decode()


def bind_row(data: dict[str, Any], user_id: int) -> bool:
    """Seal a row's secret for its user where it is for nobody yet. Return whether something changed."""
    for name in SECRETS:
        text = data.get(name)
        if isinstance(text, str) and text and "." not in text:
            data[name] = seal(unwrap(base64.b64decode(text), SEALED_FOR).decode(), user_id)
            return True
    return False


def _bind(instance: Authenticator, **_signal: Any) -> None:
    if instance._state.adding:  # noqa: SLF001  # what is in the table already was bound when it came in
        bind_row(instance.data, instance.user_id)


def _check_sealed(instance: Authenticator, **_signal: Any) -> None:
    data = instance.__dict__.get("data")
    for name in SECRETS if isinstance(data, dict) else ():
        text = str(data.get(name, ""))
        if "." in text and not text.startswith(f"u{instance.user_id}."):
            data[name] = ""
