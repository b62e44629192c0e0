"""Filters for templates: money, and names that exist in several languages."""

from django import template
from django.utils.translation import get_language

from willing.core.money import format_minor

register = template.Library()


@register.filter
def money(amount_minor: int, currency: str) -> str:
    """Write an amount for the reader: {{ 250|money:"GBP" }} -> £2.50."""
    return format_minor(amount_minor, currency, get_language() or "en")


@register.filter
def local_name(thing: object) -> str:
    """Return the name of a product, purpose or notice in the reader's language.

    thing: has `name` and perhaps `name_zh_hans`; an empty translation falls back to `name`.
    """
    if (get_language() or "").startswith("zh"):
        translated = getattr(thing, "name_zh_hans", "")
        if translated:
            return str(translated)
    return str(getattr(thing, "name", thing))
