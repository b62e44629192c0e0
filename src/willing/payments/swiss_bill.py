"""Switzerland's and Liechtenstein's QR-bill: its data, kind of reference and code. Pure.

By the implementation guidelines for the QR-bill of SIX, version 2.3: structured address, no sum and no
payer, so that a family enters both. A QR-IBAN takes a QR reference and nothing else; any other IBAN takes
ISO 11649 or none. documents.qr_bill lays it out.
"""

from dataclasses import dataclass
from urllib.parse import quote

import segno

from willing.payments.account_rules import BankAccount

COUNTRIES, CURRENCIES = ("CH", "LI"), ("CHF", "EUR")
NAME_CHARS_MAX, TEXT_CHARS_MAX = 70, 140
# The numbers of banks that mark a QR-IBAN.
QR_BANKS = range(30_000, 32_000)
# Millimetres: the code, and the cross in its middle: a black square within a white one, and two white bars.
CODE_MM, CROSS_MM, BLACK_MM, BAR_MM, BAR_LONG_MM = 46, 7, 6, 7 * 3.3 / 19.8, 7 * 11 / 19.8


def is_qr_iban(number: str) -> bool:
    """Say whether an IBAN is a QR-IBAN."""
    return number[:2] in COUNTRIES and number[4:9].isdigit() and int(number[4:9]) in QR_BANKS


@dataclass(frozen=True)
class SwissBill:
    """A bill to one account. reference: compact, as `reference_rules.write_reference` made it; currency."""

    account: BankAccount
    reference: str
    currency: str

    @property
    def kind(self) -> str:
        """The kind of reference: QRR (27 digits), SCOR (ISO 11649), or NON: then the text has it."""
        if is_qr_iban(self.account.number):
            return "QRR"
        return "SCOR" if self.reference.startswith("RF") else "NON"

    @property
    def data(self) -> str:
        """What the code carries, line by line."""
        own = self.account
        lines = ["SPC", "0200", "1", own.number]
        lines += ["S", own.holder[:NAME_CHARS_MAX], own.street, "", own.postcode, own.town, own.country]
        lines += [*[""] * 7, "", self.currency, *[""] * 7]
        lines += [self.kind, "" if self.kind == "NON" else self.reference]
        return "\r\n".join([*lines, self.message, "EPD"])

    @property
    def message(self) -> str:
        """The text for the payee: the reference, where it is none that banks check."""
        return self.reference if self.kind == "NON" else ""

    @property
    def code(self) -> segno.QRCode:
        """The code without the cross, of which level M is asked."""
        return segno.make(self.data, error="m", micro=False, boost_error=False, encoding="utf-8")

    @property
    def uri(self) -> str:
        """The code with the cross, as the address of a picture."""
        unit, border = 10, 4
        code = self.code
        svg = code.svg_inline(scale=unit, border=border)
        side = code.symbol_size(scale=unit, border=0)[0]
        middle = side / 2 + border * unit
        marks = "".join(
            f'<rect x="{middle - wide / 2:.2f}" y="{middle - high / 2:.2f}" width="{wide:.2f}" '
            f'height="{high:.2f}" fill="{colour}"/>'
            for wide, high, colour in ((w * side / CODE_MM, h * side / CODE_MM, c) for w, h, c in CROSS)
        )
        svg = svg.replace("</svg>", f"{marks}</svg>").replace(
            "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '
        )
        return f"data:image/svg+xml,{quote(svg)}"


# The parts of the cross, the lowest first: width, height, colour.
CROSS = (
    (CROSS_MM, CROSS_MM, "#fff"),
    (BLACK_MM, BLACK_MM, "#000"),
    (BAR_MM, BAR_LONG_MM, "#fff"),
    (BAR_LONG_MM, BAR_MM, "#fff"),
)


def find_swiss_bill(account: BankAccount, reference: str, currency: str) -> SwissBill | None:
    """Return the bill for a transfer with a reference, or None where it is none of Switzerland's.

    reference: as printed. The account needs a postcode and town.
    """
    if account.country not in COUNTRIES or currency not in CURRENCIES:
        return None
    if not account.town or not account.postcode:
        return None
    return SwissBill(account, reference.replace(" ", ""), currency)
