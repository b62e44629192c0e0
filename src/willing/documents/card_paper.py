"""A card with its square, to be cut out of a page: made in a process that lives for this one page.

Run as `python -m willing.documents.card_paper`: an order as JSON comes in, the PDF goes out. The share is
made here, drawn as the square, and gone with the process: it is written to no file and no database. Without
Django, so that the process starts quickly and knows none of the installation's secrets.
"""

import base64
import json
import resource
import sys
from dataclasses import dataclass, field
from io import BytesIO

import segno
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from willing.credentials.shares import PrintedCard, card_text, new_share
from willing.documents.fonts import find_font, to_latin

MARGIN_MM, PADDING_MM = 18, 5
WIDTH_MM, HEIGHT_MM, CORNER_MM = 85.6, 54, 3.2  # ISO/IEC 7810 ID-1
SQUARE_MM, LOGO_MM = 36, 7
TITLE, BODY, SMALL = 15, 10, 8


@dataclass(frozen=True)
class CardOrder:
    """What a card says. address: of the page /c. advice: lines below the card. logo: a PNG in base64."""

    code: str = field(repr=False)
    address: str
    name: str
    school: str
    year: str
    shown_code: str = field(repr=False)
    title: str
    advice: tuple[str, ...]
    colour: str = ""
    logo: str = field(default="", repr=False)
    is_latin: bool = True


def card_pdf(order: CardOrder, share: bytes) -> bytes:
    """Return an A4 page with one card of a bank card's size, and what to know about it below."""
    page = _Page(order)
    page.add_page()
    page.write_lines(order.title, TITLE, order.colour)
    page.ln(3)
    left, top = page.get_x(), page.get_y()
    page.card(order, card_text(order.address, PrintedCard(order.code, share)))
    page.set_xy(left, top + HEIGHT_MM + 6)
    for line in order.advice:
        page.write_lines(line, BODY)
        page.ln(1.5)
    return bytes(page.output())


class _Page(FPDF):
    def __init__(self, order: CardOrder) -> None:
        super().__init__()
        font = None if order.is_latin else find_font()
        self.has_font = font is not None
        self.set_margin(MARGIN_MM)
        self.set_title("Willing")
        if font is not None:
            self.add_font("body", fname=font[0], collection_font_number=font[1])

    def write_lines(
        self, text: str, points: float, colour: str = "", width: float = 0, lines: int = 99
    ) -> None:
        """Write a paragraph, in a width (mm) and of so many lines at most, where they are given."""
        self.set_font("body" if self.has_font else "helvetica", size=points)
        self.set_text_color(*_rgb(colour or "#141414"))
        shown = text if self.has_font else to_latin(text)
        found = self.multi_cell(width, text=shown, align="L", dry_run=True, output=MethodReturnValue.LINES)
        assert isinstance(found, list), "what was asked for"
        for line in found[:lines]:
            self.cell(width, points * 0.45, line, new_x=XPos.LEFT, new_y=YPos.NEXT)

    def card(self, order: CardOrder, text: str) -> None:
        """Draw the card where the page is now."""
        left, top = self.get_x(), self.get_y()
        self.set_draw_color(150)
        self.set_line_width(0.2)
        self.rect(left, top, WIDTH_MM, HEIGHT_MM, round_corners=True, corner_radius=CORNER_MM)
        inner, width = left + PADDING_MM, WIDTH_MM - SQUARE_MM - 3 * PADDING_MM
        self.set_xy(inner, top + PADDING_MM)
        if order.logo:
            self.image(BytesIO(base64.b64decode(order.logo)), h=LOGO_MM, w=width, keep_aspect_ratio=True)
            self.set_xy(inner, top + PADDING_MM + LOGO_MM + 1)
        self.write_lines(order.school, SMALL, order.colour, width, 2)
        self.ln(2)
        self.set_x(inner)
        self.write_lines(order.name, BODY + 1, "", width, 3)
        self.set_x(inner)
        self.write_lines(order.year, SMALL, "", width, 1)
        self.set_xy(inner, top + HEIGHT_MM - PADDING_MM - 4)
        self.write_lines(order.shown_code, SMALL + 1, "", width, 1)
        side = left + WIDTH_MM - PADDING_MM - SQUARE_MM
        self._square(text, side, top + (HEIGHT_MM - SQUARE_MM) / 2)

    def _square(self, text: str, left: float, top: float) -> None:
        rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
        module = SQUARE_MM / len(rows)  # the card's own white is the quiet zone around it
        self.set_fill_color(0)
        for high, row in enumerate(rows):
            start = 0
            while (start := row.find(1, start)) >= 0:
                end = row.find(0, start) if 0 in row[start:] else len(row)
                # A little over, so that no printer leaves a white line between two rows.
                self.rect(
                    left + start * module, top + high * module, (end - start) * module, module * 1.02, "F"
                )
                start = end


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def main() -> None:
    """Read an order, write the page. No memory of this process is written to a file when it crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    order = json.load(sys.stdin)
    sys.stdout.buffer.write(card_pdf(CardOrder(**{**order, "advice": tuple(order["advice"])}), new_share()))


if __name__ == "__main__":
    main()
