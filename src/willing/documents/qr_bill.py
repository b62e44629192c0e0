"""Switzerland's QR-bill at the foot of an A4 page: receipt and payment part, 210 x 105 mm.

Places, sizes and type by the implementation guidelines and the style guide for the QR-bill of SIX, 2.3.
They know four languages; ours of them is English, whatever language the letter above is in. Helvetica is
one of the four types that they allow.
"""

from io import BytesIO

from fpdf import FPDF

from willing.payments.swiss_bill import CODE_MM, CROSS, SwissBill

WIDE_MM, HIGH_MM, RECEIPT_MM, MARGIN_MM = 210, 105, 62, 5
A4_HIGH_MM = 297
POINT_MM = 25.4 / 72


def draw_bill(page: FPDF, bill: SwissBill) -> None:
    """Draw the bill at the foot of the page, which must be empty there."""
    page.set_auto_page_break(auto=False)
    page.set_text_color(0)
    page.set_draw_color(0)
    top = A4_HIGH_MM - HIGH_MM
    page.set_line_width(0.2)
    page.line(0, top, WIDE_MM, top)
    page.line(RECEIPT_MM, top, RECEIPT_MM, A4_HIGH_MM)
    _Writer(page, 0, top - 4, 7).line("Separate before paying in", align="C", width=WIDE_MM)
    _draw_receipt(page, bill, top)
    _draw_payment_part(page, bill, top)


def _draw_receipt(page: FPDF, bill: SwissBill, top: float) -> None:
    left = MARGIN_MM
    _Writer(page, left, top + 5, 11).line("Receipt", bold=True)
    writer = _Writer(page, left, top + 12, 8, heading=6, width=52)
    _write_information(writer, bill, has_message=False)
    writer.heading("Payable by (name/address)")
    _draw_corners(page, left, writer.y + 0.5, 52, 20)
    _write_amount(page, bill, (left, top + 68), (left + 22, top + 68), (30, 10), (6, 8))
    _Writer(page, left, top + 82, 6).line("Acceptance point", bold=True, align="R", width=52)


def _draw_payment_part(page: FPDF, bill: SwissBill, top: float) -> None:
    left = RECEIPT_MM + MARGIN_MM
    _Writer(page, left, top + 5, 11).line("Payment part", bold=True)
    _draw_code(page, bill, left, top + 17)
    _write_amount(page, bill, (left, top + 68), (left + 11, top + 72.5), (40, 15), (8, 10))
    writer = _Writer(page, left + 51, top + 5, 10, heading=8, width=87)
    _write_information(writer, bill, has_message=True)
    writer.heading("Payable by (name/address)")
    _draw_corners(page, left + 51, writer.y + 0.5, 65, 25)


def _draw_code(page: FPDF, bill: SwissBill, left: float, top: float) -> None:
    out = BytesIO()
    bill.code.save(out, kind="png", scale=12, border=0)
    page.image(BytesIO(out.getvalue()), x=left, y=top, w=CODE_MM, h=CODE_MM)
    middle_x, middle_y = left + CODE_MM / 2, top + CODE_MM / 2
    for wide, high, colour in CROSS:
        page.set_fill_color(0 if colour == "#000" else 255)
        page.rect(middle_x - wide / 2, middle_y - high / 2, wide, high, style="F")


def _write_information(writer: "_Writer", bill: SwissBill, *, has_message: bool) -> None:
    own = bill.account
    writer.heading("Account / Payable to")
    place = f"{own.postcode} {own.town}".strip()
    for line in (own.shown, own.holder, own.street, place):
        if line:
            writer.line(line)
    writer.gap()
    if bill.kind != "NON":
        writer.heading("Reference")
        writer.line(_spaced(bill))
        writer.gap()
    elif has_message:
        writer.heading("Additional information")
        writer.line(bill.message)
        writer.gap()


def _spaced(bill: SwissBill) -> str:
    """Return the reference as it is printed: in fives from the right, or in fours."""
    text = bill.reference
    if bill.kind == "QRR":
        return " ".join([text[:2], *(text[at : at + 5] for at in range(2, len(text), 5))])
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _write_amount(
    page: FPDF,
    bill: SwissBill,
    at: tuple[float, float],
    box_at: tuple[float, float],
    box: tuple[float, float],
    points: tuple[float, float],
) -> None:
    """Write the currency and leave a box for the amount."""
    heading, text = points
    _Writer(page, *at, text, heading=heading).heading("Currency")
    _Writer(page, at[0], at[1] + 4.5, text).line(bill.currency)
    amount_left = at[0] + (12 if heading == 6 else 17)
    _Writer(page, amount_left, at[1], text, heading=heading).heading("Amount")
    _draw_corners(page, *box_at, *box)


def _draw_corners(page: FPDF, left: float, top: float, wide: float, high: float) -> None:
    """Draw the corners of a box in which somebody writes by hand: 0.75 points, 3 mm."""
    page.set_line_width(0.75 * POINT_MM)
    long = 3
    for x, inward in ((left, long), (left + wide, -long)):
        for y, downward in ((top, long), (top + high, -long)):
            page.line(x, y, x + inward, y)
            page.line(x, y, x, y + downward)
    page.set_line_width(0.2)


class _Writer:
    """Lines of text below each other. Sizes in points, places and widths in millimetres."""

    def __init__(
        self,
        page: FPDF,
        left: float,
        top: float,
        size: float,
        *,
        heading: float = 6,
        width: float = 87,
    ) -> None:
        self.page, self.left, self.y, self.size = page, left, top, size
        self.heading_size, self.width = heading, width
        self.leading = (size + 1) * POINT_MM

    def heading(self, text: str) -> None:
        self._write(text, self.heading_size, bold=True, align="L", width=self.width)

    def line(self, text: str, *, bold: bool = False, align: str = "L", width: float | None = None) -> None:
        self._write(text, self.size, bold=bold, align=align, width=width or self.width)

    def gap(self) -> None:
        self.y += self.leading

    def _write(self, text: str, size: float, *, bold: bool, align: str, width: float) -> None:
        self.page.set_font("helvetica", style="B" if bold else "", size=size)
        written = text.encode("latin-1", "replace").decode("latin-1")
        while written and self.page.get_string_width(written) > width:
            written = written[:-1]
        padding, self.page.c_margin = self.page.c_margin, 0
        self.page.set_xy(self.left, self.y)
        self.page.cell(width, self.leading, written, align=align)
        self.page.c_margin = padding
        self.y += self.leading
