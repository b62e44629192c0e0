"""A limit on request bodies, before anything of them is kept.

Django's ASGI handler writes bodies beyond its memory limit to a temporary file. A body may be a photograph,
and photographs never touch the disk (promise 3). So what is larger than any page needs is taken in and
dropped: a browser hears an answer only once it has sent everything. The page then says so in its own words
(ui.too_large). What is far larger is answered at once, and the connection closed.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from willing.api.problems import HTTP_PROBLEMS
from willing.ui.too_large import DROPPED

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
# Some ten photographs of a good telephone: somebody who chose too many is told so.
DROPPED_BYTES_MAX = 128 * 1024 * 1024
_ABOUT_THE_BODY = frozenset({b"content-length", b"content-type", b"transfer-encoding"})


class LimitBody:
    """Drop a body that is larger than `bytes_max`, announced or not, and answer 413."""

    def __init__(
        self, application: Application, bytes_max: int, dropped_max: int = DROPPED_BYTES_MAX
    ) -> None:
        self.application = application
        self.bytes_max = bytes_max
        self.dropped_max = dropped_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on: whole, or without its body where that is too large."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        if _announced(scope) > self.dropped_max:
            await _refuse(scope, send)
            return
        messages, size = await self._read(receive)
        if size > self.dropped_max:
            await _refuse(scope, send)
        elif size <= self.bytes_max:
            await self.application(scope, _replay(messages, receive), send)
        elif scope.get("path", "").startswith("/api/"):
            await _refuse(scope, send)
        else:
            await self.application(_without_body(scope), _replay([], receive), send)

    async def _read(self, receive: Receive) -> tuple[list[Message], int]:
        """Return what came and how many bytes that was, at most one piece more than is dropped."""
        messages: list[Message] = []
        size = 0
        while size <= self.dropped_max:
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.bytes_max:
                messages.clear()
            else:
                messages.append(message)
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
        return messages, size


def _announced(scope: Scope) -> float:
    """Return the announced length in bytes, 0 where there is none; a length that is no number is too much."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(one) if one.isdigit() and len(one) < 20 else float("inf") for one in lengths), default=0)


def _without_body(scope: Scope) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name not in _ABOUT_THE_BODY]
    return {**scope, "headers": [*headers, (b"content-length", b"0")], DROPPED: True}


def _replay(messages: list[Message], receive: Receive) -> Receive:
    waiting: list[Message] = messages or [{"type": "http.request", "body": b"", "more_body": False}]

    async def replay() -> Message:
        return waiting.pop(0) if waiting else await receive()

    return replay


async def _refuse(scope: Scope, send: Send) -> None:
    code, title = HTTP_PROBLEMS[413]
    with translation.override(_language(scope)):
        text = str(title)
    kind, body = b"text/plain; charset=utf-8", text.encode()
    if scope.get("path", "").startswith("/api/"):
        facts = {"type": f"urn:willing:problem:{code}", "title": text, "status": 413, "code": code}
        kind, body = b"application/problem+json", json.dumps(facts).encode()
    headers = [(b"content-type", kind), (b"connection", b"close"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _language(scope: Scope) -> str:
    """Return the language that the caller asked for; nothing of a page is at hand here but its headers."""
    asked = b",".join(value for name, value in scope["headers"] if name == b"accept-language")
    for language, _weight in parse_accept_lang_header(asked.decode("latin-1").lower()):
        try:
            return str(translation.get_supported_language_variant(language))
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)
