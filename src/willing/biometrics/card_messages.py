"""What the server and the process that opens a card's template say to each other. No Django, no face engine.

One message: the lengths of its two parts, a JSON object, and bytes that are no text (a sealed template, the
numbers of a probe).
"""

import json
import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO

SECONDS_MAX = 30
SIBLINGS_MAX = 4
OWNER = "owner"
BLOB_BYTES_MAX = 1_000_000
_LENGTHS = struct.Struct(">II")
_PURPOSE = b"willing card share v1"


def sibling_name(number: int) -> str:
    """Return whose a share is, of the sibling at this place (from 0) among those at the enrolment desk."""
    return f"sibling {number}"


@dataclass(frozen=True)
class Occasion:
    """What a share is shown for: the school, one session of the camera, and its basket (or its capture)."""

    school: str
    session: str
    basket: str

    def info(self, whose: str = OWNER) -> bytes:
        """Return what a page binds a sealed share to. whose: OWNER, or `sibling_name` at the desk."""
        parts = (self.school, self.session, self.basket, whose)
        return _PURPOSE + b"".join(struct.pack(">I", len(part)) + part.encode() for part in parts)


@dataclass(frozen=True)
class Message:
    """One message; what it says may be half of a key, so its repr shows nothing."""

    said: dict[str, Any] = field(repr=False)
    blob: bytes | memoryview = field(default=b"", repr=False)


class MessageCut(Exception):
    """The other side closed in the middle of a message, or sent what is none."""


def write_message(stream: BinaryIO, message: Message) -> None:
    """Send a message. Raises OSError where the other side is gone."""
    text = json.dumps(message.said).encode()
    for part in (_LENGTHS.pack(len(text), len(message.blob)) + text, message.blob):
        rest = memoryview(part)
        while rest:  # a pipe without a buffer takes what fits
            rest = rest[stream.write(rest) :]
    stream.flush()


def read_message(stream: BinaryIO) -> Message | None:
    """Return the next message; None where the other side has closed. Raises MessageCut."""
    head = _read(stream, _LENGTHS.size)
    if not head:
        return None
    if len(head) < _LENGTHS.size:
        raise MessageCut
    text_length, blob_length = _LENGTHS.unpack(head)
    if max(text_length, blob_length) > BLOB_BYTES_MAX:
        raise MessageCut
    text, blob = _read(stream, text_length), _read(stream, blob_length)
    if (len(text), len(blob)) != (text_length, blob_length):
        raise MessageCut
    return Message(json.loads(text), blob)


def _read(stream: BinaryIO, length: int) -> bytes:
    """Return so many bytes, fewer where the other side has closed."""
    found = b""
    while len(found) < length and (part := stream.read(length - len(found))):
        found += part
    return found
