"""One HTTP connection, read by uvicorn's parser, that may neither dawdle nor pile up."""

import asyncio
import time
from functools import cache
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from willing.config.admissions import Admissions, NotAdmitted, Phase, address_of
from willing.config.refusals import refusal

# Where the application finds its connection in the ASGI scope.
CONNECTION = "willing.connection"
# So long a refused client may take to read why, before the connection is cut; and so many may do so at once.
LINGER_SECONDS = 1.0
LINGERING_MAX = 100


class LimitedConnection(HttpToolsProtocol):
    """A connection of uvicorn's with deadlines, a place in `Admissions`, and refusals that say why."""

    def __init__(self, admissions: Admissions, **options: Any) -> None:
        super().__init__(**options)
        self.admissions, self.limits = admissions, admissions.limits
        self.address, self.is_known, self.is_proxied = "", False, False
        self.phase, self.since = Phase.READING_HEADER, time.monotonic()
        self.timeout_keep_alive = self.limits.idle_seconds_max  # type: ignore[assignment]  # a float is as good
        # While an answer is held for news: done, it is sent at once, for the server stops.
        self.waiting: asyncio.Future[None] | None = None
        self._is_refused = False
        self._header_bytes = 0
        self._received_bytes = 0  # since the last request: nothing at all is no slow request
        self._header_deadline: asyncio.TimerHandle | None = None

    # --- from the first byte to the last header

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or be refused; from now on the header is expected."""
        super().connection_made(transport)
        # An answer counts as fetched when nothing of it is left in our memory.
        # Under TLS a transport pauses at its limit, not beyond it: at none it would pause for good.
        transport.set_write_buffer_limits(high=1 if transport.get_extra_info("sslcontext") else 0)
        self.address = address_of(self.client[0] if self.client else "")
        try:
            self.admissions.admit(self)
        except NotAdmitted as error:
            self.refuse(error.status)
            return
        if self.is_proxied:
            self._wait_long()
        self._expect_header()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._stop_expecting()
        self.admissions.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came. What follows a refusal is dropped."""
        if self._is_refused:
            return
        self._received_bytes += len(data)
        if self.phase is Phase.IDLE:
            self._expect_header()
        super().data_received(data)
        # A line that is not complete yet is in the parser's memory, and in nobody's count.
        if self._received_bytes > self.limits.header_bytes_max and self.phase is Phase.READING_HEADER:
            self.refuse(431)

    def on_url(self, url: bytes) -> None:
        """Count the request line as part of the header."""
        self._header_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count one header line."""
        self._header_bytes += len(name) + len(value) + 4
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin the request, unless its header is too large."""
        self._stop_expecting()
        if self._header_bytes > self.limits.header_bytes_max:
            self.refuse(431)
            return
        self._header_bytes = 0
        self._enter(Phase.READING_BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the whole request is there."""
        if not self._is_refused:
            self._enter(Phase.WORKING)
            super().on_message_complete()

    def on_message_begin(self) -> None:
        """Lend the application this connection."""
        super().on_message_begin()
        self.scope[CONNECTION] = self  # type: ignore[literal-required]

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        is_next_waiting = bool(self.pipeline)
        super().on_response_complete()
        self._received_bytes = 0
        self._enter(Phase.WORKING if is_next_waiting else Phase.IDLE)

    # --- how it is closed

    def refuse(self, status: int) -> None:
        """Say why, and end the connection; the client has a moment to read it."""
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        self._stop_expecting()
        self._unset_keepalive_if_required()
        self.admissions.leave(self)
        self.transport.write(_whole_refusal(status))
        self._linger()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's own sentence, in English only
        """Refuse what is no HTTP."""
        self.refuse(400)

    def shutdown(self) -> None:
        """Let the server stop: an answer that is held for news is held no longer."""
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(None)
        super().shutdown()

    def give_way(self) -> None:
        """End at once, to make room."""
        self._is_refused = True
        self.transport.abort()

    def become_known(self) -> None:
        """Note that a paired till or a signed-in user has been answered on this connection."""
        self.admissions.know(self)
        self._wait_long()

    def _wait_long(self) -> None:
        self.timeout_keep_alive = self.limits.idle_seconds_known_max  # type: ignore[assignment]

    def _linger(self) -> None:
        """Close our half, and cut the line a moment later: to cut it now could take the answer along."""
        if self.admissions.lingering >= LINGERING_MAX:
            self.transport.abort()
            return
        if not self.transport.can_write_eof():  # TLS has no half that is closed: what was written goes first
            self.transport.close()
            return
        try:
            self.transport.write_eof()
        except OSError:  # the client has cut the line already
            self.transport.abort()
            return
        self.admissions.lingering += 1
        self.loop.call_later(LINGER_SECONDS, self._cut)

    def _cut(self) -> None:
        self.admissions.lingering -= 1
        self.transport.abort()

    def _expect_header(self) -> None:
        self._enter(Phase.READING_HEADER)
        self._header_deadline = self.loop.call_later(self.limits.header_seconds_max, self._refuse_late_header)

    def _stop_expecting(self) -> None:
        if self._header_deadline is not None:
            self._header_deadline.cancel()
            self._header_deadline = None

    def _refuse_late_header(self) -> None:
        """End a connection that is late. A browser's spare one, which never asked anything, hears nothing."""
        if self._received_bytes:
            self.refuse(408)
        else:
            self.transport.close()

    def _enter(self, phase: Phase) -> None:
        self.phase, self.since = phase, time.monotonic()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a client that asks for another protocol is simply answered in this one."""


@cache
def _whole_refusal(status: int) -> bytes:
    """Return a refusal as it goes over the line. Made once: a thousand may be refused in a moment."""
    headers, body = refusal(status)
    lines = [STATUS_LINE[status], *(b"%s: %s\r\n" % one for one in headers), b"\r\n", body]
    return b"".join(lines)


def make_protocol(admissions: Admissions) -> type[asyncio.Protocol]:
    """Return the protocol that uvicorn makes its connections with."""

    def connect(
        *, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None
    ) -> LimitedConnection:
        return LimitedConnection(
            admissions, config=config, server_state=server_state, app_state=app_state, _loop=_loop
        )

    return connect  # type: ignore[return-value]  # uvicorn only calls it
