"""Where the pieces of a sheet are, and on which sheet each is."""

import pytest

from willing.credentials.print_rules import (
    GRIDS,
    LAYOUTS,
    PrintLayout,
    layouts_of,
    read_layout,
    sheet_of,
    sheets_of,
)
from willing.people.paper_rules import SheetSize


@pytest.mark.parametrize("layout", [one for one in PrintLayout if one is not PrintLayout.LETTER])
def test_every_sheet_fits_on_its_paper_with_the_same_room_on_both_sides(layout: PrintLayout) -> None:
    grid = GRIDS[layout]
    right = grid.left + (grid.columns - 1) * grid.pitch_x + grid.wide
    bottom = grid.top + (grid.rows - 1) * grid.pitch_y + grid.tall
    wide, tall = grid.sheet.size_mm
    assert wide - right == pytest.approx(grid.left, abs=0.3)
    assert tall - bottom == pytest.approx(grid.top, abs=0.3)
    assert grid.pitch_x >= grid.wide
    assert grid.pitch_y >= grid.tall


def test_the_eleventh_card_is_on_the_second_sheet() -> None:
    assert [sheet_of(PrintLayout.CARDS_TEN, number) for number in (1, 10, 11, 20, 21)] == [1, 1, 2, 2, 3]
    assert [sheets_of(PrintLayout.LABELS_TWENTY_ONE, count) for count in (0, 1, 21, 22)] == [0, 1, 1, 2]
    assert sheets_of(PrintLayout.LETTER, 845) == 845


def test_a_layout_of_another_kind_or_none_is_the_usual_one() -> None:
    assert read_layout("cards", PrintLayout.LABELS_EIGHT.value, "GB") is PrintLayout.LABELS_EIGHT
    assert read_layout("cards", PrintLayout.LETTER.value, "GB") is PrintLayout.CARDS_TEN
    assert [read_layout(kind, "x", "GB") for kind in LAYOUTS] == [
        PrintLayout.CARDS_TEN,
        PrintLayout.LABELS_TWENTY_ONE,
        PrintLayout.LETTER,
    ]


def test_where_printers_hold_us_letter_its_layouts_are_the_usual_ones() -> None:
    assert [read_layout(kind, "x", "US") for kind in ("cards", "pins")] == [
        PrintLayout.US_CARDS_EIGHT,
        PrintLayout.US_LABELS_TEN,
    ]
    assert read_layout("cards", PrintLayout.CARDS_TEN.value, "US") is PrintLayout.CARDS_TEN
    assert {GRIDS[one].sheet for one in layouts_of("cards", "CN")[:2]} == {SheetSize.A4}
    assert layouts_of("letters", "US") == [PrintLayout.LETTER]
