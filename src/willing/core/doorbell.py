"""Waiting for news without a thread: a request sleeps in the event loop until a writer rings for its key.

A ring is a hint and says nothing: who is woken looks for themselves. Of this process only; what another one
writes, whoever needs it watches for and rings (till.screen_watch).
"""

import asyncio
import threading
from collections import Counter

# A header of an answer of ours: the server holds it until there is a ring (config.workers). It names the key
# and how often there had been one before the answer was made.
WAIT = "Willing-Wait"
Waiting = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]


class Doorbell:
    """Who waits for which key, and how often each has been rung for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rung: Counter[str] = Counter()
        self._waiting: dict[str, list[Waiting]] = {}

    def count(self, key: str) -> int:
        """Return how often there was a ring for a key: what `wait` compares with, read before the news."""
        with self._lock:
            return self._rung[key]

    def ring(self, key: str) -> None:
        """Wake all who wait for a key. Any thread may."""
        with self._lock:
            self._rung[key] += 1
            woken = self._waiting.pop(key, [])
        for loop, future in woken:
            loop.call_soon_threadsafe(_wake, future)

    def waited(self) -> list[str]:
        """Return the keys that are waited for."""
        with self._lock:
            return list(self._waiting)

    def waiting(self, key: str) -> int:
        """Return how many wait for a key."""
        with self._lock:
            return len(self._waiting.get(key, ()))

    def begin(self, key: str, since: int) -> "asyncio.Future[None]":
        """Return a future of this thread's event loop that is done at the next ring after `since` rings."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if self._rung[key] == since:
                self._waiting.setdefault(key, []).append((loop, future))
                return future
        future.set_result(None)
        return future

    def stop_waiting(self, key: str, future: "asyncio.Future[None]") -> None:
        """Wait no longer."""
        with self._lock:
            left = [one for one in self._waiting.get(key, ()) if one[1] is not future]
            if left:
                self._waiting[key] = left
            else:
                self._waiting.pop(key, None)
        future.cancel()


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


DOORBELL = Doorbell()
