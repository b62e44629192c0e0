"""Cosignatures: a witness says that a checkpoint continues every one it saw before. Pure.

The form is c2sp.org/tlog-cosignature, version 1 (Ed25519): a signature line of a signed note, over the text

    cosignature/v1
    time 1679315147
    the checkpoint's own lines

made by a key of another kind than a log's. What a witness is asked is c2sp.org/tlog-witness.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from willing.audit.verify.errors import Unproven
from willing.audit.verify.merkle import HASH_BYTES
from willing.audit.verify.signed_note import KEY_LINE, SIGNATURE_LINE, decode_base64

COSIGNATURE = b"\x04"  # the note format's number for this kind of key
TIME_BYTES = 8
LINES_MAX = 100
TIME_MAX = 253402300799  # the last second of the year 9999, which is the last that Python can say


@dataclass(frozen=True)
class WitnessKey:
    """A witness's public key, and its name."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """Return the 4 bytes that say whose key signed; not a proof of anything."""
        return hashlib.sha256(self.name.encode() + b"\n" + COSIGNATURE + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(COSIGNATURE + self.raw).decode()}"


@dataclass(frozen=True)
class VerifiedCosignature:
    """A witness's line under a checkpoint, verified; `at` is when the witness says that it signed."""

    key: WitnessKey
    at: datetime
    line: str


def parse_witness_key(text: str) -> WitnessKey:
    """Return the public key of a line `name+id+base64`. Raises Unproven (malformed)."""
    found = KEY_LINE.fullmatch(text.strip())
    raw = decode_base64(found[3]) if found else b""
    if not found or len(raw) != 1 + HASH_BYTES or raw[:1] != COSIGNATURE:
        raise Unproven("malformed", "this is not the public key of a witness")
    key = WitnessKey(found[1], raw[1:])
    if key.id.hex() != found[2]:
        raise Unproven("malformed", "the public key was copied wrongly: its id does not fit")
    return key


def cosigned_message(text: str, seconds: int) -> bytes:
    """Return what a witness signs. text: a checkpoint's, without signatures; seconds: since 1970, UTC."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def write_request(old_size: int, proof: Sequence[bytes], note: str) -> str:
    """Return what a witness is asked: to sign a checkpoint that continues one of `old_size` entries."""
    lines = [f"old {old_size}", *(base64.b64encode(one).decode() for one in proof)]
    return "".join(f"{line}\n" for line in lines) + f"\n{note}"


def read_cosignatures(answer: str, text: str, keys: Iterable[WitnessKey]) -> list[VerifiedCosignature]:
    """Return the cosignatures of `keys` in a witness's answer; lines of other keys are left out.

    answer: signature lines, one below the other; text: the checkpoint's, without signatures. Raises Unproven:
    malformed; wrong_key where none of `keys` signed; bad_signature.
    """
    lines = list(SIGNATURE_LINE.finditer(answer))
    if "".join(one[0] for one in lines) != answer or not 0 < len(lines) <= LINES_MAX:
        raise Unproven("malformed", "this is not the answer of a witness")
    known = list(keys)
    found = [
        _verify(key, decode_base64(line[2])[4:], text, line[0])
        for line in lines
        for key in known
        if (key.name, key.id) == (line[1], decode_base64(line[2])[:4])
    ]
    if not found:
        signers = ", ".join(dict.fromkeys(line[1] for line in lines))
        raise Unproven("wrong_key", f"signed by {signers}, which is none of the witnesses that are known")
    return found


def _verify(key: WitnessKey, signature: bytes, text: str, line: str) -> VerifiedCosignature:
    seconds = int.from_bytes(signature[:TIME_BYTES], "big")
    if len(signature) != TIME_BYTES + 64 or seconds > TIME_MAX:
        raise Unproven("malformed", "this is not a cosignature of version 1")
    try:
        public = Ed25519PublicKey.from_public_bytes(key.raw)
        public.verify(signature[TIME_BYTES:], cosigned_message(text, seconds))
    except (InvalidSignature, ValueError):
        raise Unproven(
            "bad_signature", f"the line of {key.name} does not belong to this checkpoint, or was changed"
        ) from None
    return VerifiedCosignature(key, datetime.fromtimestamp(seconds, UTC), line)


def require_witnesses(note: str, keys: Iterable[WitnessKey]) -> list[VerifiedCosignature]:
    """Return the cosignatures of `keys` under a checkpoint.

    Raises Unproven: malformed, bad_signature; no_witness where one of `keys` did not sign.
    """
    text, separator, lines = note.rpartition("\n\n")
    if not separator:
        raise Unproven("malformed", "this is not a signed checkpoint")
    found = []
    for key in keys:
        try:
            found += read_cosignatures(lines, f"{text}\n", [key])
        except Unproven as error:
            if error.code != "wrong_key":
                raise
            raise Unproven("no_witness", f"the witness {key.name} did not sign this checkpoint") from None
    return found
