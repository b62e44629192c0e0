"""Checkpoints: a signed text that says how long the log is and what its root is. Pure.

The form is a signed note with a log checkpoint as its text (c2sp.org/signed-note, c2sp.org/tlog-checkpoint),
so that other people's verifiers read it too:

    willing/5f0c…            origin: which log, and which key
    1234                     size: how many entries
    q8kF…=                   root: base64 of 32 bytes
    time 2026-09-01T12:30:00Z

    — willing/5f0c… x08go…=  base64 of the key's 4-byte id and the Ed25519 signature over the lines above

Others, such as witnesses, may add signature lines of their own. Those of unknown keys are ignored.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from willing.audit.verify.errors import Unproven
from willing.audit.verify.merkle import HASH_BYTES

NOTE_BYTES_MAX = 1 << 16
SIGNATURES_MAX = 100  # as in Go's sumdb/note; the specification asks for 16 at least
ED25519 = b"\x01"  # the note format's number for this kind of key
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
NAME = r"[!-*,-~]{1,100}"  # printable ASCII without space and plus, which the format keeps for itself
SIZE = r"0|[1-9][0-9]{0,17}"
KEY_LINE = re.compile(rf"({NAME})\+([0-9a-f]{{8}})\+([A-Za-z0-9+/]{{44}})")
# The names of others may be of any script, without spaces and plus.
SIGNATURE_LINE = re.compile("— ([^\\s+\x00-\x20\x7f-\xa0\ufeff]+) ([A-Za-z0-9+/=]+)\n")
CHECKPOINT_TEXT = re.compile(rf"({NAME})\n({SIZE})\n([A-Za-z0-9+/]{{43}}=)\ntime ([-0-9T:]{{19}}Z)\n")


@dataclass(frozen=True)
class Key:
    """A public key that is trusted, and its name."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """Return the 4 bytes that say which key signed; not a proof of anything."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.raw).decode()}"


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says. `at` has whole seconds, in UTC; `root` has 32 bytes."""

    origin: str
    size: int
    root: bytes
    at: datetime

    def text(self) -> str:
        """Return the canonical text, which is what is signed."""
        at = self.at.astimezone(UTC).strftime(TIME_FORMAT)
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\ntime {at}\n"


def parse_key(text: str) -> Key:
    """Return the public key of a line `name+id+base64`. Raises Unproven (malformed)."""
    found = KEY_LINE.fullmatch(text.strip())
    raw = decode_base64(found[3]) if found else b""
    if not found or len(raw) != 1 + HASH_BYTES or raw[:1] != ED25519:
        raise Unproven("malformed", "this is not the public key of a log")
    key = Key(found[1], raw[1:])
    if key.id.hex() != found[2]:
        raise Unproven("malformed", "the public key was copied wrongly: its id does not fit")
    return key


def sign(text: str, name: str, private: Ed25519PrivateKey) -> str:
    """Return `text` (ending in a line break) as a signed note."""
    key = Key(name, private.public_key().public_bytes_raw())
    signature = base64.b64encode(key.id + private.sign(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n"


def open_note(note: str, keys: Iterable[Key]) -> str:
    """Return the text of a note that one of `keys` signed, no matter who else signed it.

    Raises Unproven: malformed, wrong_key, bad_signature (also where only one of several known keys' is bad).
    """
    return _open(note, keys)[0]


def _open(note: str, keys: Iterable[Key]) -> tuple[str, frozenset[str]]:
    """Return a note's text and the names of the keys that signed it."""
    text, signatures = _split(note)
    known, names = list(keys), set[str]()
    for name, signature in signatures:
        candidates = [key for key in known if key.name == name and key.id == signature[:4]]
        if not candidates:
            continue
        if not any(_is_signed(text, signature[4:], key) for key in candidates):
            raise Unproven(
                "bad_signature", "the signature does not belong to this text: one of them was changed"
            )
        names.add(name)
    if not names:
        signers = ", ".join(dict.fromkeys(name for name, _ in signatures))
        raise Unproven("wrong_key", f"signed by {signers}, which is none of the keys that were given")
    return text, frozenset(names)


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a note's text, and each signature with its name: the key's 4-byte id first."""
    text, separator, tail = note.rpartition("\n\n")
    lines = list(SIGNATURE_LINE.finditer(tail))
    is_whole = "".join(one[0] for one in lines) == tail
    if not separator or not is_whole or not 0 < len(lines) <= SIGNATURES_MAX:
        raise Unproven("malformed", "this is not a signed checkpoint")
    if len(_encode(note)) > NOTE_BYTES_MAX:
        raise Unproven("malformed", "this is longer than a signed checkpoint can be")
    signatures = [(one[1], decode_base64(one[2])) for one in lines]
    if any(len(signature) < 5 for _, signature in signatures):
        raise Unproven("malformed", "a signature of the checkpoint is too short to be one")
    return f"{text}\n", signatures


def _encode(note: str) -> bytes:
    try:
        return note.encode()
    except UnicodeEncodeError:
        raise Unproven("malformed", "this is not text") from None


def _is_signed(text: str, signature: bytes, key: Key) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def checkpoint_text(note: str) -> str:
    """Return the lines of a checkpoint that are signed, whoever signed them. Raises Unproven (malformed)."""
    return _split(note)[0]


def parse_checkpoint(text: str) -> Checkpoint:
    """Return what a checkpoint's text says, signed or not. Raises Unproven (malformed)."""
    found = CHECKPOINT_TEXT.fullmatch(text)
    if not found:
        raise Unproven("malformed", "this is not the text of a checkpoint")
    try:
        at = datetime.strptime(found[4], TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise Unproven("malformed", "the checkpoint's time is no time", line=4) from None
    return Checkpoint(found[1], int(found[2]), decode_base64(found[3]), at)


def open_checkpoint(note: str, keys: Iterable[Key]) -> Checkpoint:
    """Return what a signed checkpoint says.

    Raises Unproven: malformed, wrong_key, bad_signature. A key signs for the log of its own name only.
    """
    text, names = _open(note, keys)
    checkpoint = parse_checkpoint(text)
    if checkpoint.origin not in names:
        raise Unproven("wrong_key", "the key that signed is not the one of this log")
    return checkpoint


def require_order(checkpoints: Sequence[Checkpoint]) -> None:
    """Raise Unproven where checkpoints, in the order they were made, go back, or disagree with each other.

    Their times say nothing: a clock can be set back, and a log that goes on after that is whole.
    """
    for before, after in pairwise(checkpoints):
        if after.size < before.size:
            raise Unproven(
                "out_of_order", f"the checkpoint at {after.size} comes after the one at {before.size}"
            )
        if after.size == before.size and after.root != before.root:
            raise Unproven("inconsistent", f"two signed checkpoints at {after.size} entries disagree")


def decode_base64(text: str) -> bytes:
    """Return the bytes of canonical base64; two texts never stand for the same bytes.

    Raises Unproven (malformed).
    """
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unproven("malformed", "this is not base64") from None
    if base64.b64encode(decoded).decode() != text:
        raise Unproven("malformed", "this is not the one way to write these bytes in base64")
    return decoded
