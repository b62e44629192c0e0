"""On which paper a school prints."""

import pytest

from willing.people.paper_rules import SheetSize, sheet_in


@pytest.mark.parametrize(
    ("country", "sheet"),
    [("US", "us-letter"), ("CA", "us-letter"), ("GB", "a4"), ("CN", "a4"), ("CH", "a4"), ("", "a4")],
)
def test_a_school_prints_on_what_printers_of_its_country_hold(country: str, sheet: str) -> None:
    assert sheet_in(country) == sheet


def test_a_sheet_knows_its_size() -> None:
    assert SheetSize.A4.size_mm == (210, 297)
    assert [round(one / 25.4, 2) for one in SheetSize.US_LETTER.size_mm] == [8.5, 11]
