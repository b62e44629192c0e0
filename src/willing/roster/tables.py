"""Tables of text: a header and rows, a row at a time; CSV files. Pure; in bounded memory."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

from willing.roster.cells import HARMLESS
from willing.roster.row_errors import RowFault, Unreadable
from willing.roster.sources import FileSource

CHUNK_BYTES = 65536
LINE_CHARS_MAX = 1024 * 1024
ENCODINGS = ("utf-8", "gb18030", "utf-16", "cp1252")
SAMPLE_CHARS = 4000

Cells = Iterator[tuple[int, list[str]]]
# What is wrong, and the cells of the row by column as far as they are there.
Report = Callable[[RowFault, Mapping[str, str]], None]


@dataclass(frozen=True)
class RosterTable:
    """A header and the rows below it, each with the line on which it begins.

    columns: their names; "Phone (1)" and "Phone (2)" where two have one name, "#3" where it has none.
    line: that of the header. notes: what the reader of the file has to say of it. is_grid: a cell is where
    it is, so what is beyond the header is beside the list; in a CSV file it is a comma too many.
    """

    file: str
    columns: list[str]
    cells: Cells
    line: int = 1
    notes: tuple[RowFault, ...] = ()
    is_grid: bool = False

    def require(self, *columns: str) -> None:
        """Raise Unreadable column_missing where the header lacks one of `columns`, column_twice for two."""
        for column in columns:
            if f"{column} (1)" in self.columns:
                raise Unreadable(self.file, self.line, "column_twice", column[:60])
            if column not in self.columns:
                raise Unreadable(self.file, self.line, "column_missing", column[:60])

    def rows(self, report: Report, *, short: bool = False) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the rows by column; blank rows are left out, rows of another width reported.

        Empty cells beyond the header are nothing. short: let a row end early, as spreadsheets write them.
        """
        width = len(self.columns)
        needed = max(place for place, name in enumerate(self.columns, 1) if not name.startswith("#"))
        for line, cells in self.cells:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != width:
                is_wide = not self.is_grid and any(cell.strip() for cell in cells[width:])
                if is_wide or (len(cells) < needed and not short):
                    row = dict(zip(self.columns, cells, strict=False))
                    report(RowFault(self.file, line, "row_width"), row)
                    continue
                cells = cells[:width] + [""] * (width - len(cells))  # noqa: PLW2901
            yield line, dict(zip(self.columns, cells, strict=True))


def read_csv(
    source: FileSource, file: str, *, encoding: str = "", sniff: bool = False, header_line: int = 0
) -> RosterTable:
    """Open a CSV file as a table. Commas; with `sniff`, semicolons or tabs where the header has more of them.

    encoding: one of ENCODINGS, "" to find out. header_line: the line with the names of the columns; 0 for
    the first that is not blank. Raises Unreadable.
    """
    encoding = encoding or find_encoding(lambda: source.open(file), file)
    text = io.TextIOWrapper(source.open(file), "utf-8-sig" if encoding == "utf-8" else encoding, newline="")
    lines = _lines(text, file)
    before: list[str] = []
    for first in lines:
        before.append(first)
        if len(before) >= header_line and (header_line or _names_columns(first)):
            break
    else:
        raise Unreadable(file, 0, "file_empty")
    delimiter = (_declared(before[0]) or max(",;\t", key=first.count)) if sniff else ","
    cells = _cells(csv.reader(chain([first], lines), delimiter=delimiter, strict=True), file, len(before) - 1)
    return make_table(file, cells)


def _names_columns(line: str) -> bool:
    return bool(line.strip(" ,;\t\r\n\ufeff")) and not _declared(line)


def _declared(line: str) -> str:
    """Return the delimiter that a spreadsheet has put before the list: "sep=;"."""
    text = line.strip('\ufeff\r\n" ')
    return text[4] if len(text) == 5 and text.casefold().startswith("sep=") else ""


def make_table(
    file: str, cells: Cells, notes: tuple[RowFault, ...] = (), *, header_line: int = 0
) -> RosterTable:
    """Return the table below the header: the first row that is not blank, from `header_line` on.

    Raises Unreadable file_empty.
    """
    for line, header in cells:
        if line >= header_line and any(name.strip() for name in header):
            break
    else:
        raise Unreadable(file, 0, "file_empty")
    names = [" ".join(name.translate(HARMLESS).split()) for name in header]
    return RosterTable(file, _distinct(names), cells, line, notes)


def _distinct(names: list[str]) -> list[str]:
    """Return the names of columns so that no two are alike; columns nobody reads may repeat."""
    count, seen, columns = Counter(names), Counter[str](), []
    for place, name in enumerate(names, 1):
        seen[name] += 1
        columns.append(f"{name} ({seen[name]})" if name and count[name] > 1 else name or f"#{place}")
    return columns


def _lines(text: io.TextIOWrapper, file: str) -> Iterator[str]:
    number = 0
    with text:
        while True:
            number += 1
            try:
                line = text.readline(LINE_CHARS_MAX + 1)
            except UnicodeError:
                raise Unreadable(file, number, "encoding_unknown") from None
            if not line:
                return
            if len(line) > LINE_CHARS_MAX:
                raise Unreadable(file, number, "line_too_long")
            yield line


def _cells(reader: Any, file: str, before: int) -> Cells:
    """Yield line and cells. before: how many lines were read ahead of the reader's."""
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            code = "cell_too_long" if "field limit" in str(error) else "csv_broken"
            raise Unreadable(file, line, code) from None
        yield line, cells


def find_encoding(opened: Callable[[], BinaryIO], file: str) -> str:
    """Return the encoding of a file: by its byte order mark, else UTF-8 where all of it is, else GB18030.

    Nearly any bytes are some GB18030, a German "Müller" among them, so GB18030 is believed only where most
    of the first characters beyond ASCII are of GB2312, the everyday ones. Raises Unreadable encoding_unknown.
    """
    with opened() as stream:
        start = stream.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        sample = _decode(opened, encoding)
        if sample is not None and (encoding == "utf-8" or _is_chinese(sample)):
            return encoding
    raise Unreadable(file, 0, "encoding_unknown")


def _decode(opened: Callable[[], BinaryIO], encoding: str) -> str | None:
    """Return the first characters beyond ASCII, or None where the file is not of that encoding."""
    decoder, sample = codecs.getincrementaldecoder(encoding)(), ""
    with opened() as stream:
        while chunk := stream.read(CHUNK_BYTES):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError:
                return None
            if len(sample) < SAMPLE_CHARS and not text.isascii():
                sample += "".join(character for character in text if not character.isascii())
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return sample[:SAMPLE_CHARS]


def _is_chinese(sample: str) -> bool:
    common = len(sample.encode("gb2312", errors="ignore")) // 2
    return common >= 0.7 * len(sample)
