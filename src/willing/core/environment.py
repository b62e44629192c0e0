"""Settings from the environment, read or refused by name: what is not understood is never taken for off."""

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

ON = frozenset({"1", "yes", "true", "on"})
OFF = frozenset({"", "0", "no", "false", "off"})
PREFIX = "WILLING_"
# Every setting that anything reads; docs/reference/settings.md says what each means.
KNOWN = frozenset(
    {
        "WILLING_DATABASE_URL",
        "WILLING_HOME",
        "WILLING_HOSTS",
        "WILLING_HTTPS",
        "WILLING_JOURNAL_DIR",
        "WILLING_KEYS_DATABASE_URL",
        "WILLING_LANGUAGE",
        "WILLING_MASTER_KEY",
        "WILLING_MASTER_KEY_FILE",
        "WILLING_METRICS_TOKEN",
        "WILLING_OIDC_CLIENT",
        "WILLING_OIDC_NAME",
        "WILLING_OIDC_SECRET",
        "WILLING_OIDC_URL",
        "WILLING_ORIGINS",
        "WILLING_PORTRAITS",
        "WILLING_PREFIX",
        "WILLING_PROXIES",
        "WILLING_SECURITY_CONTACT",
        "WILLING_TIME_ZONE",
    }
)
# Of the compose files, and of the tests that break things on purpose: no setting of a server.
ELSEWHERE = frozenset({"WILLING_JOURNAL", "WILLING_LOCK", "WILLING_PORT"})
FAULTS = "WILLING_FAULTS"
_PREFIX = re.compile(r"(/[A-Za-z0-9_-]+)+")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,}")
# A name, a number, or one name with all below it; with no port, for a server answers by name alone.
_HOST = re.compile(r"\.?[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*", re.IGNORECASE)


def require_known_settings(environment: Mapping[str, str] = os.environ) -> None:
    """Raise ImproperlyConfigured for a setting that nothing reads: a misspelt one would be off in silence."""
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in KNOWN | ELSEWHERE or name.startswith(FAULTS):
            continue
        short = {one.removeprefix(PREFIX): one for one in KNOWN}
        near = difflib.get_close_matches(name.removeprefix(PREFIX), short, n=1)
        hint = f"did you mean {short[near[0]]}?" if near else "docs/reference/settings.md lists them all"
        raise ImproperlyConfigured(f"{name} is no setting: {hint}")


def _text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def _listed(name: str, default: str = "") -> list[str]:
    return [one.strip() for one in _text(name, default).split(",") if one.strip()]


def read_switch(name: str) -> bool:
    """Return whether a setting is on; unset is off. Raises ImproperlyConfigured for anything else."""
    text = os.environ.get(name, "").strip().lower()
    if text not in ON | OFF:
        raise ImproperlyConfigured(f"{name} is {text!r}: write 1 (on) or 0 (off)")
    return text in ON


def read_token(name: str) -> str:
    """Return a secret that a program sends; unset is "". Raises ImproperlyConfigured for a short one."""
    text = _text(name)
    if text and not _TOKEN.fullmatch(text):
        raise ImproperlyConfigured(
            f"{name} must be 32 or more letters, digits, - and _, drawn at random: openssl rand -hex 32"
        )
    return text


def read_addresses(name: str, *, default: str = "") -> list[str]:
    """Return IP addresses or networks, separated by commas. Raises ImproperlyConfigured for anything else."""
    found = [one.strip() for one in os.environ.get(name, default).split(",") if one.strip()]
    for one in found:
        try:
            ipaddress.ip_network(one)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} holds {one!r}: write IP addresses or networks, separated by commas"
            ) from None
    return found


def read_hosts(name: str, *, default: str) -> list[str]:
    """Return host names or addresses, separated by commas. Raises ImproperlyConfigured for anything else."""
    found = _listed(name, default)
    for one in found:
        if not is_host(one):
            raise ImproperlyConfigured(
                f"{name} holds {one!r}: write host names, without https:// and without a port, "
                "separated by commas"
            )
    return found


def is_host(text: str) -> bool:
    """Say whether this is a host's name or address, with no scheme, port or path."""
    return bool(_HOST.fullmatch(text)) or _is_ipv6(text)


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return text.startswith("[")


def read_prefix(name: str) -> str:
    """Return the path below which a proxy serves the pages, such as /lunch; "" where there is none.

    Raises ImproperlyConfigured for anything else. It is a setting and no header: nobody outside can say it.
    """
    text = _text(name).rstrip("/")
    if text and not _PREFIX.fullmatch(text):
        raise ImproperlyConfigured(f"{name} is {text!r}: write a path such as /lunch")
    return text


def read_origins(name: str) -> list[str]:
    """Return origins such as https://lunch.school.example. Raises ImproperlyConfigured for anything else."""
    found = _listed(name)
    for one in found:
        if not _is_origin(one):
            raise ImproperlyConfigured(
                f"{name} holds {one!r}: write origins such as https://lunch.school.example, with nothing "
                "after the name, separated by commas"
            )
    return found


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        is_whole = parts.hostname is not None and parts.port != 0
    except ValueError:
        return False
    is_bare = text == f"{parts.scheme}://{parts.netloc}" and "@" not in text and not re.search(r"\s", text)
    return is_whole and is_bare and parts.scheme in ("http", "https")


def read_url(name: str) -> str:
    """Return the address of a page elsewhere, or nothing. Raises ImproperlyConfigured for anything else."""
    text = _text(name)
    try:
        is_address = urlsplit(text).scheme in ("http", "https") and bool(urlsplit(text).hostname)
    except ValueError:
        is_address = False
    if text and not is_address:
        raise ImproperlyConfigured(f"{name} is {text!r}: write an address that begins with https://")
    return text


def read_choice(name: str, choices: Mapping[str, object], *, default: str) -> str:
    """Return one of `choices`, in any case. Raises ImproperlyConfigured for anything else."""
    text = _text(name, default).lower()
    if text not in choices:
        raise ImproperlyConfigured(f"{name} is {text!r}: write one of {', '.join(choices)}")
    return text


def read_time_zone(name: str, *, default: str) -> str:
    """Return the name of a time zone. Raises ImproperlyConfigured where there is none of that name."""
    text = _text(name, default)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # no such name; no name at all; a folder of names
        raise ImproperlyConfigured(f"{name} is {text!r}: write a time zone such as Europe/London") from None
    return text
