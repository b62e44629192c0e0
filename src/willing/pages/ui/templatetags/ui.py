"""The filter that writes amounts of money in templates."""

from django import template
from django.utils.translation import get_language

from willing.core.money import format_minor

register = template.Library()


@register.filter
def money(amount_minor: int, currency: str) -> str:
    """Write an amount for the reader: {{ 250|money:"GBP" }} -> £2.50."""
    return format_minor(amount_minor, currency, get_language() or "en")
