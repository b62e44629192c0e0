"""Django's synchronous handler in a few threads that last as long as the process.

uvicorn reads requests in one event loop, however slowly they come. A request that is complete waits for the
next free thread, in the order in which requests were complete; tills and people who are signed in wait in a
line of their own. A thread that lasts keeps its connections to
the databases open; Django's own asynchronous handler makes a thread, and opens the databases anew, for each.

An answer with the header `core.doorbell.WAIT` says that there is no news yet. It is held in the event loop,
and in no thread, until a writer rings; then the request is run again.
"""

import asyncio
import functools
import io
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.utils import translation

from willing.config.admissions import Admissions
from willing.config.body_limit import Allowance, Body, BodyReader, BodyRefused, ClientGone
from willing.config.connections import CONNECTION, LimitedConnection
from willing.config.refusals import API_PREFIX, refusal, without_prefix
from willing.core.doorbell import DOORBELL, WAIT

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Environ = dict[str, Any]
WSGIApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
# In the WSGI environment: the status that a body is answered with which was dropped (ui.too_large).
DROPPED = "willing.body_dropped"
PIECE_BYTES = 256 * 1024
_WAIT = WAIT.lower().encode()
_WITHOUT_BODY = frozenset({204, 304})


class Callers(Protocol):
    """What the application knows of a caller; both may read the database."""

    def is_known(self, environ: Environ) -> bool:
        """Say whether a request carries what a paired till or a signed-in session has."""

    def allow_body(self, environ: Environ, *, is_known: bool) -> Allowance:
        """Return how much the request may carry. is_known: an earlier one on its connection was."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    content: bytes
    is_from_known: bool
    # What is waited for before it is sent: a key of the doorbell, and how often it had been rung for.
    waits_for: tuple[str, int] | None = None


class Workers:
    """The ASGI application that uvicorn serves."""

    def __init__(
        self,
        application: WSGIApplication,
        admissions: Admissions,
        callers: Callers,
        at_the_end: Callable[[], object] = lambda: None,
    ) -> None:
        self.application, self.admissions, self.callers = application, admissions, callers
        self._at_the_end = at_the_end
        limits = admissions.limits
        self._threads = ThreadPoolExecutor(limits.threads, thread_name_prefix="willing-request")
        self._unknown_threads = ThreadPoolExecutor(
            limits.unknown_threads, thread_name_prefix="willing-visitor"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        connection: LimitedConnection = scope[CONNECTION]
        environ = environ_of(scope)

        async def allow() -> Allowance:
            is_known = connection.is_known and not connection.is_proxied
            decide = functools.partial(self.callers.allow_body, environ, is_known=is_known)
            allowance: Allowance = await self._in_thread(connection, decide)
            return allowance

        reader = BodyReader(receive, self.admissions, allow)
        try:
            body = await reader.read(scope["headers"])
            if body.refused and not _is_answered_by_page(scope, body):
                await _refuse(scope, body.refused, send)
            else:
                await self._answer(scope, environ, body, receive, send)
        except ClientGone:
            return
        except BodyRefused as error:
            await _refuse(scope, error.status, send)
        finally:
            reader.release()

    def close(self) -> None:
        """End the threads, each after what it is doing."""
        self._threads.shutdown()
        self._unknown_threads.shutdown()

    async def _live(self, receive: Receive, send: Send) -> None:
        """Do what is done once all requests are answered, when the process is asked to stop."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.get_running_loop().run_in_executor(self._threads, self._at_the_end)
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, environ: Environ, body: Body, receive: Receive, send: Send) -> None:
        connection: LimitedConnection = scope[CONNECTION]
        until = time.monotonic() + self.admissions.limits.wait_seconds_max
        while True:
            fill(environ, body)
            answer: _Answer | None = await self._in_thread(connection, self._work, environ, connection)
            if answer is None:
                return
            if answer.is_from_known:
                connection.become_known()
            if answer.waits_for is None or not await _hear(
                connection, receive, *answer.waits_for, until=until
            ):
                break
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await self._send_content(answer.content, connection, send)

    async def _send_content(self, content: bytes, connection: LimitedConnection, send: Send) -> None:
        """Send a content piece by piece; a client that does not fetch one in time is cut off."""
        self.admissions.buffered_bytes += len(content)  # of ours: counted, never refused
        try:
            for start in range(0, len(content), PIECE_BYTES):
                piece = content[start : start + PIECE_BYTES]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                await self._fetched(connection)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            connection.give_way()
            await asyncio.sleep(0)  # until uvicorn has heard of it
        finally:
            self.admissions.release(len(content))

    async def _fetched(self, connection: LimitedConnection) -> None:
        """Wait until the client has fetched what was sent. Raises TimeoutError where it does not."""
        if connection.flow.write_paused:
            async with asyncio.timeout(self.admissions.limits.answer_seconds_max):
                await connection.flow.drain()

    async def _in_thread(
        self, connection: LimitedConnection, action: Callable[..., Any], *arguments: Any
    ) -> Any:
        threads = self._threads if connection.is_known else self._unknown_threads
        return await asyncio.get_running_loop().run_in_executor(threads, action, *arguments)

    def _work(self, environ: Environ, connection: LimitedConnection) -> _Answer | None:
        """Run the application in this thread. None: the client hung up before its turn came."""
        if connection.transport.is_closing():
            return None
        translation.deactivate()  # the last request's language is not this one's
        started: list[tuple[int, list[tuple[bytes, bytes]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            started.append((int(status.split(" ", 1)[0]), pairs))

        pieces = self.application(environ, start_response)
        try:
            content = b"".join(pieces)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
        status, headers = started[-1]
        if status not in _WITHOUT_BODY and not any(name == b"content-length" for name, _value in headers):
            headers.append((b"content-length", b"%d" % len(content)))
        if environ["REQUEST_METHOD"] == "HEAD":
            content = b""
        is_new = status < 400 and not connection.is_known
        waits_for = _take_wait(headers)
        return _Answer(status, headers, content, is_new and self.callers.is_known(environ), waits_for)


def _take_wait(headers: list[tuple[bytes, bytes]]) -> tuple[str, int] | None:
    """Take out of the headers what the answer waits for; it is nobody else's."""
    for one in headers:
        if one[0] == _WAIT:
            headers.remove(one)
            key, count = one[1].decode("latin-1").split(" ")
            return key, int(count)
    return None


async def _hear(
    connection: LimitedConnection, receive: Receive, key: str, since: int, *, until: float
) -> bool:
    """Wait for a ring; return False where time is over, the client has gone, or the server stops."""
    rung = DOORBELL.begin(key, since)
    gone = asyncio.ensure_future(receive())
    connection.waiting = asyncio.get_running_loop().create_future()
    try:
        seconds = max(0.0, until - time.monotonic())
        first: set[asyncio.Future[Any]] = {rung, gone, connection.waiting}
        done, _pending = await asyncio.wait(first, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return done == {rung}
    finally:
        DOORBELL.stop_waiting(key, rung)
        gone.cancel()
        connection.waiting = None


def _is_answered_by_page(scope: Scope, body: Body) -> bool:
    """Return whether a page answers itself that a body was too large (ui.too_large)."""
    return body.refused == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and not without_prefix(
        scope["path"]
    ).startswith(API_PREFIX)


def environ_of(scope: Scope) -> Environ:
    """Return the WSGI environment of a request (PEP 3333), without its body.

    A header's name with an underscore is left out: it would be read as another one's, with a hyphen.
    """
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": settings.PREFIX,
        "PATH_INFO": without_prefix(unquote_to_bytes(scope["raw_path"]).decode("latin-1")),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:
            continue
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        if key in environ:
            value = f"{environ[key]}{'; ' if name == 'COOKIE' else ','}{value}"
        if name != "CONTENT_LENGTH":
            environ[key] = value
    return environ


def fill(environ: Environ, body: Body) -> None:
    """Put a body into the environment, or that it was dropped."""
    environ["wsgi.input"] = io.BytesIO(body.content)
    environ["CONTENT_LENGTH"] = str(len(body.content))
    if body.refused:
        environ[DROPPED] = body.refused
        environ.pop("CONTENT_TYPE", None)


async def _refuse(scope: Scope, status: int, send: Send) -> None:
    headers, content = refusal(status, path=scope["path"], headers=scope["headers"])
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": content})
