"""The master key: wraps person keys, and gives the keys for hashing PINs and card codes.

It comes from $WILLING_MASTER_KEY (64 hexadecimal digits) or from a file with mode 0600, never from a
database.
"""

import hmac
import os
import secrets
import time
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from willing.core.paths import read_secret
from willing.keys.errors import MasterKeyWrong

NONCE_BYTES = 12
SETTLED_NS = 1_000_000_000


def _master_key() -> bytes:
    text = os.environ.get("WILLING_MASTER_KEY")
    if text is None:
        return read_secret(settings.MASTER_KEY_FILE)[:32]
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured("WILLING_MASTER_KEY must be 64 hexadecimal digits")
    return key


def _derive(label: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"willing.{label}.v1".encode()).derive(_master_key())


# The keys of digests, which every request needs several times: by the master key's origin, and by label.
# Only these are kept; what opens a person's key is derived anew each time.
_kept: tuple[object, dict[str, bytes]] = (None, {})


def _derive_once(label: str) -> bytes:
    """Return a derived key, kept for as long as the master key's file, or setting, is the one that it was."""
    global _kept
    origin = _origin()
    if origin is None:
        return _derive(label)
    kept = _kept  # once: another thread may replace it meanwhile
    if kept[0] != origin:
        kept = _kept = origin, {}
    known = kept[1]
    if label not in known:
        known[label] = _derive(label)
    return known[label]


def _origin() -> object:
    """Return what tells the master key from another one, without reading it; None where nothing does.

    A file that was changed within a second of now could be changed again without looking any different.
    """
    text = os.environ.get("WILLING_MASTER_KEY")
    if text is not None:
        return text
    try:
        state = Path(settings.MASTER_KEY_FILE).stat()
    except OSError:
        return None  # whoever reads it says what is wrong
    if not 0 <= state.st_ctime_ns <= time.time_ns() - SETTLED_NS:
        return None
    return (
        str(settings.MASTER_KEY_FILE),
        state.st_dev,
        state.st_ino,
        state.st_ctime_ns,
        state.st_size,
        state.st_mode,
    )


def wrap(key: bytes, bound_to: str) -> bytes:
    """Return `key` (32 bytes) wrapped with AES-256-GCM; `bound_to` must be given again to unwrap."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_derive("wrap")).encrypt(nonce, key, bound_to.encode())


def unwrap(wrapped: bytes, bound_to: str) -> bytes:
    """Return the 32-byte key. Raises MasterKeyWrong for another master key or another `bound_to`."""
    try:
        return AESGCM(_derive("wrap")).decrypt(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to.encode()
        )
    except InvalidTag:
        raise MasterKeyWrong("the master key of this installation does not open this key") from None


def keyed_digest(label: str, text: str) -> str:
    """Return the HMAC-SHA-256 of `text` in hexadecimal, under a key of this installation for `label`."""
    return hmac.digest(_derive_once(label), text.encode(), "sha256").hex()
