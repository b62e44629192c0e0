"""What sending and reading have in common: nothing in the clear, certificates checked, passwords sealed."""

import base64
import ipaddress
import ssl
from typing import Protocol

from willing.keys.master import unwrap, wrap
from willing.mail import errors
from willing.mail.models import Encryption, MailInbox, MailServer


class WantedAccount(Protocol):
    """An account as the administrator gives it."""

    @property
    def host(self) -> str:
        """The name of the server."""

    @property
    def encryption(self) -> str:
        """One of Encryption."""

    @property
    def username(self) -> str:
        """Who signs in there."""

    @property
    def password(self) -> str | None:
        """None keeps the one that is there."""


def require_encrypted(new: WantedAccount) -> None:
    """Raise Refused mail_not_encrypted where a password would leave this computer in the clear."""
    if new.encryption == Encryption.NONE and not is_this_computer(new.host):
        raise errors.mail_not_encrypted()


def is_this_computer(host: str) -> bool:
    """Say whether a host is this computer, so that nothing leaves it unencrypted."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked() -> ssl.SSLContext:
    """Return what checks a server's certificate: whose it is, for which name, until when."""
    return ssl.create_default_context()


def sealed_for(new: WantedAccount, kept: MailServer | MailInbox | None, bound_to: str) -> str:
    """Return the password to store, sealed. A kept one never goes to another server or user than before."""
    if new.password is not None:
        return _seal(new.password, bound_to) if new.password else ""
    is_same = kept is not None and (kept.host, kept.username) == (new.host, new.username)
    return kept.sealed_password if kept is not None and is_same else ""


def _seal(password: str, bound_to: str) -> str:
    return base64.b64encode(wrap(password.encode(), bound_to)).decode()


def open_password(sealed: str, bound_to: str) -> str:
    """Return a stored password; "" where there is none. Raises MasterKeyWrong: it is sealed for another."""
    return unwrap(base64.b64decode(sealed), bound_to).decode() if sealed else ""
