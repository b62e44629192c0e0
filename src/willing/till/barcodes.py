"""Bar codes, so that one thing is found whatever a reader makes of its code. Pure.

Readers hand a UPC-A on in 12 digits or, with a leading zero, as the EAN-13 that it is, and a UPC-E in eight
digits or expanded. All of them are one number of 14 digits (GTIN, GS1 General Specifications 3.3.2).
"""

from biip import ParseError
from biip.gtin import Gtin
from biip.upc import Upc

from willing.core.comparison import fold_code
from willing.till.menu_rules import BARCODE_CHARS_MAX

GTIN_LENGTHS = (8, 12, 13, 14)


class BarcodeNotValid(ValueError):
    """What was typed is no bar code. reason: too_long, not_readable or check_digit."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_barcode(text: str) -> str:
    """Return a bar code as it is stored: a GTIN in 14 digits, a code of the school's own as codes compare.

    Raises BarcodeNotValid. A number as long as a GTIN has to be one: else a digit was mistyped.
    """
    code = fold_code(text)
    if len(code) > BARCODE_CHARS_MAX:
        raise BarcodeNotValid("too_long")
    if not code.isprintable() or not code:
        raise BarcodeNotValid("not_readable")
    if not _looks_like_gtin(code):
        return code
    found = _gtins(code)
    if not found:
        raise BarcodeNotValid("check_digit")
    return found[0]


def scanned_as(text: str) -> list[str]:
    """Return every stored code that a scan may mean: eight digits can be an EAN-8 or a UPC-E."""
    code = fold_code(text)
    if not code or len(code) > BARCODE_CHARS_MAX:
        return []
    return _gtins(code) if _looks_like_gtin(code) else [code]


def is_barcode(text: str) -> bool:
    """Say whether a scan is as long as a maker's bar code, and digits alone: then it is hardly a card."""
    return _looks_like_gtin(fold_code(text))


def _looks_like_gtin(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) in GTIN_LENGTHS


def _gtins(code: str) -> list[str]:
    found = []
    if len(code) == 8:
        # Before the EAN-8: those that begin with 0 are for use inside one shop, by no maker.
        found += _parsed(Upc, code)
    return list(dict.fromkeys([*found, *_parsed(Gtin, code)]))


def _parsed(kind: type[Gtin] | type[Upc], code: str) -> list[str]:
    try:
        return [kind.parse(code).as_gtin_14()]
    except ParseError:
        return []


def show_barcode(code: str) -> str:
    """Return a stored code as it is printed: without the zeros that fill a GTIN up."""
    if len(code) != 14 or not code.isdigit():
        return code
    try:
        return _printed(Gtin.parse(code))
    except ParseError:
        return code


def _printed(gtin: Gtin) -> str:
    bare = gtin.as_gtin_14().lstrip("0")
    length = next((one for one in GTIN_LENGTHS if len(bare) <= one), 14)
    return bare.zfill(length)
