"""A receipt printer of our own on 127.0.0.1, which takes what it is sent and behaves as it is told."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from willing.terminals.printer_rules import PORTS

READY, NO_PAPER = b"\x12", b"\x1a"
ASKED = b"\x10\x04\x01"


@dataclass
class Paper:
    """What came, line by line of the connection's end. manner: how it behaves.

    answers: asked whether it is ready, it says so. silent: it never says anything. no_paper: it says that it
    is not ready. hangs_up: it ends the connection at once. throws_away: it answers, and ends the connection
    before it has read what follows.
    """

    port: int = 0
    manner: str = "answers"
    came: list[bytes] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)


@contextmanager
def printer(manner: str = "answers") -> Iterator[Paper]:
    """Lend a printer while the block runs."""
    paper = Paper(manner=manner)
    with _listening() as listener:
        paper.port = listener.getsockname()[1]
        worker = threading.Thread(target=_serve, args=[listener, paper])
        worker.start()
        try:
            yield paper
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            worker.join()


@contextmanager
def stalled_port() -> Iterator[int]:
    """Lend a port whose queue of connections is full: who calls there is not answered."""
    with _listening(backlog=0) as listener, contextlib.ExitStack() as waiting:
        address = listener.getsockname()
        for _ in range(4):
            line = waiting.enter_context(socket.socket())
            line.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                line.connect(address)
        yield address[1]


@contextmanager
def _listening(backlog: int = 5) -> Iterator[socket.socket]:
    """Lend a listener on a port of printers that is free."""
    with socket.socket() as listener:
        for port in PORTS:
            with contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", port))
                break
        listener.listen(backlog)
        assert listener.getsockname()[1] in PORTS
        yield listener


def free_printer_port() -> int:
    """Return a port of printers on which nothing listens."""
    with _listening() as listener:
        return int(listener.getsockname()[1])


def _serve(listener: socket.socket, paper: Paper) -> None:
    while True:
        try:
            line, _address = listener.accept()
        except OSError:
            return  # the block is over
        with line, contextlib.suppress(OSError):
            line.settimeout(10)
            _print(line, paper)


def _print(line: socket.socket, paper: Paper) -> None:
    if paper.manner == "hangs_up":
        return
    asked = line.recv(len(ASKED))
    assert asked == ASKED
    if paper.manner != "silent":
        line.sendall(NO_PAPER if paper.manner == "no_paper" else READY)
    if paper.manner == "throws_away":
        line.recv(1)  # the rest is not read: the system says so to the other side
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return
    parts = []
    while part := line.recv(4096):
        parts.append(part)
    if parts:
        paper.came.append(b"".join(parts))
        paper.arrived.set()
