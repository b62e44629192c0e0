"""Days as people read them in a sentence, in the active language."""

from datetime import date

from babel.dates import format_date
from django.utils.translation import get_language


def write_day(day: date) -> str:
    """Return a day for a letter, a message or a paper: 28 November 2026, 2026年11月28日."""
    locale = "zh_Hans_CN" if (get_language() or "").startswith("zh") else "en_GB"
    return format_date(day, "long", locale=locale)
