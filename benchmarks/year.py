"""Build a large school's year and time every page that lists something of it: `make bench YEAR=1`.

A million sales with their lines, transfers, refunds and log on each database, which takes minutes to build.
Pages are asked for inside one process, as its server's threads run them, without HTTP around it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from tests.postgres.cluster import PostgresMissing, cluster, find_programs

from benchmarks.measure import Row, percentile
from benchmarks.rooms import ROOT, installation

SALES = 1_000_000
PAGE_MS_MAX = 300


def year(sales: int = SALES) -> Iterator[Row]:
    """Yield for both databases how long building took, and each page's median and 95th percentile."""
    with installation() as environment:
        yield from _timed("SQLite", environment, sales)
    try:
        find_programs()
    except PostgresMissing as missing:
        yield Row("year", f"left out: {missing}", 0, "")
        return
    with cluster(fsync=True) as running, installation() as environment:
        urls = {"WILLING_DATABASE_URL": running.main_url, "WILLING_KEYS_DATABASE_URL": running.keys_url}
        yield from _timed("PostgreSQL", environment | urls, sales)


def _timed(database: str, environment: Mapping[str, str], sales: int) -> Iterator[Row]:
    started = time.perf_counter()
    known = _run("build", environment, str(sales))
    seconds = time.perf_counter() - started
    yield Row(
        "year", f"{database}: build {known['sales']:,} sales, their lines, transfers and log", seconds, "s"
    )
    yield Row("year", f"{database}: of that, adding up {known['days']} days", known["counting_s"], "s")
    times: dict[str, list[float]] = _run("pages", environment, json.dumps(known))
    for page, milliseconds in times.items():
        ordered = sorted(milliseconds)
        median, p95 = ordered[len(ordered) // 2], percentile(ordered, 0.95)
        yield Row("year", f"{database}: {page}", median, "ms", PAGE_MS_MAX, note=f"95 %: {p95:.0f} ms")


def _run(step: str, environment: Mapping[str, str], argument: str) -> dict[str, Any]:
    """Run a step in a process of its own, behind everything else that the machine does."""
    done = subprocess.run(
        ["nice", sys.executable, "-m", "benchmarks.year_steps", step, argument],
        env=dict(environment), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{step} broke off, see above")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
