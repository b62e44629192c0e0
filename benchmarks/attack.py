"""Open connections that never finish, from an address of their own, and keep them open: a process of its own.

Each line that it prints is how many of them were open at that moment, a second apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

SOURCE = "127.0.0.2"
AGAIN_SECONDS = 5.0
HALF_HEADER = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: "
HALF_BODY = (
    b"POST /api/v1/pair HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)
_open = {HALF_HEADER: 0, HALF_BODY: 0}


async def _one(port: int, half: bytes) -> None:
    """Hold one connection for as long as the server lets it, and then another."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(SOURCE, 0))
            writer.write(half)
            _open[half] += 1
            try:
                while await reader.read(4096):
                    pass
            finally:
                _open[half] -= 1
                writer.close()
        await asyncio.sleep(AGAIN_SECONDS)


async def main(port: int, headers: int, bodies: int) -> None:
    """Attack until standard input ends."""
    work = [asyncio.create_task(_one(port, HALF_HEADER)) for _ in range(headers)]
    work += [asyncio.create_task(_one(port, HALF_BODY)) for _ in range(bodies)]
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not ended.done():
        await asyncio.sleep(1)
        print(_open[HALF_HEADER], _open[HALF_BODY], flush=True)
    for one in work:
        one.cancel()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:4])))
