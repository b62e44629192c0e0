"""Ask a server of this computer over a line that is always closed.

These are the only connections that tests open by themselves (banned-api in pyproject.toml): one that is left
open is found by the collector of garbage, long after, while another test runs.
"""

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator
from email.message import Message
from typing import NamedTuple

SECONDS_MAX = 30.0  # a busy machine may take its time; what is tested is what comes, not when


class Answer(NamedTuple):
    """What a server said."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body, read."""
        return self.body.decode()


def line_to(port: int, source: str = "127.0.0.1", seconds: float = SECONDS_MAX) -> socket.socket:
    """Return a connection to a port of this computer, to be used in a `with`. Raises OSError.

    source: whose address it comes from; "::1" for one of IPv6.
    """
    host = "::1" if ":" in source else "127.0.0.1"
    return socket.create_connection((host, port), seconds, (source, 0))


class Caller:
    """Asks one server over one connection, as often as it likes."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Return the whole answer. headers: with underscores. Raises OSError, HTTPException."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, named)
        with self._connection.getresponse() as answer:
            return Answer(answer.status, answer.headers, answer.read())


@contextlib.contextmanager
def calling(port: int, seconds: float = SECONDS_MAX) -> Iterator[Caller]:
    """Lend a caller of a server of this computer; its connection ends with the block."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    with contextlib.closing(connection):
        yield Caller(connection)


@contextlib.contextmanager
def calling_over(line: ssl.SSLSocket, name: str) -> Iterator[Caller]:
    """Lend a caller over a connection that is already secured; both end with the block."""
    connection = http.client.HTTPSConnection(name, context=ssl.create_default_context())
    with line, contextlib.closing(connection):
        connection.sock = line
        yield Caller(connection)


def ask(
    port: int, method: str, path: str, body: bytes | None = None, seconds: float = SECONDS_MAX, **headers: str
) -> Answer:
    """Return one answer, over a connection of its own. Raises OSError, HTTPException."""
    with calling(port, seconds) as caller:
        return caller.ask(method, path, body, **headers)
