"""Seal a template under two halves of a key: the server keeps one, the card of its owner the other.

The key is HKDF-SHA-256 over both halves, bound to whose template it is and to which issue of it, and never
stored. A copy of the server's disk lacks 128 random bits; a card that was found has no template and not the
other half. Either half destroyed is erasure. Which half was wrong a seal never says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from willing.face.errors import BadSecret
from willing.face.protect import SECRET_BYTES, SealContext, open_sealed, seal

if TYPE_CHECKING:
    from willing.face.types import Float32

CARD_SHARE_BYTES = 16
_PURPOSE = b"willing.face card-held template v1"


@dataclass(frozen=True, slots=True)
class Halves:
    """The server's half of a key (32 bytes) and the card's (16 bytes)."""

    server: bytes = field(repr=False)
    card: bytes = field(repr=False)

    def key_for(self, context: SealContext) -> bytes:
        """Return the 32 bytes that seal a template of this context. Raises BadSecret.

        Both halves have one length each, so that no bit of one can pass for a bit of the other.
        """
        if len(self.server) != SECRET_BYTES or len(self.card) != CARD_SHARE_BYTES:
            raise BadSecret(f"halves of a key have {SECRET_BYTES} and {CARD_SHARE_BYTES} bytes")
        derived = HKDF(SHA256(), SECRET_BYTES, salt=None, info=_PURPOSE + context.associated_data())
        return derived.derive(self.server + self.card)


def seal_with_card(rows: Float32, halves: Halves, context: SealContext) -> bytes:
    """Return (R, 128) float32 references, sealed so that only both halves open them, as `protect.seal` does.

    Raises BadSecret, WrongArray.
    """
    return seal(rows, halves.key_for(context), context)


def open_with_card(sealed: bytes, halves: Halves, context: SealContext) -> Float32:
    """Return the references of a seal. Raises SealBroken where a half, the context or a bit differs."""
    return open_sealed(sealed, halves.key_for(context), context)
