"""Settings from the environment, read or refused by name: what is not understood is never taken for off."""

import ipaddress
import os

from django.core.exceptions import ImproperlyConfigured

ON = frozenset({"1", "yes", "true", "on"})
OFF = frozenset({"", "0", "no", "false", "off"})


def read_switch(name: str) -> bool:
    """Return whether a setting is on; unset is off. Raises ImproperlyConfigured for anything else."""
    text = os.environ.get(name, "").strip().lower()
    if text not in ON | OFF:
        raise ImproperlyConfigured(f"{name} is {text!r}: write 1 (on) or 0 (off)")
    return text in ON


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
