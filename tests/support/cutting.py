"""A proxy on 127.0.0.1 between a browser and a server: it cuts the message that a test names."""

import contextlib
import re
import socket
import socketserver
import threading
from typing import Literal

from tests.support.lines import line_to
from tests.support.server import free_port

Where = Literal["request", "answer"]
CONNECTION = re.compile(rb"\r\nconnection: [^\r]*", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


class Cutting:
    """Passes one request a connection on. is_away: nothing gets through, as while the server is away.

    cuts: what a request holds, in its first line or its body, and whether it never arrives or only its
    answer is lost; once each. slow: what a request holds, and until when its answer is on its way; once.
    seen: the requests that were answered.
    """

    def __init__(self, to_port: int) -> None:
        self.port, self.to_port, self.is_away = free_port(), to_port, False
        self.cuts: list[tuple[str, Where]] = []
        self.slow: tuple[str, threading.Event] | None = None
        self.seen: list[str] = []
        cutting = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    cutting.pass_on(self.request)

        class Listener(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self._listener = Listener(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where a browser reaches the server through it."""
        return f"http://localhost:{self.port}"

    def pass_on(self, client: socket.socket) -> None:
        """Pass a request on, and its answer back, or cut it."""
        request = _read_request(client)
        if self.is_away or not request:
            return
        said = b"\n".join([request.split(b"\r\n", 1)[0], request.partition(b"\r\n\r\n")[2]]).decode()
        where = self._take_cut(said)
        if where == "request":
            return
        with line_to(self.to_port) as server:
            server.sendall(CONNECTION.sub(b"", request).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            answer = b"".join(iter(lambda: server.recv(65536), b""))
        if where is None:
            if self.slow is not None and self.slow[0] in said:
                (_what, arrives), self.slow = self.slow, None
                arrives.wait(30)
            self.seen.append(said)
            client.sendall(answer)

    def _take_cut(self, said: str) -> Where | None:
        found = next((one for one in self.cuts if one[0] in said), None)
        if found is None:
            return None
        self.cuts.remove(found)
        return found[1]

    def close(self) -> None:
        """Listen no more."""
        self._listener.shutdown()
        self._listener.server_close()


def _read_request(client: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        more = client.recv(65536)
        if not more:
            return b""
        read += more
    length = LENGTH.search(read)
    whole = read.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
    while len(read) < whole:
        read += client.recv(65536)
    return read
