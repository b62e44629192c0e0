"""Countries, currencies and languages by name, for a form that asks for one."""

from babel.core import Locale
from django.utils.translation import get_language

from willing.people.places import countries, currencies

LANGUAGE_LABELS = {
    "en": "English",
    "zh-hans": "简体中文",
}  # each in its own language, for those who read it


def _locale() -> Locale:
    return Locale("zh", script="Hans") if (get_language() or "").startswith("zh") else Locale("en")


def country_choices() -> list[tuple[str, str]]:
    """Return the countries by name in the reader's language."""
    names = _locale().territories
    return sorted(((code, str(names[code])) for code in countries()), key=lambda one: one[1])


def currency_choices() -> list[tuple[str, str]]:
    """Return the currencies, each with its code before its name, for the code is what people know."""
    names = _locale().currencies
    return [(code, f"{code}: {names.get(code, code)}") for code in currencies()]
