"""Let 1, 4, 16 and 64 clients sell at once, on SQLite and on PostgreSQL, each commit on the disk.

Each client has pupils of its own, so none has a reason to wait for another: many must not sell less than
few, no answer may be a 500, and PostgreSQL's log must tell of no deadlock. Beside it, as a report, the same
statements are run by as many threads through the bare driver (`benchmarks.replay`): what is left when
nothing of Willing is in between.

They take turns, one way round and back: whatever changes while it is measured, the tables that grow and the
computer's other work, meets all of them alike.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.postgres.cluster import Cluster, PostgresMissing, cluster, find_programs

from benchmarks.crowd import Client
from benchmarks.lunch import open_school, server, together
from benchmarks.measure import Row
from benchmarks.rooms import ROOT, installation

CLIENTS = (1, 4, 16, 64)
ROUNDS, SECONDS = 4, 3
OF_THE_BEST = 0.9
ANSWERS_200 = 2  # of a sale; its first answer is a 201


def clients() -> Iterator[Row]:
    """Yield the sales a minute at each number of clients, the answers of 500, and the deadlocks."""
    with installation() as environment:
        yield from _measure("SQLite", environment)
    try:
        find_programs()
    except PostgresMissing as missing:
        yield Row("clients", f"PostgreSQL left out: {missing}", 0, "")
        return
    with cluster(fsync=True) as running, installation() as environment:
        environment |= {
            "WILLING_DATABASE_URL": running.main_url,
            "WILLING_KEYS_DATABASE_URL": running.keys_url,
        }
        yield from _measure("PostgreSQL", environment)
        yield _deadlocks(running)


def _measure(database: str, environment: dict[str, str]) -> Iterator[Row]:
    school = open_school(environment, tills=max(CLIENTS), pupils=2 * max(CLIENTS))
    with server(environment) as port:
        _sell(port, school, 1, seconds=2)
        sold = dict.fromkeys(CLIENTS, 0.0)
        faults = dict.fromkeys(CLIENTS, 0)
        for turn in range(ROUNDS):
            for number in CLIENTS if turn % 2 == 0 else reversed(CLIENTS):
                crowd, seconds = _sell(port, school, number, seconds=SECONDS)
                answers = sum((one.statuses for one in crowd), Counter[int]())
                sold[number] += 60 * answers[200] / ANSWERS_200 / seconds / ROUNDS
                faults[number] += answers[0] + answers[500]
    bare = _replay(environment, school)
    for number in CLIENTS:
        name = f"{database}, {number} clients"
        wanted = OF_THE_BEST * max(sold.values()) if number > 1 else None
        yield Row("clients", f"{name}: sales a minute", sold[number], "1/min", wanted, at_most=False)
        yield Row("clients", f"{name}: answers 500, or none", faults[number], "", 0)
        yield Row("clients", f"{name}: the bare driver", bare[str(number)], "1/min")


def _deadlocks(running: Cluster) -> Row:
    return Row("clients", "PostgreSQL: deadlocks in its log", running.deadlocks(), "", 0)


def _sell(port: int, school: dict[str, Any], number: int, *, seconds: float) -> tuple[list[Client], float]:
    crowd = [Client(port, token) for token in school["tokens"][:number]]
    over = threading.Event()
    timer = threading.Timer(seconds, over.set)

    def work(client: Client, cards: list[str]) -> None:
        place = 0
        while not over.is_set():
            client.sell(school["meal"], cards[place % len(cards)])
            place += 1

    timer.start()
    started = time.perf_counter()
    together([lambda c=one, n=n: work(c, school["cards"][n :: max(CLIENTS)]) for n, one in enumerate(crowd)])
    return crowd, time.perf_counter() - started


def _replay(environment: dict[str, str], school: dict[str, Any]) -> dict[str, float]:
    """Return the sales a minute of the bare driver for each number of threads."""
    path = Path(environment["WILLING_HOME"]) / "school.json"
    path.write_text(json.dumps(school))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.replay", str(path), *map(str, CLIENTS)],
        env=environment | {"DJANGO_SETTINGS_MODULE": "willing.config.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the replay broke off: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
