"""A log in a file: what an outsider gets, and checks without the database. Pure; memory stays small.

The first line is a JSON object; each further line is the canonical bytes of one entry, in order, unchanged:

    format      "willing-log-1"
    first       the sequence of the first entry in the file
    before      the right edge of the tree of all entries before it, in hexadecimal, largest first
    checkpoint  the signed checkpoint up to which the file goes, as text
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from willing.audit.verify.entries import read_entry
from willing.audit.verify.errors import Unproven
from willing.audit.verify.files import BOM
from willing.audit.verify.merkle import CompactRange, hash_leaf
from willing.audit.verify.rebuild import Recount
from willing.audit.verify.restores import Restore, find_restore
from willing.audit.verify.signed_note import Checkpoint, Key, open_checkpoint, require_order

FORMAT = "willing-log-1"
FIELDS = {"format", "first", "before", "checkpoint"}
LINE_BYTES_MAX = 1 << 20
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Verified:
    """What was verified: the entries `first` to `size`, and the checkpoints that they were held against.

    restores: what the file says of being restored from copies. lost: checkpoints of entries that it says were
    lost then; they prove nothing about the entries that are there.
    """

    first: int
    size: int
    root: bytes
    checkpoints: tuple[Checkpoint, ...]
    restores: tuple[Restore, ...] = ()
    lost: tuple[Checkpoint, ...] = ()


def verify_export(file: BinaryIO, keys: Sequence[Key], *, known: Iterable[Checkpoint] = ()) -> Verified:
    """Verify a log in a file, up to its own checkpoint and against all `known` ones (already opened).

    Raises Unproven at the first thing that does not hold, with the line: malformed, unknown_version,
    wrong_key, bad_signature, out_of_order, inconsistent, cut_off, uncovered.
    """
    lines = _read_lines(file)
    first, before, end = _read_header(next(lines, b""), keys)
    checkpoints = sorted({*known, end}, key=lambda one: one.size)
    for origin in {one.origin for one in checkpoints}:  # a restore begins a new one, with fewer entries
        require_order([one for one in checkpoints if one.origin == origin])
    restores: list[Restore] = []
    count = Recount(checkpoints, before)
    _require_agreement(count, 1)
    if count.uncovered:
        raise Unproven(
            "uncovered", f"the file begins after the checkpoint at {count.uncovered[0].size} entries"
        )
    for number, line in enumerate(lines, start=2):
        restores += _count_entry(count, line, number)
    missing = count.unreached
    if missing:
        raise Unproven(
            "cut_off", f"{missing[-1].size} entries were signed for; the file ends at {count.tree.size}"
        )
    if count.tree.size > end.size:
        raise Unproven("inconsistent", f"the file goes on after the {end.size} entries that it is signed for")
    if end in count.lost:
        raise Unproven("inconsistent", "the file is signed by an origin that was closed when it was restored")
    agreed = tuple(one for one in checkpoints if one not in count.lost)
    return Verified(first, count.tree.size, count.tree.root(), agreed, tuple(restores), tuple(count.lost))


def _count_entry(count: Recount, line: bytes, number: int) -> list[Restore]:
    try:
        said = read_entry(line)
    except Unproven as error:
        error.line = number
        raise
    expected = count.tree.size + 1
    if said.sequence != expected:
        raise Unproven("out_of_order", f"entry {expected} was expected, found {said.sequence}", line=number)
    restore = find_restore(said)
    if restore:
        count.close(restore)
    count.add(hash_leaf(line))
    _require_agreement(count, number)
    return [restore] if restore else []


def _require_agreement(count: Recount, number: int) -> None:
    if count.contradicted:
        start, end = count.confirmed_size + 1, count.contradicted[0].size
        message = f"the entries are not those that were signed at {end}: look between {start} and {end}"
        raise Unproven("inconsistent", message, line=number)


def _read_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield each line without its end.

    A byte order mark, and a carriage return before the end, are left out: no entry holds either, so what was
    hashed decides.
    """
    number = 0
    while line := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(BOM)
            if b"\r" in line.rstrip(b"\r\n"):
                raise Unproven(
                    "malformed", "the line ends of this file were changed to carriage returns", line=1
                )
        if len(line) > LINE_BYTES_MAX:
            raise Unproven("malformed", f"a line has more than {LINE_BYTES_MAX} bytes", line=number)
        if not line.endswith(b"\n"):
            raise Unproven("cut_off", "the file ends in the middle of a line", line=number)
        yield line[:-1].removesuffix(b"\r")


def _read_header(line: bytes, keys: Sequence[Key]) -> tuple[int, CompactRange, Checkpoint]:
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.keys() != FIELDS or header["format"] != FORMAT:
        raise Unproven("malformed", "this is not an exported log", line=1)
    try:
        return header["first"], _read_before(header), open_checkpoint(header["checkpoint"], keys)
    except Unproven as error:
        error.line = 1
        raise


def _read_before(header: dict[str, Any]) -> CompactRange:
    first, before = header["first"], header["before"]
    has_types = (
        type(first) is int
        and isinstance(header["checkpoint"], str)
        and isinstance(before, list)
        and all(isinstance(one, str) and _HASH.fullmatch(one) for one in before)
    )
    try:
        if has_types:
            return CompactRange(first - 1, [bytes.fromhex(one) for one in before])
    except ValueError:
        pass
    raise Unproven("malformed", "the file does not say rightly where it begins")
