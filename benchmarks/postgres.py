"""Let 1, 2, 4 and 8 tills sell at once on PostgreSQL, which waits for the disk at each commit.

Each till has pupils of its own, so none has a reason to wait for another: more tills must not sell less, no
answer may be a 500, and the database's log must tell of no deadlock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

from tests.postgres.cluster import Cluster, PostgresMissing, cluster, find_programs

from benchmarks.crowd import Client
from benchmarks.lunch import open_school, server, together
from benchmarks.measure import Row
from benchmarks.rooms import installation

TILLS = (1, 2, 4, 8)
SECONDS = 15


def postgres() -> Iterator[Row]:
    """Yield the sales a minute at each number of tills, the answers of 500 and the deadlocks."""
    try:
        find_programs()
    except PostgresMissing as missing:
        yield Row("postgres", f"left out: {missing}", 0, "")
        return
    with cluster(fsync=True) as running, installation() as environment:
        environment |= {
            "WILLING_DATABASE_URL": running.main_url,
            "WILLING_KEYS_DATABASE_URL": running.keys_url,
        }
        school = open_school(environment, tills=max(TILLS), pupils=20 * max(TILLS))
        with server(environment) as port:
            _sell(port, school, 1, seconds=2)
            yield from _rows(port, school, running)


def _rows(port: int, school: dict[str, Any], running: Cluster) -> Iterator[Row]:
    alone = None
    for tills in TILLS:
        clients, seconds = _sell(port, school, tills, seconds=SECONDS)
        a_minute = 60 * sum(client.statuses[200] for client in clients) / 2 / seconds
        faults = sum(
            count for client in clients for status, count in client.statuses.items() if status >= 500
        )
        alone = alone or a_minute
        yield Row(
            "postgres",
            f"{tills} tills: sales a minute",
            a_minute,
            "1/min",
            alone if tills > 1 else None,
            at_most=False,
        )
        yield Row("postgres", f"{tills} tills: answers of 500 and above", faults, "", 0)
    yield Row("postgres", "deadlocks in the database's log", running.deadlocks(), "", 0)


def _sell(port: int, school: dict[str, Any], tills: int, *, seconds: float) -> tuple[list[Client], float]:
    clients = [Client(port, token) for token in school["tokens"][:tills]]
    over = threading.Event()
    timer = threading.Timer(seconds, over.set)

    def work(client: Client, cards: list[str]) -> None:
        place = 0
        while not over.is_set():
            client.sell(school["meal"], cards[place % len(cards)])
            place += 1

    timer.start()
    started = time.perf_counter()
    together([lambda c=one, n=n: work(c, school["cards"][n :: max(TILLS)]) for n, one in enumerate(clients)])
    return clients, time.perf_counter() - started
