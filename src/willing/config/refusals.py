"""What the server itself refuses, before any page hears of it: a sentence, or a problem document."""

import json
from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import to_locale
from django.utils.translation.trans_real import parse_accept_lang_header

from willing.api.problems import HTTP_PROBLEMS
from willing.core.problem_details import MEDIA_TYPE, problem_details

API_PREFIX = "/api/"
Headers = Iterable[tuple[bytes, bytes]]
# Places are soon free again: a till is known as soon as its first request is answered.
RETRY_SECONDS = 2
_RETRY = frozenset({408, 429, 503})


def without_prefix(path: str) -> str:
    """Return a request's path without our prefix, whether the proxy has removed it already or not."""
    prefix: str = settings.PREFIX
    return path.removeprefix(prefix) if prefix and path.startswith(f"{prefix}/") else path


def refusal(status: int, *, path: str | None = None, headers: Headers = ()) -> tuple[Headers, bytes]:
    """Return the headers and the body of a refusal, after which the connection is closed.

    path: None before the request was read. Nobody knows then what asks, or in which language: it is a page of
    one sentence in all of them, and a till goes by the status.
    """
    code, title = HTTP_PROBLEMS[status]
    if path is None:
        kind, body = b"text/html; charset=utf-8", _in_every_language(title).encode()
    else:
        with translation.override(_language(headers)):
            text = str(title)
        kind, body = b"text/plain; charset=utf-8", text.encode()
        if without_prefix(path).startswith(API_PREFIX):
            kind, body = MEDIA_TYPE.encode(), json.dumps(problem_details(code, status, text)).encode()
    found = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
    ]
    if status in _RETRY:
        found.append((b"retry-after", b"%d" % RETRY_SECONDS))
    if status == 401:
        found.append((b"www-authenticate", b"Bearer"))
    return found, body


def _in_every_language(title: Promise) -> str:
    """Return a page that says one sentence in each language. Of our own text alone, so nothing is escaped."""
    lines = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            lines.append(f'<p lang="{to_locale(language).replace("_", "-")}">{title}</p>')
    return f'<!doctype html><html><meta charset="utf-8"><title>Willing</title>{"".join(lines)}</html>\n'


def _language(headers: Headers) -> str:
    """Return the language that the caller asked for; nothing of a page is at hand here but its headers."""
    asked = b",".join(value for name, value in headers if name == b"accept-language")
    for language, _weight in parse_accept_lang_header(asked.decode("latin-1").lower()):
        try:
            return str(translation.get_supported_language_variant(language))
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)
