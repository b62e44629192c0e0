"""What the server itself refuses, before any page hears of it: a sentence, or a problem document."""

import json
from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from willing.api.problems import HTTP_PROBLEMS
from willing.core.problem_details import MEDIA_TYPE, problem_details

API_PREFIX = "/api/"
Headers = Iterable[tuple[bytes, bytes]]
# Places are soon free again: a till is known as soon as its first request is answered.
RETRY_SECONDS = 2
_RETRY = frozenset({408, 429, 503})


def refusal(status: int, *, path: str = API_PREFIX, headers: Headers = ()) -> tuple[Headers, bytes]:
    """Return the headers and the body of a refusal, after which the connection is closed.

    Where the path is not known yet it is a problem document, which a person can read as well.
    """
    code, title = HTTP_PROBLEMS[status]
    with translation.override(_language(headers)):
        text = str(title)
    kind, body = b"text/plain; charset=utf-8", text.encode()
    if path.startswith(API_PREFIX):
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


def _language(headers: Headers) -> str:
    """Return the language that the caller asked for; nothing of a page is at hand here but its headers."""
    asked = b",".join(value for name, value in headers if name == b"accept-language")
    for language, _weight in parse_accept_lang_header(asked.decode("latin-1").lower()):
        try:
            return str(translation.get_supported_language_variant(language))
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)
