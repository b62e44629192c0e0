"""The journal as a file: one JSON object a line, each with a hash over itself and all before it."""

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rfc8785

from willing.audit.errors import JournalDamaged

FILE, MARKS = "refusals.journal", "marks.json"
FORMAT = "willing-journal-1"
TAIL_BYTES = 1 << 20


@dataclass(frozen=True)
class Position:
    """A line of the journal: its number, from 1, and the SHA-256 over it and all before, in hexadecimal."""

    number: int
    check: str


@dataclass(frozen=True)
class JournalFileLine:
    """One line. kind: a log event, `begun` or `marked`. entry: the log's, where the deed wrote one.

    origin: which log it was; size, root (hexadecimal): the log's when it was written. numbers: the highest
    then of each kind, by the id of the school or drawer whose they are.
    """

    position: Position
    kind: str
    entry: int | None
    origin: str
    size: int
    root: str
    numbers: Mapping[str, Mapping[str, int]]
    facts: Mapping[str, Any]


@dataclass
class Journal:
    """What a file holds: its lines up to the first that is damaged, and whether all of them are whole."""

    lines: list[JournalFileLine] = field(default_factory=list)
    is_whole: bool = True
    last: Position = Position(0, "")

    def has(self, position: Position) -> bool:
        """Say whether a line that was there once still is."""
        number = position.number
        return 0 < number <= len(self.lines) and self.lines[number - 1].position == position


def read_journal(folder: Path) -> Journal:
    """Return the journal in `folder`. What follows a damaged line is not believed.

    A last line without its end was being written when the power went: its deed waits in the database still.
    Raises JournalDamaged where there is no journal, or it cannot be read.
    """
    found = Journal()
    try:
        with (folder / FILE).open("rb") as file:
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                line = _read_line(raw, found.last)
                if line is None:
                    found.is_whole = False
                    break
                found.lines.append(line)
                found.last = line.position
    except OSError as error:
        raise JournalDamaged(f"{folder / FILE}: {error.strerror}") from None
    if not found.lines or found.lines[0].kind != "begun":
        raise JournalDamaged(f"{folder / FILE}: this is no journal")
    return found


def read_marks(folder: Path) -> JournalFileLine | None:
    """Return the newest marks as a line, or None where there are none that can be read."""
    try:
        told = json.loads((folder / MARKS).read_bytes())
        return _as_line({"kind": "marked", "entry": None, "facts": {}, **told}, Position(0, ""))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def append(path: Path, bodies: Sequence[Mapping[str, Any]]) -> None:
    """Append lines, all on the disk when it returns. Raises OSError, JournalDamaged."""
    with _locked(path) as descriptor:
        last = _drop_torn_end(descriptor)
        written = b""
        for body in bodies:
            line, last = line_of(body, last)
            written += line
        os.lseek(descriptor, 0, os.SEEK_END)
        while written:
            written = written[os.write(descriptor, written) :]
        os.fsync(descriptor)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR)  # not O_CREAT: a file that is gone is a fault to be seen
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _drop_torn_end(descriptor: int) -> Position:
    """Cut off what a crash left half written; return where the whole lines end. Raises JournalDamaged."""
    size = os.fstat(descriptor).st_size
    begin = max(0, size - TAIL_BYTES)
    tail = os.pread(descriptor, size - begin, begin)
    whole, _, torn = tail.rpartition(b"\n")
    if torn:
        os.ftruncate(descriptor, size - len(torn))
    try:
        body = json.loads(whole.rpartition(b"\n")[2])
        return Position(body["n"], body["check"])
    except (ValueError, KeyError, TypeError):
        raise JournalDamaged("the journal's last line cannot be read") from None


def line_of(body: Mapping[str, Any], last: Position) -> tuple[bytes, Position]:
    """Return the bytes of the line that follows `last`, and its position."""
    numbered = {**body, "n": last.number + 1}
    check = _check(numbered, last)
    return rfc8785.dumps({**numbered, "check": check}) + b"\n", Position(last.number + 1, check)


def _check(numbered: Mapping[str, Any], last: Position) -> str:
    return hashlib.sha256(last.check.encode() + rfc8785.dumps(dict(numbered))).hexdigest()


def _read_line(raw: bytes, last: Position) -> JournalFileLine | None:
    try:
        body = json.loads(raw)
        check = body.pop("check")
        if body["n"] != last.number + 1 or check != _check(body, last):
            return None
        return _as_line(body, Position(body["n"], check))
    except (ValueError, KeyError, TypeError, AttributeError, rfc8785.CanonicalizationError):
        return None


def _as_line(body: Mapping[str, Any], position: Position) -> JournalFileLine:
    return JournalFileLine(
        position,
        body["kind"],
        body["entry"],
        body["origin"],
        body["size"],
        body["root"],
        body["numbers"],
        body["facts"],
    )
