"""Call the roll of 1,500 names in a school with six years behind it, on both databases.

Three and a half million marks, as `registers` builds them, with today's; leave, trips, passages of a week,
visitors and earlier drills beside them. Each page and message is asked for inside one process, as its
server's threads run them, without HTTP around it; twenty phones in browsers are in tests/journeys.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.postgres.cluster import PostgresMissing, cluster, find_programs

from benchmarks.measure import Row
from benchmarks.rooms import ROOT, installation

YEARS = 6
# What a warden waits for with the alarm in their ears.
URGENT_MS_MAX = 1_000


def rollcall(years: int = YEARS) -> Iterator[Row]:
    """Yield for both databases each step's median, its slowest, and how much of it a processor worked."""
    with installation() as environment:
        yield from _timed("SQLite", environment, years)
    try:
        find_programs()
    except PostgresMissing as missing:
        yield Row("rollcall", f"left out: {missing}", 0, "")
        return
    with cluster(fsync=True) as running, installation() as environment:
        urls = {"WILLING_DATABASE_URL": running.main_url, "WILLING_KEYS_DATABASE_URL": running.keys_url}
        yield from _timed("PostgreSQL", environment | urls, years)


def _timed(database: str, environment: Mapping[str, str], years: int) -> Iterator[Row]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.rollcall_steps", str(years)],
        env=dict(environment), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit("rollcall broke off, see above")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    yield Row("rollcall", f"{database}: names on the list", found["names"], "")
    yield Row("rollcall", f"{database}: marks beside it", found["marks"], "")
    yield Row("rollcall", f"{database}: the list for a phone", found["list_kb"], "kB")
    for step, milliseconds in found["steps"].items():
        median, worked = statistics.median(milliseconds), statistics.median(found["worked"][step])
        target = None if step in found["unhurried"] else URGENT_MS_MAX
        note = f"{worked:.0f} ms of it a processor's; slowest {max(milliseconds):.0f} ms"
        yield Row("rollcall", f"{database}: {step}", median, "ms", target, note=note)
