"""Sheets of cards: made in a process that lives for them, as one card's page is (documents.card_paper).

Run as `python -m willing.documents.card_sheets`: an order as JSON comes in, the PDF goes out, and on the way
the number of cards that are drawn, a line each time. The shares are made here, drawn, and gone with the
process. Without Django.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from barcode.codex import Code128

from willing.credentials.shares import PrintedCard, card_text, new_share
from willing.documents.compositor import compose, read_order
from willing.documents.qr_code import qr_text_svg

CARDS_A_LINE = 20  # of progress


class _CardBars(Code128):  # type: ignore[misc]  # untyped
    """Code 128 that keeps two nines at the start.

    python-barcode up to 0.16.1 drops them: it takes the pair 99 for the switch to set C, which has the same
    number (its issue 251, mended after that release). One card in a thousand begins with them, and its bars
    were read as the rest of its number, so that it opened nothing.
    """

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        if self.code.startswith("99"):
            return encoded  # in set C from the start, with nothing to fold
        kept: list[int] = super()._try_to_optimize(encoded)
        return kept


def sheets_pdf(order: Mapping[str, Any], note_made: Callable[[int], object]) -> bytes:
    """Return sheets of cards as a PDF, each card with a share of its own.

    order: of the template card_sheets.typ, with `address` of the page /c, and in each of its pieces `code` in
    place of what is drawn of it.
    """
    pieces = []
    for number, one in enumerate(order["pieces"], start=1):
        pieces.append({**one, **_drawn(order["address"], one["code"])})
        if number % CARDS_A_LINE == 0 or number == len(order["pieces"]):
            note_made(number)
    return compose("card_sheets", {**order, "pieces": pieces})


def _drawn(address: str, code: str) -> dict[str, Any]:
    modules = bars_of(code)
    return {
        "drawn": qr_text_svg(card_text(address, PrintedCard(code, new_share()))),
        "bars": bars_svg(modules),
        "modules": len(modules),
    }


def bars_of(code: str) -> str:
    """Return the modules of a card's code in Code 128 (ISO/IEC 15417), "1" for black, without the margins."""
    modules: str = _CardBars(code).build()[0]
    return modules


def bars_svg(modules: str) -> str:
    """Return the modules of a bar code ("1" is black) as SVG, one shape, ten modules high."""
    runs, start = [], 0
    while (start := modules.find("1", start)) >= 0:
        end = modules.find("0", start) if "0" in modules[start:] else len(modules)
        runs.append(f"M{start} 0h{end - start}v10h-{end - start}z")
        start = end
    box = f'viewBox="0 0 {len(modules)} 10" preserveAspectRatio="none"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}><path d="{"".join(runs)}"/></svg>'


def main() -> None:
    """Read an order, say how far it is, write the sheets."""

    def note_made(number: int) -> None:
        print(number, file=sys.stderr, flush=True)  # noqa: T201  # what the caller reads

    sys.stdout.buffer.write(sheets_pdf(read_order(), note_made))


if __name__ == "__main__":
    main()
