"""Filters that write times and notices for the reader."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_skeleton, get_datetime_format
from babel.lists import format_list
from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from markdown_it import MarkdownIt
from markdown_it.token import Token

from willing.core.clock import now

register = template.Library()
# Headings, lists and emphasis, and nothing else: HTML and links of a text are written out as they are.
_markdown = MarkdownIt("zero", {"html": False}).enable(["heading", "list", "emphasis"])


def _locale() -> str:
    return "zh_Hans_CN" if (get_language() or "").startswith("zh") else "en_GB"


@register.filter
def moment(value: Any) -> str:
    """Write a time with its day in the current time zone: 22 Nov 2026, 12:05."""
    if not isinstance(value, datetime):
        return ""
    locale = _locale()
    written = format_date(timezone.localtime(value), "medium", locale=locale)
    joined = str(get_datetime_format("medium", locale=locale))
    return joined.replace("{1}", written).replace("{0}", clock(value))


@register.filter
def clock(value: Any) -> str:
    """Write a time of day in the current time zone: 12:05."""
    if not isinstance(value, datetime):
        return ""
    return format_skeleton("Hm", timezone.localtime(value), locale=_locale())


@register.filter
def lately(value: Any) -> str:
    """Write a time of these days as people say it: today 12:05, yesterday 13:02, 20 Nov 2026, 12:05."""
    if not isinstance(value, datetime):
        return ""
    days = (timezone.localtime(now()).date() - timezone.localtime(value).date()).days
    if days == 0:
        return gettext("today %(time)s") % {"time": clock(value)}
    if days == 1:
        return gettext("yesterday %(time)s") % {"time": clock(value)}
    return moment(value)


@register.filter
def day(value: Any) -> str:
    """Write a day: Sunday, 22 November 2026. Of a moment that of the current time zone."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return format_date(value, "full", locale=_locale()) if isinstance(value, date) else ""


@register.filter
def short_day(value: Any) -> str:
    """Write a day for a line of small print: 22 Nov 2026. Of a moment that of the current time zone."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return format_date(value, "medium", locale=_locale()) if isinstance(value, date) else ""


@register.filter
def month(value: Any) -> str:
    """Write a month: November 2026."""
    return format_skeleton("yMMMM", value, locale=_locale()) if isinstance(value, date) else ""


@register.filter
def listed(labels: Iterable[object]) -> str:
    """Write several labels as one sentence would: Cashier, School office and Administrator."""
    return format_list([str(one) for one in labels], locale=_locale())


@register.filter
def sentence(text: object) -> str:
    """Write a text as a sentence, with its language's full stop."""
    return gettext("%(sentence)s.") % {"sentence": text}


@register.filter
def prose(text: str, level: int = 2) -> SafeString:
    """Write a notice's Markdown as HTML whose first heading is <h{level}>."""
    tokens = _markdown.parse(text)
    for token in tokens:
        _lower(token, level - 1)
    # The renderer escapes every character of the text; the tags are its own.
    return SafeString(_markdown.renderer.render(tokens, _markdown.options, {}))


def _lower(token: Token, levels: int) -> None:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(int(token.tag[1:]) + levels, 6)}"
