"""Read the canonical bytes of one entry as an outsider: a JSON object after RFC 8785. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from willing.audit.verify.errors import Unproven

VERSION = 1
FIELDS = {"v", "seq", "at", "event", "subject", "facts", "personal"}
INTEGER_MAX = 2**53 - 1  # RFC 8785 writes no larger whole number


class EntryContent(NamedTuple):
    """What an entry says about itself."""

    sequence: int
    at: str
    event: str
    subject: str | None
    facts: Mapping[str, Any]
    personal: str


def read_entry(hashed: bytes) -> EntryContent:
    """Return what the canonical bytes say. Raises Unproven: malformed, unknown_version.

    The bytes are read strictly: one value has one spelling, so that no two readers see different entries.
    """
    try:
        text = hashed.decode()
        decoder = _STRICT_DECODER if _LONG_NUMBER.search(text) else _DECODER
        said = decoder.decode(text)
        is_canonical = _ENCODER.encode(said) == text or _write(said) == text
    except (ValueError, RecursionError):
        raise Unproven("malformed", "this is not an entry in canonical JSON") from None
    if not isinstance(said, dict) or not is_canonical or type(said.get("v")) is not int:
        raise Unproven("malformed", "this is not an entry in canonical JSON")
    if said["v"] != VERSION:
        raise Unproven("unknown_version", "this entry is of a version that is not known here")
    if said.keys() != FIELDS or not _has_types(said):
        raise Unproven("malformed", "the entry has other fields than it must have")
    return EntryContent(
        said["seq"], said["at"], said["event"], said["subject"], said["facts"], said["personal"]
    )


def _has_types(content: Mapping[str, Any]) -> bool:
    return (
        type(content["seq"]) is int
        and 1 <= content["seq"] <= INTEGER_MAX
        and isinstance(content["at"], str)
        and isinstance(content["event"], str)
        and (content["subject"] is None or isinstance(content["subject"], str))
        and isinstance(content["facts"], dict)
        and isinstance(content["personal"], str)
    )


def _write(value: Any) -> str:
    """Write canonical JSON slowly: names in the order of their UTF-16 units, which Python's own is not."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_ENCODER.encode(name)}:{_write(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    return _ENCODER.encode(value)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no whole number")


def _read_integer(text: str) -> int:
    if abs(value := int(text)) > INTEGER_MAX:
        raise ValueError("a whole number is too large")
    return value


# Looking at each number costs a tenth of the whole verification; only runs of 16 digits can be too large.
_LONG_NUMBER = re.compile(r"[0-9]{16}")
_DECODER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)
_STRICT_DECODER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse, parse_int=_read_integer)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
