"""XLSX workbooks as tables of text, a row at a time. Pure; in bounded memory."""

import warnings
import zipfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from willing.roster.cells import DateCell, Flawed
from willing.roster.row_errors import RowFault, Unreadable
from willing.roster.sources import FILE_BYTES_MAX, RATIO_FROM_BYTES, RATIO_MAX, FileSource
from willing.roster.tables import Cells, RosterTable, make_table

# A workbook's shared strings are held in memory at once, so a workbook may be smaller than a CSV file.
XLSX_BYTES_MAX = 128 * 1024 * 1024
# A spreadsheet keeps 15 digits of a number; from here on its last ones are made up.
NUMBER_BOUND = 10**15


def read_xlsx(source: FileSource, file: str, *, header_line: int = 0) -> RosterTable:
    """Open the first visible sheet of a workbook as a table of text; a row is a line. Raises Unreadable."""
    from openpyxl import load_workbook

    with source.open(file) as stream:
        _require_small(stream, file)
    stream = source.open(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that it does not know
            book = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
            sheet, notes = _choose_sheet(book, file)
            sheet.reset_dimensions()  # some writers state a size that is not the sheet's
    except Exception:  # noqa: BLE001  # any damage of zip or XML; openpyxl has no class of its own for it
        stream.close()
        raise Unreadable(file, 0, "xlsx_broken") from None
    table = make_table(file, _sheet_cells(sheet, file, stream), notes, header_line=header_line)
    return replace(table, is_grid=True)


def _choose_sheet(book: Any, file: str) -> tuple[Any, tuple[RowFault, ...]]:
    """Return the first sheet that anyone sees, and what to say of the others."""
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    sheet = visible[0] if visible else book.worksheets[0]
    if sheet is not book.worksheets[0]:
        return sheet, (RowFault(file, 0, "sheet_hidden", sheet.title[:60]),)
    if len(visible) > 1:
        return sheet, (RowFault(file, 0, "sheet_one_of_several", sheet.title[:60]),)
    return sheet, ()


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
                yield line, [_cell_text(cell) for cell in row]
    except Exception:  # noqa: BLE001  # as above, met only while the rows stream in
        raise Unreadable(file, line, "xlsx_broken") from None


def _cell_text(cell: Any) -> str:
    """Return a cell as text: 7 and 7.0 are "7", a date is ISO, text that begins with "=" stays text.

    What the spreadsheet itself has spoilt is `Flawed`, so that it is refused where its column is read.
    """
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in ("f", "e"):
        return Flawed("formula_cell" if cell.data_type == "f" else "error_cell")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float) and abs(value) >= NUMBER_BOUND:
        return Flawed("number_rounded")
    if isinstance(value, datetime | date):
        return DateCell(value.isoformat()[:10])
    if isinstance(value, time | timedelta):
        return Flawed("date_cell")
    return str(value)
