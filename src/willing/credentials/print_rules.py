"""On which sheet what is printed is, and how large a run may be. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from willing.people.paper_rules import SheetSize, sheet_in


class PrintLayout(StrEnum):
    """Paper that is printed on, by the size of one piece and by how many are on a sheet."""

    # 85 x 54 mm, in two columns and five rows, with marks to cut by.
    CARDS_TEN = "cards-85x54"
    # Labels of 99.1 x 67.7 mm, two columns and four rows: Avery L7165 and others of that size.
    LABELS_EIGHT = "labels-99x68"
    # Labels of 63.5 x 38.1 mm, three columns and seven rows: Avery L7160 and others of that size.
    LABELS_TWENTY_ONE = "labels-64x38"
    LETTER = "letter"
    # US Letter: cards of 85 x 54 mm, in two columns and four rows, with marks to cut by.
    US_CARDS_EIGHT = "us-cards-85x54"
    # US Letter: labels of 4 x 3 1/3 inches, two columns and three rows: Avery 5164 and others of that size.
    US_LABELS_SIX = "us-labels-102x85"
    # US Letter: labels of 4 x 2 inches, two columns and five rows: Avery 5163 and others of that size.
    US_LABELS_TEN = "us-labels-102x51"


@dataclass(frozen=True)
class Grid:
    """Where the pieces of a sheet are, in millimetres. pitch: from the beginning of one to the next."""

    columns: int
    rows: int
    left: float
    top: float
    wide: float
    tall: float
    pitch_x: float
    pitch_y: float
    is_cut: bool
    sheet: SheetSize = SheetSize.A4

    @property
    def a_sheet(self) -> int:
        """How many pieces are on a sheet."""
        return self.columns * self.rows


GRIDS = {
    PrintLayout.CARDS_TEN: Grid(2, 5, 15, 13.5, 85, 54, 95, 54, is_cut=True),
    PrintLayout.LABELS_EIGHT: Grid(2, 4, 4.65, 13.1, 99.1, 67.7, 101.6, 67.7, is_cut=False),
    PrintLayout.LABELS_TWENTY_ONE: Grid(3, 7, 7.25, 15.15, 63.5, 38.1, 66.0, 38.1, is_cut=False),
    PrintLayout.LETTER: Grid(1, 1, 0, 0, 210, 297, 210, 297, is_cut=False),
    PrintLayout.US_CARDS_EIGHT: Grid(
        2, 4, 17.95, 31.7, 85, 54, 95, 54, is_cut=True, sheet=SheetSize.US_LETTER
    ),
    PrintLayout.US_LABELS_SIX: Grid(
        2, 3, 3.97, 12.7, 101.6, 84.67, 106.36, 84.67, is_cut=False, sheet=SheetSize.US_LETTER
    ),
    PrintLayout.US_LABELS_TEN: Grid(
        2, 5, 3.97, 12.7, 101.6, 50.8, 106.36, 50.8, is_cut=False, sheet=SheetSize.US_LETTER
    ),
}
LAYOUTS = {
    "cards": (
        PrintLayout.CARDS_TEN,
        PrintLayout.LABELS_EIGHT,
        PrintLayout.US_CARDS_EIGHT,
        PrintLayout.US_LABELS_SIX,
    ),
    "pins": (PrintLayout.LABELS_TWENTY_ONE, PrintLayout.US_LABELS_TEN),
    "letters": (PrintLayout.LETTER,),
}
# Each PIN is hashed: so many take a quarter of a minute, and twice that on a busy computer; a proxy waits for
# a whole one. Letters and forms are set by one process, which takes about a megabyte a page.
RUN_MAX = {"cards": 5000, "pins": 500, "letters": 1000, "forms": 500}


def sheet_of(layout: PrintLayout, number: int) -> int:
    """Return the sheet on which the piece with this number is; both count from 1."""
    return (number - 1) // GRIDS[layout].a_sheet + 1


def sheets_of(layout: PrintLayout, count: int) -> int:
    """Return on how many sheets so many pieces are."""
    return sheet_of(layout, count) if count else 0


def layouts_of(kind: str, country: str) -> list[PrintLayout]:
    """Return the layouts of a kind, those on the paper that printers hold in a country first."""
    usual = sheet_in(country)
    return sorted(LAYOUTS[kind], key=lambda one: GRIDS[one].sheet is not usual)


def read_layout(kind: str, text: str, country: str) -> PrintLayout:
    """Return the layout that a form names for a kind; else the one that is usual in a country."""
    return next((one for one in LAYOUTS[kind] if one.value == text), layouts_of(kind, country)[0])
