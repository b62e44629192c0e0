"""Payment references: eight digits of a person's own, with check digits before or behind them. Pure.

Three forms of one number: RF, two check digits and the number (ISO 11649); the number and two check digits,
ten digits in all, which fits the 18 characters of a bank in the United Kingdom; or these ten in a QR
reference of Switzerland, which has 27 digits. All are checked modulo 97, so a wrong digit and two swapped
ones are always found.
"""

import re
import unicodedata
from collections.abc import Iterator

NUMBER_MIN, NUMBER_MAX = 10_000_000, 99_999_999
DIGITS, CREDITOR, QR = "digits", "creditor", "qr"
# Between two signs of a reference people put blanks, dashes, dots, slashes and commas, and lines are broken.
_GAP = r"[\s./,:_–-]{0,2}"
# 27 digits that begin with the 16 zeros before ours.
_QR = re.compile(r"(?<!\d)0" + (_GAP + "0") * 15 + (_GAP + r"\d") * 11 + r"(?!\d)")
_CREDITOR = re.compile("R" + _GAP + "F" + (_GAP + r"\d") * 10)
# Tried at each digit, so that a date or a class in front of it does not hide it.
_DIGITS = re.compile(r"(?=(\d" + (_GAP + r"\d") * 9 + "))")


def write_reference(number: int, kind: str) -> str:
    """Return the reference of a number as it is printed: RF18 1234 5678, 12345 67889, or a QR reference."""
    from stdnum import iso11649
    from stdnum.ch import esr
    from stdnum.iso7064 import mod_97_10

    assert NUMBER_MIN <= number <= NUMBER_MAX
    digits = f"{number}{mod_97_10.calc_check_digits(str(number))}"
    if kind == DIGITS:
        return f"{digits[:5]} {digits[5:]}"
    if kind == QR:
        return str(esr.format(digits + esr.calc_check_digit(digits)))
    check = mod_97_10.calc_check_digits(f"{number}RF")
    return iso11649.format(f"RF{check}{number}")


def read_references(text: str) -> Iterator[int]:
    """Yield the numbers of all references in a text that their check digits let through, each once.

    The text is what a family typed: in any case and width, with blanks and dashes or none, among other words.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    seen = set()
    for number in (*_creditors(plain), *_of_qr_references(plain), *_tens(_QR.sub(" ", plain))):
        if NUMBER_MIN <= number <= NUMBER_MAX and number not in seen:
            seen.add(number)
            yield number


def _creditors(plain: str) -> Iterator[int]:
    from stdnum import iso11649

    for found in _CREDITOR.finditer(plain):
        compact = re.sub(r"[^A-Z0-9]", "", found.group())
        if iso11649.is_valid(compact):
            yield int(compact[4:])


def _of_qr_references(plain: str) -> Iterator[int]:
    from stdnum.ch import esr
    from stdnum.iso7064 import mod_97_10

    for found in _QR.finditer(plain):
        digits = re.sub(r"\D", "", found.group())
        if esr.is_valid(digits) and mod_97_10.is_valid(digits[16:26]):
            yield int(digits[16:24])


def _tens(plain: str) -> Iterator[int]:
    from stdnum.iso7064 import mod_97_10

    for found in _DIGITS.finditer(plain):
        digits = re.sub(r"\D", "", found.group(1))
        if mod_97_10.is_valid(digits):
            yield int(digits[:8])
