"""Check one entry's row against its canonical bytes and the entry before it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from willing.audit.encoding import chain, digest_personal, hash_entry
from willing.audit.verify.entries import EntryContent, read_entry
from willing.audit.verify.errors import Unproven

# Every code that a Fault may have; pages have a sentence for each.
FAULT_CODES = frozenset(
    {
        "changed",  # its bytes or a column are not those that were hashed
        "missing",  # no entry has this sequence
        "reordered",  # it is in the wrong position, or the ones before it were exchanged
        "personal_changed",  # its text is neither the one that was bound nor erased
        "cut_off",  # entries from here on were removed, or added past the log's end
        "unknown_version",  # written by a later version
        "tree_changed",  # the entries are whole; the stored tree over them is not
        "checkpoint_changed",  # a kept checkpoint is not what was signed, or is out of order
        "checkpoint_unknown_key",  # a kept checkpoint is signed by none of the trusted keys
        "checkpoint_contradicted",  # the entries up to here are not those that were signed
    }
)


COLUMNS = (
    "sequence",
    "at",
    "event",
    "subject",
    "hashed",
    "entry_hash",
    "chain_hash",
    "personal_json",
    "personal_salt",
)


Row = tuple[
    int, datetime, str, UUID | None, Any, Any, Any, str | None, Any
]  # COLUMNS; Any: bytes or memoryview


@dataclass(frozen=True)
class LogFault:
    """Something wrong in the log, at the entry with this sequence (a checkpoint's: its last entry)."""

    sequence: int
    code: str  # one of FAULT_CODES


def find_fault(row: Row, previous: bytes) -> str | None:
    """Return the code of what is wrong with an entry's row, or None. previous: the chain hash before it."""
    sequence, at, event, subject, hashed, entry_hash, chain_hash, personal_json, salt = row
    content = bytes(hashed)
    if hash_entry(content) != bytes(entry_hash):
        return "changed"
    if chain(previous, bytes(entry_hash)) != bytes(chain_hash):
        return "reordered"
    try:
        said = read_entry(content)
    except Unproven as error:
        return "unknown_version" if error.code == "unknown_version" else "changed"
    columns = (sequence, _text(at), event, str(subject) if subject else None)
    if columns != (said.sequence, said.at, said.event, said.subject):
        return "changed"
    return None if _is_personal_whole(personal_json, salt, said) else "personal_changed"


def _is_personal_whole(personal_json: str | None, salt: Any, content: EntryContent) -> bool:
    if personal_json is None or salt is None:
        return personal_json is None and salt is None  # erased: both are gone
    return digest_personal(personal_json.encode(), bytes(salt)).hex() == content.personal


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"  # a tenth of strftime's time
