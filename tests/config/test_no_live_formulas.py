"""No file that the product writes can run a formula in somebody's spreadsheet."""

from pathlib import Path

import willing

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
    assert found == []
