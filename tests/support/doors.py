"""Devices at doors, as fakes on this computer: each answers over a real socket, in the bytes of the real one.

Where the bytes come from is written beside the tests that hold them to published ones: tests/gate.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SERIAL = 405419896


def _bcd(text: str) -> bytes:
    return bytes.fromhex(text)


@dataclass
class FakeEvent:
    """One line of a controller's memory."""

    card: int
    at: datetime
    door: int = 1
    direction: int = 1
    granted: int = 1
    kind: int = 1


@dataclass
class FakeController:
    """A UHPPOTE controller. silent: it gets no power; slow: it answers another serial number."""

    serial: int = SERIAL
    cards: dict[int, tuple[date, tuple[int, ...]]] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    events: dict[int, FakeEvent] = field(default_factory=dict)
    modes: dict[int, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys((1, 2, 3, 4), (3, 5)))
    clock: datetime = datetime(2026, 11, 27, 8, 0, 0)  # noqa: DTZ001  # as a controller's clock, it has no zone
    inputs: int = 0
    open_doors: set[int] = field(default_factory=set)
    opens: bool = True
    is_silent: bool = False
    asked: list[bytes] = field(default_factory=list)
    dies_after: int | None = None

    def forget(self) -> None:
        """Lose everything, as after a reset."""
        self.cards.clear()
        self.places.clear()
        self.events.clear()

    def commands(self) -> list[int]:
        """Return which commands came, in order."""
        return [one[1] for one in self.asked]

    def answer(self, message: bytes) -> bytes | None:
        """Return the 64 bytes that such a controller sends back."""
        if self.is_silent or len(message) != 64 or message[0] != 0x17:
            return None
        if self.dies_after is not None and len(self.asked) >= self.dies_after:
            return None
        self.asked.append(message)
        reply = bytearray(64)
        reply[0:2] = message[0:2]
        struct.pack_into("<I", reply, 4, self.serial)
        handler: Callable[[bytes, bytearray], None] = getattr(self, f"_on_{message[1]:02x}")
        handler(message, reply)
        return bytes(reply)

    def _on_20(self, _message: bytes, reply: bytearray) -> None:
        newest = max(self.events, default=0)
        if newest:
            self._put_event(reply, newest)
        for door in self.open_doors:
            reply[27 + door] = 1
        reply[37:40], reply[51:54] = _bcd(f"{self.clock:%H%M%S}"), _bcd(f"{self.clock:%y%m%d}")
        reply[50] = self.inputs

    def _on_30(self, message: bytes, reply: bytearray) -> None:
        self.clock = datetime.strptime(message[8:15].hex(), "%Y%m%d%H%M%S")  # noqa: DTZ007
        reply[8:15] = message[8:15]

    def _on_82(self, message: bytes, reply: bytearray) -> None:
        reply[8], (reply[9], reply[10]) = message[8], self.modes[message[8]]

    def _on_80(self, message: bytes, reply: bytearray) -> None:
        self.modes[message[8]] = (message[9], message[10])
        reply[8:11] = message[8:11]

    def _on_40(self, _message: bytes, reply: bytearray) -> None:
        reply[8] = int(self.opens)

    def _on_58(self, _message: bytes, reply: bytearray) -> None:
        struct.pack_into("<I", reply, 8, len(self.cards))

    def _on_5c(self, message: bytes, reply: bytearray) -> None:
        index = struct.unpack_from("<I", message, 8)[0]
        if index > len(self.places):
            return
        number = self.places[index - 1]
        struct.pack_into("<I", reply, 8, number)
        if number != 0xFFFFFFFF:
            until, doors = self.cards[number]
            reply[12:16], reply[16:20] = _bcd("20200101"), _bcd(f"{until:%Y%m%d}")
            reply[20:24] = bytes(int(door in doors) for door in (1, 2, 3, 4))

    def _on_50(self, message: bytes, reply: bytearray) -> None:
        number = struct.unpack_from("<I", message, 8)[0]
        until = datetime.strptime(message[16:20].hex(), "%Y%m%d").date()  # noqa: DTZ007
        if number not in self.cards:
            self.places.append(number)
        self.cards[number] = (until, tuple(door for door in (1, 2, 3, 4) if message[19 + door]))
        reply[8] = 1

    def _on_52(self, message: bytes, reply: bytearray) -> None:
        number = struct.unpack_from("<I", message, 8)[0]
        if number in self.cards:
            del self.cards[number]
            self.places[self.places.index(number)] = 0xFFFFFFFF
            reply[8] = 1

    def _on_b0(self, message: bytes, reply: bytearray) -> None:
        no = struct.unpack_from("<I", message, 8)[0]
        no = {0: min(self.events, default=0), 0xFFFFFFFF: max(self.events, default=0)}.get(no, no)
        if no in self.events:
            self._put_event(reply, no)
        elif 0 < no < min(self.events, default=0):
            reply[12] = 0xFF

    def _put_event(self, reply: bytearray, no: int) -> None:
        event = self.events[no]
        struct.pack_into("<I", reply, 8, no)
        reply[12:16] = bytes((event.kind, event.granted, event.door, event.direction))
        struct.pack_into("<I", reply, 16, event.card)
        reply[20:27] = _bcd(f"{event.at:%Y%m%d%H%M%S}")
        reply[27] = 1


@contextlib.contextmanager
def controller_at_a_port(controller: FakeController) -> Iterator[str]:
    """Let a controller answer on this computer; give its address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                message, asker = line.recvfrom(1024)
                reply = controller.answer(message)
                if reply is not None:
                    line.sendto(reply, asker)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{line.getsockname()[1]}"
        finally:
            stopped.set()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bell:
                bell.sendto(b"", line.getsockname())
            thread.join()


@dataclass
class FakeShelly:
    """A Shelly relay: digest with SHA-256, as RFC 7616 has it."""

    password: str = ""
    inputs: dict[int, bool | None] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    body: bytes | None = None  # answers this whatever it is asked

    def allows(self, method: str, path: str, header: str) -> bool:
        """Say whether an Authorization header knows the password."""
        if not self.password:
            return True
        found = dict(re.findall(r'(\w+)="?([^",]+)"?', header))
        if found.get("algorithm") != "SHA-256" or found.get("username") != "admin":
            return False
        first = _sha(f"admin:shellypro1-fake:{self.password}")
        second = _sha(f"{method}:{path}")
        parts = (first, found["nonce"], found["nc"], found["cnonce"], "auth", second)
        return bool(found["response"] == _sha(":".join(parts)))

    def call(self, method: str, parameters: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Do it, and return status and answer."""
        self.calls.append((method, parameters))
        if method in ("Switch.Set", "Switch.GetStatus") and parameters["id"] == 0:
            if method == "Switch.Set":
                return 200, {"was_on": False}
            return 200, {"id": 0, "source": "init", "output": False}
        if method == "Input.GetStatus" and parameters["id"] in self.inputs:
            return 200, {"id": parameters["id"], "state": self.inputs[parameters["id"]]}
        return 500, {"code": -105, "message": f"Argument 'id', value {parameters['id']} not found!"}


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextlib.contextmanager
def shelly_at_a_port(shelly: FakeShelly) -> Iterator[str]:
    """Let a Shelly answer on this computer; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if not shelly.allows("POST", self.path, self.headers.get("Authorization", "")):
                nonce = base64.b16encode(os.urandom(8)).decode()
                self.send_response(401)
                challenge = f'Digest qop="auth", realm="shellypro1-fake", nonce="{nonce}", algorithm=SHA-256'
                self.send_header("WWW-Authenticate", challenge)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            status, answer = shelly.call(self.path.removeprefix("/rpc/"), json.loads(asked))
            body = json.dumps(answer).encode() if shelly.body is None else shelly.body
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class FakeBoard:
    """A relay board on Modbus TCP. frames: what came, without the header of TCP."""

    inputs: list[bool] = field(default_factory=lambda: [True, True])
    frames: list[bytes] = field(default_factory=list)
    denies: bool = False

    def answer(self, pdu: bytes) -> bytes:
        """Return the answer to one request, both without the header."""
        self.frames.append(pdu)
        if self.denies:
            return bytes((pdu[0] | 0x80, 2))
        if pdu[0] in (5, 6):
            return pdu
        if pdu[0] == 3:
            return bytes((3, 2, 0, 0))
        at = struct.unpack_from(">H", pdu, 1)[0]
        return bytes((pdu[0], 1, int(pdu[0] == 2 and self.inputs[at])))


@contextlib.contextmanager
def board_at_a_port(board: FakeBoard) -> Iterator[str]:
    """Let a board answer on this computer, one connection after the other; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                line, _ = listener.accept()
                with line:
                    while head := line.recv(7, socket.MSG_WAITALL):
                        number, _, length, unit = struct.unpack(">HHHB", head)
                        reply = board.answer(line.recv(length - 1, socket.MSG_WAITALL))
                        line.sendall(struct.pack(">HHHB", number, 0, len(reply) + 1, unit) + reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            stopped.set()
            with socket.socket() as bell:
                bell.connect(("127.0.0.1", port))
            thread.join()


@contextlib.contextmanager
def answers_at_a_port(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Let something that is no device of ours answer whatever comes, connection after connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                line, _ = listener.accept()
                with line, contextlib.suppress(OSError):  # who asked has hung up
                    if line.recv(65_536):
                        answer(line)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stopped.set()
            with socket.socket() as bell:
                bell.connect(listener.getsockname())
            thread.join()
