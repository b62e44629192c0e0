"""Messages that a page seals to one key, and the process that has it opens: HPKE (RFC 9180) in base mode.

DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, one message a key: what `ui/hpke.js` seals. The key
lives in the memory of its process only, and a message is bound to `info`: one that was sealed for another
occasion does not open.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


class MessageRefused(Exception):
    """A message was not sealed to this key, not for this occasion, or not as it is now."""


class ReceivingKey:
    """A key that is made for one occasion, and never written down."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | None = None) -> None:
        self._private = private or ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> bytes:
        """What a page seals to: the point, uncompressed (65 bytes)."""
        return self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed for this occasion. Raises MessageRefused, without saying why."""
        try:
            return _SUITE.decrypt(sealed, self._private, info)
        except (InvalidTag, ValueError):
            raise MessageRefused("the message does not open with this key for this occasion") from None


def seal_message(public: bytes, message: bytes, info: bytes) -> bytes:
    """Return a message as a page seals it (`ui/hpke.js`), for what plays the page's part: the demo."""
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    return _SUITE.encrypt(message, key, info)
