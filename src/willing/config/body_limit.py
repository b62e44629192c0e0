"""A limit on request bodies, before anything of them is kept.

A body may be a photograph, and photographs never touch the disk (promise 3): all of it is held in memory, so
it is small, and it comes in time. What is larger than the page takes is taken in and dropped: a browser hears
an answer only once it has sent everything. What is far larger is answered at once, and the connection closed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from willing.config.admissions import Admissions
from willing.config.server_limits import BODY_BYTES_MAX, DROPPED_BYTES_MAX

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class BodyRefused(Exception):
    """A body that is not read to its end. status: 408, 413 or 503."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ClientGone(Exception):
    """The client hung up before its request was complete."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much a request may carry. status: what it is answered where it carries more."""

    bytes_max: int
    status: int = 413


@dataclass(frozen=True, slots=True)
class Body:
    """What came. refused: the status that it is answered with; its content is empty then."""

    content: bytes = b""
    refused: int = 0


class BodyReader:
    """Read one body. allow: asked once, where more comes than every request may carry."""

    def __init__(
        self,
        receive: Receive,
        admissions: Admissions,
        allow: Callable[[], Awaitable[Allowance]],
        dropped_bytes_max: int = DROPPED_BYTES_MAX,
    ) -> None:
        self._receive, self._admissions, self._allow = receive, admissions, allow
        self._dropped_bytes_max = dropped_bytes_max
        self._allowance = Allowance(BODY_BYTES_MAX)
        self._was_asked = False
        self._pieces: list[bytes] = []
        self._size = self._held = self._refused = 0

    async def read(self, headers: Iterable[tuple[bytes, bytes]]) -> Body:
        """Return the body, or that it was dropped. Raises BodyRefused and ClientGone."""
        announced = announced_bytes(headers)
        if announced > self._dropped_bytes_max:
            raise BodyRefused(413)
        try:
            async with asyncio.timeout(self._admissions.limits.body_seconds_max):
                await self._weigh(announced)
                while await self._read_piece():
                    pass
        except TimeoutError:
            raise BodyRefused(408) from None
        return Body(b"" if self._refused else b"".join(self._pieces), self._refused)

    def release(self) -> None:
        """Let go of what is counted as held: when the request has been answered, with whatever outcome."""
        self._admissions.release(self._held)
        self._held = 0
        self._pieces.clear()

    async def _read_piece(self) -> bool:
        """Read what came next, and return whether more follows."""
        message = await self._receive()
        if message["type"] != "http.request":
            raise ClientGone
        piece = message.get("body", b"")
        self._size += len(piece)
        if self._size > self._dropped_bytes_max:
            raise BodyRefused(413)
        if not self._refused:
            await self._weigh(self._size)
        if not self._refused and piece:
            self._keep(piece)
        return bool(message.get("more_body", False))

    async def _weigh(self, size: float) -> None:
        """Drop the body from here on where it is larger than the request may carry."""
        if size > self._allowance.bytes_max and not self._was_asked:
            self._was_asked = True
            self._allowance = await self._allow()
        if size > self._allowance.bytes_max:
            self._drop(self._allowance.status)

    def _keep(self, piece: bytes) -> None:
        if not self._admissions.hold(len(piece)):
            self._drop(503)
            return
        self._held += len(piece)
        self._pieces.append(piece)

    def _drop(self, status: int) -> None:
        self._refused = status
        self.release()


def announced_bytes(headers: Iterable[tuple[bytes, bytes]]) -> float:
    """Return the announced length in bytes, 0 where there is none; a length that is no number is too much."""
    lengths = [value for name, value in headers if name == b"content-length"]
    return max((int(one) if one.isdigit() and len(one) < 20 else float("inf") for one in lengths), default=0)
