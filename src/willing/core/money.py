"""Money as whole minor units of a currency (pence, fen, cents)."""

import re
import unicodedata
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

# Written after or before a sum in Chinese, Japanese and Korean; other signs are of Unicode's category Sc.
_SIGNS = frozenset("元圆円원")
# Whole units, with one mark between the thousands or none.
_WHOLE = re.compile(r"\d{1,3}(?P<mark>[.,' ])\d{3}(?:(?P=mark)\d{3})*|\d*", re.ASCII)
_CHARS_MAX = 24


class AmountNotValid(ValueError):
    """What was typed is no sum of the currency."""


def format_minor(amount_minor: int, currency: str, language: str = "en") -> str:
    """Return an amount as people read it: 250, "GBP", "en" -> "£2.50".

    currency: ISO 4217 code. language: a Django language code ("en", "zh-hans").
    """
    locale = {"en": "en_GB", "zh-hans": "zh_Hans_CN"}.get(language, "en_GB")
    amount = Decimal(amount_minor).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale=locale)


def read_minor(text: str, currency: str) -> int:
    """Return what someone typed as a sum, in minor units: "2.60", "2,60" and "£2.60" are 260 in GBP.

    Thousands may be parted ("1,250.00", "1.250,00", "1 250"). What follows the last point or comma are minor
    units where it has no more digits than the currency has; so "2.600" euros are two thousand six hundred,
    and the same in KWD, which has three, are two and six tenths.
    Raises AmountNotValid for everything else, a minus and part of a smallest unit among it.
    """
    precision = get_currency_precision(currency)
    kept = _without_signs(text, currency)
    at = max(kept.rfind("."), kept.rfind(","))
    has_part = at >= 0 and 0 < len(kept) - at - 1 <= precision
    whole, part = (kept[:at], kept[at + 1 :]) if has_part else (kept, "")
    written = _WHOLE.fullmatch(whole)
    if written is None or len(kept) > _CHARS_MAX or (has_part and written["mark"] == kept[at]):
        raise AmountNotValid
    digits = re.sub(r"\D", "", whole) + part.ljust(precision, "0")
    if not (whole or part) or not _is_digits(digits):
        raise AmountNotValid
    return int(digits)


def _without_signs(text: str, currency: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").strip()
    plain = re.sub(rf"^{currency}|{currency}$", "", plain, flags=re.IGNORECASE)
    return "".join(one for one in plain if unicodedata.category(one) != "Sc" and one not in _SIGNS).strip()


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def write_minor(amount_minor: int, currency: str) -> str:
    """Return an amount as it is typed into a field, without a sign: 260, "GBP" -> "2.60"."""
    return f"{Decimal(amount_minor).scaleb(-get_currency_precision(currency)):f}"
