"""A report as CSV, XLSX and PDF: the same totals in each, and no cell that a spreadsheet would run."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import openpyxl
import pytest
from django.utils import translation

from willing.books.exports import export, to_csv, to_document, to_xlsx
from willing.books.reports import BooksReport, Column, Unit
from willing.people.look import look_of

REPORT = BooksReport(
    "Sales: by product [a/b]",
    "2026-11-01 – 2026-11-30",
    (Column("What"), Column("Items", Unit.NUMBER), Column("=Sum", Unit.MONEY)),
    (("=HYPERLINK(1)", 3, 1250), ("+1", 0, -90), ("意面", 1, None)),
    ("Total", 4, 1160),
)


def read_csv(data):
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_holds_plain_sums_and_no_formula():
    assert read_csv(to_csv(REPORT, "GBP")) == [
        ["What", "Items", "'=Sum"],
        ["'=HYPERLINK(1)", "3", "12.50"],
        ["'+1", "0", "-0.90"],
        ["意面", "1", ""],
        ["Total", "4", "11.60"],
    ]


@pytest.mark.parametrize(("currency", "written"), [("JPY", "1250"), ("BHD", "1.250")])
def test_sums_have_the_digits_of_their_currency(currency, written):
    assert read_csv(to_csv(REPORT, currency))[1][2] == written


def test_a_workbook_holds_numbers_as_numbers_and_no_formula():
    data = to_xlsx(REPORT, "GBP")
    sheet = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["What", "Items", "'=Sum"]
    assert rows[1] == ["'=HYPERLINK(1)", 3, 12.5]
    assert Decimal(str(rows[2][2])) == Decimal("-0.90")
    assert sheet["C2"].number_format == "#,##0.00"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    with ZipFile(BytesIO(data)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_a_document_writes_sums_for_people():
    table = to_document(REPORT, "GBP").sections[0].table
    assert table.rows[0] == ("=HYPERLINK(1)", "3", "£12.50")
    assert table.rows[-1] == ("Total", "4", "£11.60")


def test_each_form_is_what_it_says(cast):
    look = look_of(cast.school)
    with translation.override("zh-hans"):
        assert export(REPORT, "pdf", "GBP", look).startswith(b"%PDF-")
    assert export(REPORT, "xlsx", "GBP", look).startswith(b"PK")
    assert export(REPORT, "csv", "GBP", look).startswith(b"\xef\xbb\xbf")
