"""A card with its square, to be cut out of a page: made in a process that lives for this one page.

Run as `python -m willing.documents.card_paper`: an order as JSON comes in, the PDF goes out. The share is
made here, drawn as the square, and gone with the process: it is written to no file and no database. Without
Django, so that the process starts quickly and knows none of the installation's secrets.
"""

import sys
from dataclasses import dataclass, field
from typing import Any

from willing.credentials.shares import PrintedCard, card_text, new_share
from willing.documents.compositor import compose, read_order
from willing.documents.qr_code import qr_text_svg

# As templates/card.typ and card_parts.typ have them: where the square is on the page.
MARGIN_MM, TOP_MM, PADDING_MM = 18, 12, 5
WIDTH_MM, HEIGHT_MM, SQUARE_MM = 85.6, 54, 36  # ISO/IEC 7810 ID-1


@dataclass(frozen=True)
class CardOrder:
    """What a card says.

    address: of the page /c. advice: lines below the card. logo: SVG. alt: what the square is, in words.
    copy: title and advice of a copy with the same square, for the family; empty for none. sheet: Typst's name
    of the paper.
    """

    code: str = field(repr=False)
    address: str
    name: str
    school: str
    year: str
    shown_code: str = field(repr=False)
    title: str
    advice: tuple[str, ...]
    alt: str
    language: str = "en"
    colour: str = ""
    logo: str = field(default="", repr=False)
    copy: tuple[str, ...] = ()
    sheet: str = "a4"


def card_pdf(order: CardOrder, share: bytes) -> bytes:
    """Return a page with one card of a bank card's size, what to know about it below, and its copy."""
    data = {
        "title": order.title,
        "language": order.language,
        "school": order.school,
        "colour": order.colour,
        "logo": order.logo,
        "sheet": order.sheet,
        "advice": order.advice,
        "copy": order.copy,
        "card": card_data(order, share),
    }
    return compose("card", data)


def card_data(order: CardOrder, share: bytes) -> dict[str, Any]:
    """Return one card as the template card_parts.typ takes it."""
    return {
        "name": order.name,
        "school": order.school,
        "year": order.year,
        "shown_code": order.shown_code,
        "drawn": qr_text_svg(card_text(order.address, PrintedCard(order.code, share))),
        "alt": order.alt,
    }


def main() -> None:
    """Read an order, write the page."""
    order = read_order()
    lines = {name: tuple(order[name]) for name in ("advice", "copy")}
    sys.stdout.buffer.write(card_pdf(CardOrder(**{**order, **lines}), new_share()))


if __name__ == "__main__":
    main()
