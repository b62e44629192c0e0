"""Money as whole minor units of a currency (pence, fen, cents)."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision


def format_minor(amount_minor: int, currency: str, language: str = "en") -> str:
    """Return an amount as people read it: 250, "GBP", "en" -> "£2.50".

    currency: ISO 4217 code. language: a Django language code ("en", "zh-hans").
    """
    locale = {"en": "en_GB", "zh-hans": "zh_Hans_CN"}.get(language, "en_GB")
    amount = Decimal(amount_minor).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale=locale)
