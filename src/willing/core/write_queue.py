"""One line of writers for each SQLite file, in the order in which they came.

SQLite lets one connection write at a time and makes the others sleep and try again, each after a nap of its
own. Nobody who waits is next: among 64 writers the last one waited twelve seconds while others, who came
later, wrote forty times. Here each waits for its turn, so that a till waits as long as the writers before it
take. Other processes are not in the line; SQLite's own waiting (`timeout`) still holds against them.
"""

import threading
import time
from collections import deque

WAITING_MAX = 256
WAIT_SECONDS_MAX = 10.0  # below the 15 s after which a page gives up by itself (htmx)
RETRY_AFTER_SECONDS = 2  # what a page or a caller of the API is asked to wait
# How often a waiting thread checks whether the one before it is still alive.
LOOK_SECONDS = 1.0


class DatabaseBusy(Exception):
    """More writers wait than are served in time; nothing of this one's transaction was written.

    Not a DatabaseError: nothing that expects a conflict of data may take it for one.
    """


class WriteTurn:
    """One writer's place in the line. It is the line's until `WriteQueue.leave` is called with it."""

    def __init__(self) -> None:
        self.thread = threading.current_thread()
        self._called = threading.Lock()
        self._called.acquire()

    def call(self) -> None:
        """Wake the writer: it is their turn. Called once."""
        self._called.release()

    def wait(self, seconds: float) -> bool:
        """Return whether it is this writer's turn, after at most so many seconds."""
        return self._called.acquire(timeout=max(seconds, 0))


class WriteQueue:
    """A lock handed to the thread that has waited longest. Not re-entrant: a thread has one transaction."""

    def __init__(self, *, waiting_max: int = WAITING_MAX, wait_seconds_max: float = WAIT_SECONDS_MAX) -> None:
        self.waiting_max = waiting_max
        self.wait_seconds_max = wait_seconds_max
        self._guard = threading.Lock()
        self._writing: WriteTurn | None = None
        self._waiting: deque[WriteTurn] = deque()

    def enter(self) -> WriteTurn:
        """Wait until it is this thread's turn to write. Raises DatabaseBusy beyond either bound."""
        turn = WriteTurn()
        with self._guard:
            if self._writing is None:
                self._writing = turn
                return turn
            if len(self._waiting) >= self.waiting_max:
                raise DatabaseBusy(f"{len(self._waiting)} writers wait already")
            self._waiting.append(turn)
        try:
            self._wait(turn)
        except (
            BaseException
        ):  # an interrupt too: a place in the queue without a thread would stop everyone behind it
            self._give_up(turn)
            raise
        return turn

    def leave(self, turn: WriteTurn) -> None:
        """End this writer's turn and call the next one. Twice is as good as once."""
        with self._guard:
            if self._writing is turn:
                self._call_next()

    def _wait(self, turn: WriteTurn) -> None:
        deadline = time.monotonic() + self.wait_seconds_max
        while not turn.wait(min(LOOK_SECONDS, deadline - time.monotonic())):
            self._pass_over_the_dead()
            if time.monotonic() >= deadline:
                raise DatabaseBusy(f"no turn within {self.wait_seconds_max:g} seconds")

    def _give_up(self, turn: WriteTurn) -> None:
        with self._guard:
            if self._writing is turn:  # called in this very moment
                self._call_next()
            else:
                self._waiting.remove(turn)

    def _pass_over_the_dead(self) -> None:
        """Take the turn from a thread that died without releasing it: its connection is gone with it."""
        with self._guard:
            if self._writing is not None and not self._writing.thread.is_alive():
                self._call_next()

    def _call_next(self) -> None:
        self._writing = self._waiting.popleft() if self._waiting else None
        if self._writing is not None:
            self._writing.call()


_queues: dict[str, WriteQueue] = {}
_making = threading.Lock()


def queue_of(database: str) -> WriteQueue:
    """Return this process's line of writers for one database file."""
    with _making:
        return _queues.setdefault(database, WriteQueue())
