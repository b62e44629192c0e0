"""Let 64 clients sell at once from one server: how long the last of them waits, and what is refused.

No school has 64 tills. It is how a queue shows whether it is fair: the figure to look at is the 99th
percentile of one request beside the middle one.
"""

from __future__ import annotations

import http.client
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from benchmarks.lunch import ALL_MEALS, GaveUp, open_school, server, together
from benchmarks.measure import Row, percentile
from benchmarks.rooms import installation

CLIENTS = 64
SALES = 10  # for each client
FAULTS_MAX = 200  # of one client; beyond them it gives up
# What a client sends again, under the same key. 429: so many connect at once that nobody is known yet.
RETRIED = frozenset({0, 429, 500, 503})
RECONNECT_SECONDS = 0.1


class Client:
    """One till that never pauses, and gives up late; it notes every answer's status and time.

    until: when it repeats no more, of the monotonic clock, instead of after so many faults.
    """

    def __init__(self, port: int, token: str, *, until: float = math.inf) -> None:
        self._port, self._token, self._until = port, token, until
        self._connection = self._connect()
        self.requests_ms: list[float] = []
        self.statuses: Counter[int] = Counter()

    def sell(self, product: str, card: str) -> None:
        """Sell one product to the holder of a card; press again wherever the server asks for it.

        Raises GaveUp on a refusal, and after too many faults.
        """
        opened = self._ask("/baskets", {"lines": [{"product": product, "quantity": 1}]})
        basket = opened["id"]
        self._ask(f"/baskets/{basket}/identify", {"way": "card", "code": card})
        self._ask(
            f"/baskets/{basket}/confirm",
            {"total_minor": opened["total_minor"], "main_meals_checked": ALL_MEALS, "repeat_checked": True},
        )

    def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": str(uuid4()),
            "Content-Type": "application/json",
        }
        while True:
            started = time.perf_counter()
            status, content = self._send(path, json.dumps(body), headers)
            self.requests_ms.append((time.perf_counter() - started) * 1e3)
            self.statuses[status] += 1
            if 0 < status < 300:
                return content
            if status not in RETRIED or self._has_enough():
                raise GaveUp(f"the crowd's server refused {path}: {content.get('code', status)}")
            if status in (0, 429):  # refused before the server knew who connects
                self._connection.close()
                self._connection = self._connect()
                time.sleep(RECONNECT_SECONDS)

    def _has_enough(self) -> bool:
        if self._until < math.inf:
            return time.monotonic() >= self._until
        return sum(self.statuses[fault] for fault in RETRIED) > FAULTS_MAX

    def _send(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Return the status and the answer; status 0 where the connection was cut before one came."""
        try:
            self._connection.request("POST", f"/api/v1{path}", body, headers)
            answer = self._connection.getresponse()
            status, content = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, {}
        try:
            return status, json.loads(content)
        except ValueError:  # a fault's page
            return status, {}

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)


def crowd() -> Iterator[Row]:
    """Yield how fast 64 clients sell by card, how long one request takes, and how many are refused."""
    with installation() as environment:
        school = open_school(environment, tills=CLIENTS, pupils=CLIENTS)
        with server(environment) as port:
            clients = [Client(port, token) for token in school["tokens"]]

            def work(client: Client, card: str) -> None:
                for _ in range(SALES):
                    client.sell(school["meal"], card)

            seconds = together(
                [
                    lambda c=client, k=card: work(c, k)
                    for client, card in zip(clients, school["cards"], strict=True)
                ]
            )
    times = [one for client in clients for one in client.requests_ms]
    statuses = sum((client.statuses for client in clients), Counter[int]())
    name = f"{CLIENTS} clients at once"
    yield Row("crowd", f"{name}: sales a minute", 60 * CLIENTS * SALES / seconds, "1/min")
    yield Row("crowd", f"{name}: one request", statistics.median(times), "ms")
    yield Row("crowd", f"{name}: one request, 99th percentile", percentile(times, 0.99), "ms")
    yield Row("crowd", f"{name}: the slowest request", max(times), "ms")
    for status in (500, 503):
        yield Row("crowd", f"{name}: answers {status}", statuses[status], "", 0)
