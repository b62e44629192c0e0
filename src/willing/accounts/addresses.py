"""Which e-mail address a code went to, without keeping the address."""

from willing.keys.master import keyed_digest


def address_digest(email: str) -> str:
    """Return what an address is known by where it is not kept: the same for every spelling of its case."""
    return keyed_digest("mail-address", email.strip().casefold())
