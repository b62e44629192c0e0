"""A limit on request bodies, before anything of them is kept.

Django's ASGI handler writes bodies beyond its memory limit to a temporary file. A body may be a photograph,
and photographs never touch the disk (promise 3), so what is larger than any page needs is refused while it
comes in.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class LimitBody:
    """Answer 413 to a request whose body is larger than `bytes_max`, announced or not."""

    def __init__(self, application: Application, bytes_max: int) -> None:
        self.application = application
        self.bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body stays within the limit."""
        if scope["type"] != "http" or not self._is_announced_too_large(scope):
            await self._pass_on(scope, receive, send)
        else:
            await _refuse(scope, send)

    def _is_announced_too_large(self, scope: Scope) -> bool:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        return any(not value.isdigit() or int(value) > self.bytes_max for value in lengths)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []
        if scope["type"] == "http":
            # Read here, so that a body sent in pieces is counted before Django sees any of it.
            size = 0
            while True:
                message = await receive()
                messages.append(message)
                size += len(message.get("body", b""))
                if size > self.bytes_max:
                    await _refuse(scope, send)
                    return
                if message["type"] != "http.request" or not message.get("more_body", False):
                    break

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.application(scope, replay, send)


async def _refuse(scope: Scope, send: Send) -> None:
    kind, body = b"text/plain; charset=utf-8", b"This is too large."
    if scope.get("path", "").startswith("/api/"):
        facts = {
            "type": "urn:willing:problem:too_large",
            "title": "Too large",
            "status": 413,
            "code": "too_large",
        }
        kind, body = b"application/problem+json", json.dumps(facts).encode()
    headers = [(b"content-type", kind), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
