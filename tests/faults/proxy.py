"""A proxy on 127.0.0.1 that cuts connections, in whichever direction and wherever the seed says."""

import asyncio
import contextlib
import threading
from random import Random

from tests.support.server import free_port

CUTS = 0.35  # of the connections
BYTES_MAX = 1500  # a request has some 300, an answer some 900


class CuttingProxy:
    """Passes bytes to the server's port and back until it does not."""

    def __init__(self, to_port: int, random: Random) -> None:
        self.port, self.to_port, self.random = free_port(), to_port, random
        self.connections = self.cuts = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def _serve(self) -> None:
        asyncio.run(self._until_closed())

    async def _until_closed(self) -> None:
        self._loop, self._closed = asyncio.get_running_loop(), asyncio.Event()
        # Connections that come while it closes are none of the scenario's business.
        self._loop.set_exception_handler(lambda *_: None)
        async with await asyncio.start_server(self._pass_on, "127.0.0.1", self.port):
            self._ready.set()
            await self._closed.wait()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):  # the scenario is over
            await self._both_ways(reader, writer)

    async def _both_ways(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        forth, back = self._allowances()
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        ways = [self._copy(reader, server_writer, forth), self._copy(server_reader, writer, back)]
        tasks = [asyncio.ensure_future(way) for way in ways]
        _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[1] in pending and not tasks[0].result():  # the request is whole: wait for its answer
            await asyncio.wait(pending)
        for task in tasks:
            task.cancel()
        for end in (writer, server_writer):
            end.transport.abort()

    def _allowances(self) -> tuple[int | None, int | None]:
        """Return how many bytes may pass forth and back; None: all."""
        if self.random.random() >= CUTS:
            return None, None
        self.cuts += 1
        allowed = self.random.randrange(BYTES_MAX)
        return (allowed, None) if self.random.random() < 0.5 else (None, allowed)

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allowed: int | None
    ) -> bool:
        """Pass bytes on until the sender ends, or `allowed` have passed. Return whether it was cut."""
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                if allowed is not None and len(data) >= allowed:
                    writer.write(data[:allowed])
                    await writer.drain()
                    return True
                allowed = None if allowed is None else allowed - len(data)
                writer.write(data)
                await writer.drain()
            writer.write_eof()  # the client wants no more: the server need not wait for it
        return False

    def close(self) -> None:
        """Stop; connections that are still open are cut."""
        self._loop.call_soon_threadsafe(self._closed.set)
        self._thread.join(10)
