"""Check the log without trusting what stands in it.

Everything is recomputed from the canonical bytes; the columns beside them are only compared.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections

from willing.audit.encoding import GENESIS, VERSION, chain, digest_personal, hash_entry
from willing.audit.models import Entry, Head


@dataclass(frozen=True)
class Fault:
    """Something wrong in the log, at the entry with this sequence."""

    sequence: int
    code: str  # changed | missing | reordered | personal_changed | cut_off | unknown_version


@dataclass(frozen=True)
class Verification:
    """What a verification found."""

    entries: int
    chain_hash: bytes
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """True where nothing is wrong."""
        return not self.faults


def verify_entries(entries: Iterable[Entry], *, expected_count: int, expected_hash: bytes) -> Verification:
    """Verify entries in the order given, against the end of the chain that is expected.

    Each faulty entry is reported once; the chain goes on from what the entry claims, so that one change is
    one fault and not a fault in every later entry.
    """
    faults: list[Fault] = []
    previous, expected, count = GENESIS, 1, 0
    for entry in entries:
        count += 1
        if entry.sequence != expected:
            faults.append(Fault(expected, "missing"))
        code = _find_fault(entry, previous)
        if code and not (code == "reordered" and entry.sequence != expected):
            faults.append(Fault(entry.sequence, code))
        previous, expected = bytes(entry.chain_hash), entry.sequence + 1
    if not faults and (count != expected_count or previous != expected_hash):
        faults.append(Fault(expected, "cut_off"))
    return Verification(count, previous, tuple(faults))


def verify_copy(path: Path) -> Verification:
    """Verify the log in a copy of an SQLite main database (a backup). The file is not changed."""
    alias = "audit-copy"
    options = {**connections.settings["default"], "NAME": f"file:{path}?mode=ro", "CONN_MAX_AGE": 0}
    options["OPTIONS"] = {"uri": True}
    connections.settings[alias] = options
    try:
        return verify_log(using=alias)
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def verify_log(*, using: str = "default") -> Verification:
    """Verify the whole log of this installation, or of another database that Django knows."""
    head = Head.objects.using(using).filter(id=1).first()
    return verify_entries(
        Entry.objects.using(using).order_by("sequence").iterator(chunk_size=2000),
        expected_count=head.sequence if head else 0,
        expected_hash=bytes(head.chain_hash) if head else GENESIS,
    )


def _find_fault(entry: Entry, previous: bytes) -> str | None:
    hashed = bytes(entry.hashed)
    if hash_entry(hashed) != bytes(entry.entry_hash):
        return "changed"
    if chain(previous, bytes(entry.entry_hash)) != bytes(entry.chain_hash):
        return "reordered"
    said = json.loads(hashed)
    if said["v"] != VERSION:
        return "unknown_version"
    columns = (entry.sequence, _text(entry.at), entry.event, str(entry.subject) if entry.subject else None)
    if columns != (said["seq"], said["at"], said["event"], said["subject"]):
        return "changed"
    return None if _is_personal_whole(entry, said["personal"]) else "personal_changed"


def _is_personal_whole(entry: Entry, digest: str) -> bool:
    if entry.personal_json is None or entry.personal_salt is None:
        return entry.personal_json is None and entry.personal_salt is None  # erased: both are gone
    return digest_personal(entry.personal_json.encode(), bytes(entry.personal_salt)).hex() == digest


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
