"""What no text of ours may hold: NUL, and halves of surrogate pairs.

PostgreSQL stores neither, UTF-8 writes no lone half, and a name that holds one can be distinguished from its
twin by no eye. Whatever carries one, in whatever part of a request, is refused here, once, before anything
reads it.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict

from willing.pages.ui.too_large import announces_too_much
from willing.pages.ui.views import bad_request

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
# The same written as an escape, as JSON allows in a form's field too; whole pairs are read before it looks.
_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
JPEG = b"\xff\xd8"  # a camera's frame; no JSON, in whatever encoding, begins like that
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class ReadableTextMiddleware:
    """Answer 400 where a path, query, header, cookie, form, file name or JSON holds such a character."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass a readable request on."""
        if announces_too_much(request):
            return self.get_response(request)  # its body is not read by anything
        _ = request.body  # whole in memory: it is small, and views may read it after its form was read
        if not all(map(is_readable, _texts(request))) or not _has_readable_body(request):
            return bad_request(request, ValueError())
        return self.get_response(request)


def is_readable(text: str) -> bool:
    """Say whether a text can be stored, and shown, as what it is; one that is JSON, as what it means too."""
    if _UNREADABLE.search(text):
        return False
    return not _ESCAPED.search(text) or _is_readable_json(text)


def _is_readable_json(text: str | bytes) -> bool:
    """Say whether every string in a JSON document can be stored. What is no JSON means nothing more."""
    try:
        rest = [json.loads(text)]
    except RecursionError:
        return False
    except ValueError:
        return True
    while rest:
        one = rest.pop()
        if isinstance(one, str) and _UNREADABLE.search(one):
            return False
        if isinstance(one, dict):
            rest += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            rest += one
    return True


def _texts(request: HttpRequest) -> Iterable[str]:
    yield request.path
    yield from (value for key, value in request.META.items() if _is_sent(key, value))
    yield from request.COOKIES.keys()
    yield from request.COOKIES.values()
    yield from _flat(request.GET)
    if request.content_type in FORMS:
        yield from _flat(request.POST)
        for name, files in request.FILES.lists():
            yield name
            yield from (f"{one.name}{one.content_type}{one.charset or ''}" for one in files)


def _has_readable_body(request: HttpRequest) -> bool:
    """Say whether a body that is no form can be stored, whatever it claims to be: the API reads JSON."""
    if request.content_type in FORMS or not request.body or request.body.startswith(JPEG):
        return True
    return _is_readable_json(request.body)


def _is_sent(key: str, value: object) -> bool:
    return isinstance(value, str) and key.startswith(("HTTP_", "CONTENT_", "QUERY_"))


def _flat(fields: "MultiValueDict[str, Any]") -> Iterable[str]:
    for name, values in fields.lists():
        yield name
        yield from (value for value in values if isinstance(value, str))
