"""No file that the product writes can run a formula in somebody's spreadsheet."""

from pathlib import Path

import pytest

import willing
from willing.core.spreadsheets import as_text, from_text

# A spreadsheet runs a cell that begins with = + - @. The product writes JSON, text and PDF; whoever makes it
# write a table must put an apostrophe before such a cell, test that, and then take the file out of this test.
WRITERS = (
    "csv.writer",
    "csv.DictWriter",
    "openpyxl.Workbook",
    "import Workbook",
    "text/csv",
    "tab-separated",
)


def test_nothing_writes_tables_that_a_spreadsheet_opens():
    root = Path(willing.__file__).parent
    found = [
        f"{path.relative_to(root)}: {writer}"
        for path in root.rglob("*.py")
        for writer in WRITERS
        if writer in path.read_text(encoding="utf-8")
    ]
    assert sorted(found) == [
        # Every cell goes through `as_text` (tests/attendance/test_lists.py).
        "attendance/returns.py: csv.writer",
        # Every cell of text goes through `as_text` (tests/books/test_exports.py).
        "books/exports.py: csv.writer",
        "books/exports.py: openpyxl.Workbook",
        "books/exports.py: text/csv",
        # Every cell of text goes through `as_text`.
        "documents/statement.py: csv.writer",
        # What a browser offers to choose; nothing is written.
        "pages/console/calendar_forms.py: text/csv",
        "pages/console/meals.py: csv.writer",
        "pages/console/meals.py: text/csv",
        "pages/console/menu_import.py: text/csv",
        "pages/console/roster_import.py: csv.writer",
        "pages/console/roster_import.py: text/csv",
        "pages/portal/money.py: text/csv",
        "payments/pay_out_files.py: csv.writer",
        "payments/pay_out_files.py: text/csv",
        # Every cell goes through `as_text` (tests/till/test_menu_export.py).
        "till/menu_export.py: csv.writer",
    ]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("people.csv", "people.csv"),
        ("", ""),
        ("=1+1.csv", "'=1+1.csv"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("1=1", "1=1"),
        ("'=1", "''=1"),
        ("'n Appel", "'n Appel"),
    ],
)
def test_a_refused_row_is_text_in_a_spreadsheet(cell, written):
    assert as_text(cell) == written
    assert from_text(written) == cell
