"""Receipts as bytes for ESC/POS printers. Pure: rows of text in, bytes out.

The few commands that a receipt needs, as Epson's reference gives them and python-escpos 3.1 writes them; why
they are ours: docs/decisions.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from willing.terminals.printer_rules import CharacterTable

INITIALISE = b"\x1b@"
TWO_BYTE_ON, TWO_BYTE_OFF = b"\x1c&", b"\x1c."
BOLD_ON, BOLD_OFF = b"\x1bE\x01", b"\x1bE\x00"
# Feed the last line past the knife, then cut all but a point, so that the paper doesn't fall.
FEED_AND_CUT = b"\n\n\n\x1dVB\x00"
# Asks at once, whatever is being printed, whether the printer is ready (n = 1); it answers with one byte.
ASK_STATUS = b"\x10\x04\x01"
_STATUS_BITS, _STATUS_SIGN, _STATUS_OFFLINE = 0b10010011, 0b00010010, 0b00001000
# What babel and people write that old tables don't have.
_PLAIN = {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "...", "×": "x"}
_PLAIN["¥"] = "￥"  # as tables for China have it


class CharactersMissing(Exception):
    """The printer's table has no such characters."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing


@dataclass(frozen=True)
class ReceiptRow:
    """A line of a receipt: what is on the left, and a sum on the right. An empty one is a blank line."""

    left: str = ""
    right: str = ""
    is_bold: bool = False
    is_centred: bool = False


def write_receipt(rows: Sequence[ReceiptRow], *, columns: int, table: CharacterTable) -> bytes:
    """Return the bytes of a receipt. Raises CharactersMissing, with all of them, where any is missing."""
    missing = find_missing((text for row in rows for text in (row.left, row.right)), table)
    if missing:
        raise CharactersMissing(missing)
    begin = TWO_BYTE_ON if table.number is None else TWO_BYTE_OFF + b"\x1bt" + bytes([table.number])
    lines = [_line(row, text, table) for row in rows for text in _laid_out(row, columns, table)]
    return INITIALISE + begin + b"".join(lines) + FEED_AND_CUT


def find_missing(texts: Iterable[str], table: CharacterTable) -> str:
    """Return the characters of some texts that the printer's table does not have, each once."""
    missing: dict[str, None] = {}
    for text in texts:
        for one in text:
            if _encode(one, table) is None:
                missing[one] = None
    return "".join(missing)


def is_ready(answer: bytes) -> bool | None:
    """Say what a printer's answer to ASK_STATUS means; None where it is no such answer."""
    if len(answer) != 1 or answer[0] & _STATUS_BITS != _STATUS_SIGN:
        return None
    return not answer[0] & _STATUS_OFFLINE


def _line(row: ReceiptRow, text: str, table: CharacterTable) -> bytes:
    written = b"".join(_all(text, table)) + b"\n"
    return BOLD_ON + written + BOLD_OFF if row.is_bold else written


def _encode(one: str, table: CharacterTable) -> bytes | None:
    """Return a character's bytes; none for a control character, which would be a command; None: missing."""
    kind = unicodedata.category(one)
    if kind in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return b""
    plain = " " if kind == "Zs" else one
    for encoding in table.encodings:
        for text in (plain, _PLAIN.get(one, plain), _without_marks(plain)):
            with suppress(UnicodeEncodeError):
                return text.encode(encoding)
    return None


def _without_marks(one: str) -> str:
    """Return a letter without its accents, and a ligature in its parts."""
    parts = unicodedata.normalize("NFKD", one)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _width(text: str, table: CharacterTable) -> int:
    """Return how many columns a text takes. A character of two bytes, or of four, takes two."""
    return sum(
        2 if table.number is None and not written.isascii() else len(written) for written in _all(text, table)
    )


def _all(text: str, table: CharacterTable) -> Iterator[bytes]:
    return (_encode(one, table) or b"" for one in text)


def _laid_out(row: ReceiptRow, columns: int, table: CharacterTable) -> Iterator[str]:
    """Yield the lines of a row: the left side is wrapped, and the sum is at the right end of the last."""
    lines = list(_wrapped(row.left, columns, table))
    if not row.right:
        for text in lines:
            indent = (columns - _width(text, table)) // 2 if row.is_centred else 0
            yield " " * indent + text
        return
    yield from lines[:-1]
    gap = columns - _width(lines[-1], table) - _width(row.right, table)
    if gap >= 1:
        yield lines[-1] + " " * gap + row.right
        return
    yield lines[-1]
    yield " " * max(0, columns - _width(row.right, table)) + row.right


def _wrapped(text: str, columns: int, table: CharacterTable) -> Iterator[str]:
    """Yield a text in lines that fit: broken between words, and within one that is longer than a line."""
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if _width(joined, table) <= columns:
            line = joined
            continue
        if line:
            yield line
        line = word
        while _width(line, table) > columns:
            at = _fitting(line, columns, table)
            yield line[:at]
            line = line[at:]
    yield line


def _fitting(text: str, columns: int, table: CharacterTable) -> int:
    """Return how many characters of a text fit, at least one."""
    at = 1
    while at < len(text) and _width(text[: at + 1], table) <= columns:
        at += 1
    return at
