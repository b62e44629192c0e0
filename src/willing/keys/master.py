"""The master key: wraps person keys, and gives the keys for hashing PINs and card codes.

It comes from $WILLING_MASTER_KEY (64 hexadecimal digits) or from a file with mode 0600, never from a
database.
"""

import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from willing.core.paths import read_secret
from willing.keys.errors import MasterKeyWrong

NONCE_BYTES = 12


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
    return hmac.new(_derive(label), text.encode(), hashlib.sha256).hexdigest()
