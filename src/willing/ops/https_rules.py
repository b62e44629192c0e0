"""Which names a certificate may have here, and when it is renewed. Pure."""

import ipaddress
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from willing.core.environment import is_host

# An authority is put onto every device by hand, so it lasts; what it signs does not, for nothing revokes it.
AUTHORITY_DAYS, LEAF_DAYS = 5 * 365, 30
# Browsers take names below these for this computer alone.
HERE = ("localhost", ".localhost")


def refuse_names(names: Sequence[str]) -> str | None:
    """Return why these cannot be the names of a school's server; None where they can."""
    if not names:
        return "name the server: lunch.school.example"
    for name in names:
        if _is_number(name):
            return f"{name} is a number: passkeys and certificates need a name"
        if not is_host(name) or name.startswith(".") or "_" in name:
            return f"{name} is no name of a computer: small letters, digits, dots and hyphens"
        if name == HERE[0] or name.endswith(HERE[1]):
            return f"{name} is this computer alone, which needs no certificate"
        if "." not in name:
            return (
                f"{name} has no dot: choose a name below one of the school's, such as {name}.school.example"
            )
    return None


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def is_due(begins: datetime, expires: datetime, at: datetime) -> bool:
    """Say whether a certificate is to be renewed: a third of its time is left, or less."""
    return at >= expires - (expires - begins) / 3


def refuse_certificate(
    names: Collection[str], begins: datetime, expires: datetime, at: datetime
) -> str | None:
    """Return why a certificate is of no use now; None where it is. names: those that it holds."""
    if not names:
        return "it names no computer (subject alternative name)"
    if at >= expires:
        return f"it expired on {expires:%Y-%m-%d}"
    return f"it is valid from {begins:%Y-%m-%d} only" if at + timedelta(minutes=5) < begins else None
