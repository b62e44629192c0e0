"""The public address of a school: read from typed text, and whether letters may carry another. Pure."""

import ipaddress
from urllib.parse import urlsplit

from willing.people import errors

ADDRESS_LENGTH_MAX = 255


def read_address(text: str) -> str:
    """Return an address as scheme, host and port: "lunch.example.org/" -> "https://lunch.example.org".

    "" stays "". Raises Refused address_unreadable for what a browser could not open,
    and for what names a person or a page.
    """
    text = text.strip().removesuffix("/")
    if not text:
        return ""
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise errors.address_unreadable() from None
    is_whole = (
        parts.scheme in {"http", "https"} and host and not (parts.path or parts.query or parts.fragment)
    )
    if not is_whole or "@" in parts.netloc or any(one.isspace() or not one.isprintable() for one in text):
        raise errors.address_unreadable()
    shown = f"[{host}]" if ":" in host else host
    address = f"{parts.scheme}://{shown}" + (f":{port}" if port else "")
    if len(address) > ADDRESS_LENGTH_MAX:
        raise errors.address_unreadable()
    return address


def is_own_alone(host: str) -> bool:
    """Say whether a host, with or without a port, is what only this computer calls itself."""
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
