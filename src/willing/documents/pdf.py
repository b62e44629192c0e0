"""A document as a PDF, with a font that has its characters.

Text that Latin-1 can write is set in the PDF's own Helvetica. Anything else needs a font of Debian's package
fonts-noto-cjk (or one of the others below) on the computer; where there is none, Chinese is refused with a
word about printing the page instead, and a single foreign name in English is set with question marks
(docs/decisions/0007).
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from django.utils.translation import get_language
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from willing.documents.errors import pdf_font_missing
from willing.documents.fonts import find_font, is_latin, to_latin
from willing.documents.parts import Document, Section, Table
from willing.documents.qr_bill import HIGH_MM, draw_bill
from willing.payments.swiss_bill import SwissBill
from willing.people.look import Look

BODY, SMALL = 10, 8.5
MARGIN_MM, LOGO_MM, PICTURE_MM = 18, 10, 46
# Of a row on one page, where 61 lines of SMALL fit; and a column's padding, so that no line wraps twice.
LINES_MAX, WRAPPING_MM = 50, 4


def to_pdf(document: Document, look: Look) -> bytes:
    """Return a document as a PDF on A4, with the school's logo and its colour for headings.

    Raises Refused pdf_font_missing for Chinese without a font.
    """
    return letters_to_pdf([document], look)


def letters_to_pdf(documents: Sequence[Document], look: Look) -> bytes:
    """Return several documents as one PDF, each on a page of its own; they may be in several languages.

    Raises Refused pdf_font_missing for Chinese without a font.
    """
    are_latin = all(_is_latin(one) for one in documents)
    font = None if are_latin else find_font()
    if font is None and (not are_latin or (get_language() or "").startswith("zh")):
        raise pdf_font_missing()
    page = _Page(font, look.colour)
    for document in documents:
        _write_document(page, document, look)
    return bytes(page.output())


def _write_document(page: "_Page", document: Document, look: Look) -> None:
    page.add_page()
    if look.logo:
        page.image(BytesIO(look.logo), h=LOGO_MM, keep_aspect_ratio=True)
        page.ln(3)
    page.heading_of(document.title, 17)
    page.line_of(document.subtitle, BODY, grey=True, after=4)
    for section in document.sections:
        _write_section(page, section)
    if document.bill is not None:
        page.write_bill(document.bill)


class _Page(FPDF):
    """A4 with page numbers, in one font."""

    def __init__(self, font: tuple[Path, int] | None, colour: str) -> None:
        super().__init__()
        self.colour = colour
        self.has_font = font is not None
        self.has_bill = False
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        self.set_title("Willing")
        if font is not None:
            self.add_font("body", fname=font[0], collection_font_number=font[1])
        self.set_size(BODY)

    def set_size(self, points: float, *, grey: bool = False) -> None:
        """Write on in this size."""
        self.set_font("body" if self.has_font else "helvetica", size=points)
        self.set_text_color(90 if grey else 20)

    def text_of(self, text: str) -> str:
        """Return text with a question mark for what the font cannot show."""
        return text if self.has_font else to_latin(text)

    def line_of(self, text: str, points: float, *, grey: bool = False, after: float = 2) -> None:
        """Write a paragraph."""
        self.set_size(points, grey=grey)
        self.multi_cell(0, points * 0.5, self.text_of(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(after)

    def heading_of(self, text: str, points: float) -> None:
        """Write a heading, in the school's colour where it has one."""
        self.set_size(points)
        if self.colour:
            self.set_text_color(*(int(self.colour[place : place + 2], 16) for place in (1, 3, 5)))
        self.multi_cell(0, points * 0.5, self.text_of(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def lines_of(self, text: str, width_mm: float) -> list[str]:
        """Return text as it wraps in a column."""
        lines = self.multi_cell(width_mm, text=text, align="L", dry_run=True, output=MethodReturnValue.LINES)
        assert isinstance(lines, list), "what was asked for"
        return lines

    def write_bill(self, bill: SwissBill) -> None:
        """Write a payment slip at the foot of this page, or of the next where too little is left."""
        if self.get_y() > self.h - HIGH_MM - MARGIN_MM / 2:
            self.add_page()
        draw_bill(self, bill)
        self.has_bill = True

    def footer(self) -> None:
        """Write the page's number, and not over a payment slip."""
        if self.has_bill:
            self.has_bill = False
            self.set_auto_page_break(auto=True, margin=MARGIN_MM)
            return
        self.set_y(-12)
        self.set_size(SMALL, grey=True)
        self.cell(0, 5, f"{self.page_no()}", align="C")


def _is_latin(document: Document) -> bool:
    """Say whether Latin-1 can write the whole document."""
    return is_latin(f"{document!r}")  # frozen dataclasses show all their texts


def _write_section(page: _Page, section: Section) -> None:
    page.ln(2)
    page.heading_of(section.title, 13)
    for paragraph in section.paragraphs:
        page.line_of(paragraph, BODY)
    if section.warning:
        page.line_of(f"! {section.warning}", BODY)
    if section.picture:
        page.image(BytesIO(section.picture), h=PICTURE_MM, keep_aspect_ratio=True)
        page.ln(3)
    if section.table is not None and section.table.rows:
        _write_table(page, section.table)
    elif section.table is not None:
        page.line_of("–", BODY, grey=True)


def _write_table(page: _Page, table: Table) -> None:
    page.set_size(SMALL)
    page.set_draw_color(200)
    widths = _widths(table)
    with page.table(
        col_widths=widths,
        line_height=SMALL * 0.5,
        text_align="LEFT",
        padding=1,
        borders_layout="HORIZONTAL_LINES",
        first_row_as_headings=False,
    ) as grid:
        for row in (table.headings, *table.rows):
            for part in _on_pages(page, [page.text_of(cell) for cell in row], widths):
                cells = grid.row()
                for cell in part:
                    cells.cell(cell or " ")
    page.ln(2)


def _on_pages(page: _Page, row: list[str], widths: tuple[int, ...]) -> Iterator[list[str]]:
    """Yield a row in parts that fit on a page each: fpdf2 refuses a row that is higher than a page."""
    if max(map(len, row)) <= LINES_MAX:  # even with a line for each character
        yield row
        return
    lines = [
        page.lines_of(cell, page.epw * width / sum(widths) - WRAPPING_MM)
        for cell, width in zip(row, widths, strict=True)
    ]
    for start in range(0, max(map(len, lines)), LINES_MAX):
        yield ["\n".join(one[start : start + LINES_MAX]) for one in lines]


def _widths(table: Table) -> tuple[int, ...]:
    """Return the columns' shares: by their longest text, no column under a fifth of the widest."""
    longest = [
        max(min(len(cell), 60) for cell in column) for column in zip(table.headings, *table.rows, strict=True)
    ]
    return tuple(max(one, max(longest) // 4, 8) for one in longest)
