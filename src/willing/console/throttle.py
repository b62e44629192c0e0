"""Slow down whoever guesses passwords: 10 wrong tries a user name, and a client address, in five minutes."""

import hashlib

from django.core.cache import cache

from willing.console import errors

TRIES = 10
SECONDS = 5 * 60


def count_try(username: str, address: str) -> None:
    """Count a try before the password is looked at, so that tries at the same moment can't outrun the limit.

    Raises Refused too_many_sign_ins, for a right password too: the answer must not tell which one it was.
    """
    keys = _keys(username, address)
    for key in keys:
        cache.add(key, 0, timeout=SECONDS)
    if max(cache.get(key, 0) for key in keys) >= TRIES:
        raise errors.too_many_sign_ins()
    for key in keys:
        _step(key, 1)


def forgive_try(username: str, address: str) -> None:
    """Take a try back that turned out right. Earlier wrong ones stay counted."""
    for key in _keys(username, address):
        _step(key, -1)


def _step(key: str, by: int) -> None:
    try:
        cache.incr(key, by)
    except ValueError:  # the five minutes ended between two lines
        cache.add(key, max(by, 0), timeout=SECONDS)


def _keys(username: str, address: str) -> tuple[str, str]:
    # Digests, so that neither a mistyped password in the wrong field nor a name stands in a shared cache.
    texts = (f"name:{username.casefold()}", f"address:{address}")
    name, place = (hashlib.sha256(text.encode()).hexdigest() for text in texts)
    return f"sign-in:{name}", f"sign-in:{place}"
