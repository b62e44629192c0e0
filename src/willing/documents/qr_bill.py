"""Switzerland's QR-bill at the foot of a letter, as the template qr_bill.typ lays it out."""

from typing import Any

from willing.documents.qr_code import qr_svg
from willing.payments.swiss_bill import CODE_MM, CROSS, SwissBill


def bill_data(bill: SwissBill) -> dict[str, Any]:
    """Return what a bill says, line by line, and its code as SVG."""
    own = bill.account
    lines = (own.shown, own.holder, own.street, f"{own.postcode} {own.town}".strip())
    has_reference = bill.kind != "NON"
    return {
        "account": [line for line in lines if line],
        "reference-rows": [("Reference", [_spaced(bill)])] if has_reference else [],
        "message-rows": [] if has_reference else [("Additional information", [bill.message])],
        "currency": bill.currency,
        "drawn": _drawn(bill),
    }


def _spaced(bill: SwissBill) -> str:
    """Return the reference as it is printed: in fives from the right, or in fours."""
    text = bill.reference
    if bill.kind == "QRR":
        return " ".join([text[:2], *(text[at : at + 5] for at in range(2, len(text), 5))])
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _drawn(bill: SwissBill) -> str:
    """Return the code with the cross in its middle."""
    code = bill.code
    modules = code.symbol_size(border=0)[0]
    marks = "".join(
        f'<rect x="{(modules - wide) / 2:.3f}" y="{(modules - high) / 2:.3f}" width="{wide:.3f}" '
        f'height="{high:.3f}" fill="{colour}"/>'
        for wide, high, colour in ((w * modules / CODE_MM, h * modules / CODE_MM, c) for w, h, c in CROSS)
    )
    return qr_svg(code, marks)
