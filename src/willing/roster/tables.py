"""Tables of text: CSV and XLSX files as a header and rows, a row at a time. Pure; in bounded memory."""

import codecs
import csv
import io
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any, BinaryIO

from willing.roster.row_errors import Fault, Unreadable
from willing.roster.sources import FILE_BYTES_MAX, RATIO_FROM_BYTES, RATIO_MAX, Source

CHUNK_BYTES = 65536
LINE_CHARS_MAX = 1024 * 1024
# A workbook's shared strings are held in memory at once, so a workbook may be smaller than a CSV file.
XLSX_BYTES_MAX = 128 * 1024 * 1024
ENCODINGS = ("utf-8", "gb18030", "utf-16", "cp1252")
SAMPLE_CHARS = 4000

Cells = Iterator[tuple[int, list[str]]]
Report = Callable[[Fault], None]


@dataclass(frozen=True)
class Table:
    """A header and the rows below it, each with the line on which it begins."""

    file: str
    columns: list[str]
    cells: Cells

    def require(self, *columns: str) -> None:
        """Raise Unreadable column_missing where the header lacks one of `columns`."""
        for column in columns:
            if column not in self.columns:
                raise Unreadable(self.file, 1, "column_missing", column)

    def rows(self, report: Report, *, ragged: bool = False) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the rows by column; blank rows are left out, rows of another width reported.

        ragged: let a row end early, and have empty cells beyond the header, as spreadsheets write them.
        """
        width = len(self.columns)
        for line, cells in self.cells:
            if not any(cells):
                continue
            if len(cells) != width:
                if not ragged or any(cells[width:]):
                    report(Fault(self.file, line, "row_width"))
                    continue
                cells = cells[:width] + [""] * (width - len(cells))  # noqa: PLW2901
            yield line, dict(zip(self.columns, cells, strict=True))


def read_csv(source: Source, file: str, *, encoding: str = "", sniff: bool = False) -> Table:
    """Open a CSV file as a table. Commas; with `sniff`, semicolons or tabs where the header has more of them.

    encoding: one of ENCODINGS, "" to find out. Raises Unreadable.
    """
    encoding = encoding or find_encoding(lambda: source.open(file), file)
    text = io.TextIOWrapper(source.open(file), "utf-8-sig" if encoding == "utf-8" else encoding, newline="")
    lines = _lines(text, file)
    first = _first(lines)
    if first is None:
        raise Unreadable(file, 0, "file_empty")
    delimiter = max(",;\t", key=first.count) if sniff else ","
    cells = _cells(csv.reader(chain([first], lines), delimiter=delimiter, strict=True), file)
    return _table(file, cells)


def _first(lines: Iterator[str]) -> str | None:
    return next(lines, None)


def _table(file: str, cells: Cells) -> Table:
    header = next(cells, None)
    if header is None or not any(header[1]):
        raise Unreadable(file, 0, "file_empty")
    columns = [name.strip().lstrip("\ufeff") for name in header[1]]
    named = [name for name in columns if name]
    for name in named:
        if named.count(name) > 1:
            raise Unreadable(file, 1, "column_twice", name[:60])
    return Table(file, [name or f"#{place}" for place, name in enumerate(columns)], cells)


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


def _cells(reader: Any, file: str) -> Cells:
    while True:
        line = reader.line_num + 1
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


def read_xlsx(source: Source, file: str) -> Table:
    """Open the first sheet of a workbook as a table of text; a row is a line. Raises Unreadable."""
    from openpyxl import load_workbook

    with source.open(file) as stream:
        _require_small(stream, file)
    stream = source.open(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that it does not know
            book = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some writers state a size that is not the sheet's
    except Exception:  # noqa: BLE001  # any damage of zip or XML; openpyxl has no class of its own for it
        stream.close()
        raise Unreadable(file, 0, "xlsx_broken") from None
    return _table(file, _sheet_cells(sheet, file, stream))


def _require_small(stream: BinaryIO, file: str) -> None:
    try:
        members = zipfile.ZipFile(stream).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise Unreadable(file, 0, "xlsx_broken") from None
    if sum(one.file_size for one in members) > min(XLSX_BYTES_MAX, FILE_BYTES_MAX):
        raise Unreadable(file, 0, "file_too_large")
    if any(one.file_size > max(RATIO_FROM_BYTES, one.compress_size * RATIO_MAX) for one in members):
        raise Unreadable(file, 0, "zip_ratio")


def _sheet_cells(sheet: Any, file: str, stream: BinaryIO) -> Cells:
    line = 0
    try:
        with stream:
            for line, row in enumerate(sheet.iter_rows(), 1):
                yield line, [_cell_text(cell, file, line) for cell in row]
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001  # as above, met only while the rows stream in
        raise Unreadable(file, line, "xlsx_broken") from None


def _cell_text(cell: Any, file: str, line: int) -> str:
    """Return a cell as text: 7 and 7.0 are "7", a date is ISO, text that begins with "=" stays text."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise Unreadable(file, line, "formula_cell")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value)
