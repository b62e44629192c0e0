"""A server of our own in a thread, a small application behind it, and clients that speak to its socket."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import uvicorn
from tests.support.lines import line_to
from tests.support.server import free_port

from willing.config.body_limit import Allowance
from willing.config.server import options
from willing.config.server_limits import BODY_BYTES_MAX, UPLOAD_BYTES_MAX, ServerLimits

WAIT_SECONDS = 30.0  # a busy machine may take its time; what is tested is what comes, not when


class Callers:
    """Known is whoever says so; much is taken at /large, from them, and more at /photographs."""

    def is_known(self, environ: dict[str, Any]) -> bool:
        return environ.get("HTTP_COOKIE") == "till"

    def allow_body(self, environ: dict[str, Any], *, is_known: bool) -> Allowance:
        if environ["PATH_INFO"] == "/photographs":
            return Allowance(UPLOAD_BYTES_MAX)
        if environ["PATH_INFO"] != "/large":
            return Allowance(BODY_BYTES_MAX)
        if is_known or self.is_known(environ):
            return Allowance(4 * BODY_BYTES_MAX)
        return Allowance(BODY_BYTES_MAX, status=401)


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Say what came: its size, its address and its thread; at /much, a megabyte."""
    body = environ["wsgi.input"].read()
    said = f"{len(body)} {environ['PATH_INFO']} {threading.current_thread().name}".encode()
    start("200 OK", [("Content-Type", "text/plain")])
    return [bytes(8_000_000)] if environ["PATH_INFO"] == "/much" else [said]


class Running:
    """A server in a thread of this process."""

    def __init__(self, application: Any, **asked_for: Any) -> None:
        self.port = free_port()
        asked = options(application, Callers(), **asked_for)
        self.workers = asked["app"]
        self.server = uvicorn.Server(
            uvicorn.Config(host="127.0.0.1", port=self.port, log_level="error", **asked)
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    @property
    def admitted(self) -> int:
        return len(self.workers.admissions)

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        return line_to(self.port, source, WAIT_SECONDS)

    def ask(self, request: bytes, source: str = "127.0.0.1") -> bytes:
        """Send bytes on a connection of their own, and return all that comes until it ends."""
        with self.connect(source) as line:
            line.sendall(request)
            return read_all(line)


@contextlib.contextmanager
def serving(limits: ServerLimits, *, application: Any = echo, **asked_for: Any) -> Iterator[Running]:
    """Serve while the block runs."""
    running = Running(application, limits=limits, **asked_for)
    running.thread.start()
    wait_until(lambda: running.server.started)
    try:
        yield running
    finally:
        running.server.should_exit = True
        running.thread.join(WAIT_SECONDS)
        assert not running.thread.is_alive()


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that happens by itself."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


def read_all(line: socket.socket) -> bytes:
    """Return what comes until the other side ends."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := line.recv(65536):
            found += piece
    return found


def read_answer(line: socket.socket) -> bytes:
    """Return one answer whose length its header gives, from a connection that goes on."""
    found = b""
    while b"\r\n\r\n" not in found:
        piece = line.recv(65536)
        assert piece, found
        found += piece
    header, _, body = found.partition(b"\r\n\r\n")
    length = next(
        int(one.split(b":")[1]) for one in header.lower().split(b"\r\n") if one.startswith(b"content-length:")
    )
    while len(body) < length:
        body += line.recv(65536)
    return header + b"\r\n\r\n" + body
