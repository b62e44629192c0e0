"""An answer that is held for news: a ring ends it, and so do time, the client and the server that stops."""

import asyncio
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from tests.config.test_workers import Line, scope_of

from willing.config.admissions import Admissions
from willing.config.body_limit import Allowance
from willing.config.connections import CONNECTION
from willing.config.server_limits import ServerLimits
from willing.config.workers import Workers
from willing.core.doorbell import DOORBELL, WAIT, Doorbell

CALLERS: Any = SimpleNamespace(
    is_known=lambda _environ: True, allow_body=lambda _environ, **_: Allowance(1000)
)


class Waiting:
    """One request that is held, in an event loop of its own."""

    def __init__(self, *, seconds: float = 5, has_gone: bool = False) -> None:
        self.key, self.asked, self.has_news = "key", 0, False
        self.seconds, self.has_gone = seconds, has_gone
        self.line = Line()
        self.line.waiting = None  # type: ignore[attr-defined]
        self.sent: list[dict[str, Any]] = []

    def application(self, _environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        self.asked += 1
        if self.has_news:
            start("200 OK", [("Content-Type", "text/plain")])
            return [b"news"]
        start("204 No Content", [(WAIT, f"{self.key} {DOORBELL.count(self.key)}")])
        return []

    async def run(self, meanwhile: Callable[[], object]) -> None:
        pieces = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> dict[str, Any]:
            if pieces:
                return pieces.pop(0)
            if self.has_gone:
                return {"type": "http.disconnect"}
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        workers = Workers(self.application, Admissions(ServerLimits(wait_seconds_max=self.seconds)), CALLERS)
        scope = {**scope_of("/pupil/wait/"), CONNECTION: self.line}
        asking = asyncio.ensure_future(workers(scope, receive, send))
        for _turn in range(5_000):
            if DOORBELL.waiting(self.key) or asking.done():
                break
            await asyncio.sleep(0.001)
        # No thread is held: each that there is can be used.
        free = [asyncio.get_running_loop().run_in_executor(workers._threads, int) for _ in range(8)]
        await asyncio.wait_for(asyncio.gather(*free), 5)
        meanwhile()
        await asyncio.wait_for(asking, 10)
        workers.close()

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])


def test_a_ring_of_another_thread_lets_the_request_be_asked_again() -> None:
    held = Waiting()

    def write() -> None:
        held.has_news = True
        threading.Thread(target=DOORBELL.ring, args=[held.key]).start()

    asyncio.run(held.run(write))
    assert (held.status, held.asked) == (200, 2)
    assert DOORBELL.waited() == []


def test_a_ring_without_news_holds_it_again() -> None:
    held = Waiting(seconds=0.05)
    asyncio.run(held.run(lambda: DOORBELL.ring(held.key)))
    assert (held.status, held.asked) == (204, 2)
    # What it waited for is nobody else's.
    assert all(name != WAIT.lower().encode() for name, _ in held.sent[0]["headers"])


def test_without_a_ring_it_is_answered_after_a_while() -> None:
    held = Waiting(seconds=0.02)
    asyncio.run(held.run(lambda: None))
    assert (held.status, held.asked) == (204, 1)
    assert DOORBELL.waited() == []


def test_a_client_that_hangs_up_and_a_server_that_stops_wait_no_longer() -> None:
    gone = Waiting(has_gone=True)
    asyncio.run(gone.run(lambda: None))
    assert (gone.asked, DOORBELL.waited()) == (1, [])
    stopped = Waiting()
    asyncio.run(stopped.run(lambda: stopped.line.waiting.set_result(None)))  # type: ignore[attr-defined]
    assert (stopped.status, DOORBELL.waited()) == (204, [])


def test_a_ring_before_the_wait_is_not_missed() -> None:
    async def wait() -> bool:
        bell = Doorbell()
        since = bell.count("a")
        bell.ring("a")
        rung, other = bell.begin("a", since), bell.begin("b", 0)
        bell.stop_waiting("b", other)
        return rung.done() and not bell.waited()

    assert asyncio.run(wait())


@pytest.mark.parametrize("left", [1, 2])
def test_each_who_waits_is_counted(left: int) -> None:
    async def wait() -> int:
        bell = Doorbell()
        futures = [bell.begin("a", 0) for _ in range(3)]
        for one in futures[left:]:
            bell.stop_waiting("a", one)
        return bell.waiting("a")

    assert asyncio.run(wait()) == left
