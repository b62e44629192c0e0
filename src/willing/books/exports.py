"""A report as CSV, XLSX and PDF. Text is text in every spreadsheet, sums are numbers."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import openpyxl
from babel.numbers import get_currency_precision
from django.utils.translation import get_language
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from willing.books.reports import BooksReport, Cell, Column, Unit
from willing.core.money import format_minor, write_minor
from willing.core.spreadsheets import as_text
from willing.documents.parts import Banner, Document, DocumentTable, Section
from willing.documents.pdf import to_pdf
from willing.people.look import Look

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
SHEET_CHARS_MAX = 31  # of a sheet's name, by the format


def to_csv(report: BooksReport, currency: str) -> bytes:
    """Return the rows under their headings, with a mark by which Excel knows UTF-8; sums as 2.60."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([as_text(column.heading) for column in report.columns])
    for row in _rows(report):
        writer.writerow(
            [_plain(cell, column, currency) for cell, column in zip(row, report.columns, strict=True)]
        )
    return out.getvalue().encode("utf-8-sig")


def _rows(report: BooksReport) -> Sequence[Sequence[Cell]]:
    return [*report.rows, *([report.total] if report.total else [])]


def _plain(cell: Cell, column: Column, currency: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return as_text(cell)
    return write_minor(cell, currency) if column.unit == Unit.MONEY else str(cell)


def to_xlsx(report: BooksReport, currency: str) -> bytes:
    """Return a workbook of one sheet, written row by row; sums are numbers with the currency's digits."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(report.title))
    sheet.freeze_panes = "A2"
    for letter, column in zip("ABCDEFGHIJKLMNOP", report.columns, strict=False):
        sheet.column_dimensions[letter].width = 32 if column.unit == Unit.TEXT else 14
    precision = get_currency_precision(currency)
    money = "#,##0" + ("." + "0" * precision if precision else "")
    sheet.append([_bold(sheet, column.heading) for column in report.columns])
    for row in _rows(report):
        sheet.append(
            [_cell(sheet, *pair, money, precision) for pair in zip(row, report.columns, strict=True)]
        )
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_name(title: str) -> str:
    return "".join(" " if one in "[]:*?/\\" else one for one in title)[:SHEET_CHARS_MAX]


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=as_text(text))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Cell, column: Column, money: str, precision: int) -> Any:
    if isinstance(value, str):
        return WriteOnlyCell(sheet, value=as_text(value))
    if value is None or column.unit != Unit.MONEY:
        return WriteOnlyCell(sheet, value=value)
    # A workbook holds numbers as they are written here: a decimal stays exact.
    number: Any = Decimal(value).scaleb(-precision)
    cell = WriteOnlyCell(sheet, value=number)
    cell.number_format = money
    return cell


def to_document(report: BooksReport, currency: str, *, titled: bool = False) -> Document:
    """Return the report as a document, its sums as people read them. titled: its section has a heading."""
    language = get_language() or "en"
    rows = tuple(
        tuple(
            write_cell(cell, column, currency, language)
            for cell, column in zip(row, report.columns, strict=True)
        )
        for row in _rows(report)
    )
    table = DocumentTable(tuple(column.heading for column in report.columns), rows)
    notes = (report.note,) if report.note else ()
    return Document(
        report.title, report.about, (Section(report.title if titled else "", notes, table=table),)
    )


def write_cell(cell: Cell, column: Column, currency: str, language: str) -> str:
    """Return a cell as people read it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    return format_minor(cell, currency, language) if column.unit == Unit.MONEY else str(cell)


def export(report: BooksReport, form: str, currency: str, look: Look, banner: Banner | None = None) -> bytes:
    """Return a report in one of the TYPES. Raises Refused pdf_font_missing, KeyError for another form.

    banner: over it on paper.
    """
    if form == "pdf":
        return to_pdf(replace(to_document(report, currency), banner=banner), look)
    return {"csv": to_csv, "xlsx": to_xlsx}[form](report, currency)
