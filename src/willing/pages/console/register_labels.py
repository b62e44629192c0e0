"""Codes and percentages of registers in the reader's language."""

from babel.numbers import format_percent
from django.utils.translation import get_language

from willing.attendance.rules import CodeSet


def label_of(codes: CodeSet, symbol: str) -> str:
    """Return what a code is called in the reader's language."""
    labels = codes.codes[symbol].labels
    return labels["zh-hans" if (get_language() or "").startswith("zh") else "en"]


def percent(share: float | None) -> str:
    """Return a share with one decimal; "–" where nothing was possible."""
    return "–" if share is None else format_percent(share, "#,##0.0 %", locale="en")
