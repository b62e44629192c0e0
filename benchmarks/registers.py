"""Build six years of a large school's registers and time every page about them, on both databases.

1,500 pupils in 50 classes, ten registers of each a week: three and a half million marks. Pages are asked for
inside one process, as its server's threads run them, without HTTP around it.
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

YEARS = 6
PAGE_MS_MAX = 300
PRESS_MS_MAX = 1_000


def registers(years: int = YEARS) -> Iterator[Row]:
    """Yield for both databases how long building took, and each page's median and 95th percentile."""
    with installation() as environment:
        yield from _timed("SQLite", environment, years)
    try:
        find_programs()
    except PostgresMissing as missing:
        yield Row("registers", f"left out: {missing}", 0, "")
        return
    with cluster(fsync=True) as running, installation() as environment:
        urls = {"WILLING_DATABASE_URL": running.main_url, "WILLING_KEYS_DATABASE_URL": running.keys_url}
        yield from _timed("PostgreSQL", environment | urls, years)


def _timed(database: str, environment: Mapping[str, str], years: int) -> Iterator[Row]:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.register_steps", str(years)],
        env=dict(environment), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit("registers broke off, see above")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    seconds = time.perf_counter() - started
    yield Row("registers", f"{database}: {found['marks']:,} marks, built and asked", seconds, "s")
    night = found["night"]
    what = f"{database}: the nightly purge of a day's {night['marks']:,} marks"
    yield Row("registers", what, night["seconds"], "s")
    many = found["everyone"]
    what = f"{database}: a code set for everyone, {many['marks']:,} marks"
    yield Row("registers", f"{what}: the press", many["press_ms"], "ms", PRESS_MS_MAX)
    yield Row("registers", f"{what}: recorded by the worker", many["recorded_s"], "s")
    yield Row("registers", f"{what}: the press that undoes it", many["undo_press_ms"], "ms", PRESS_MS_MAX)
    yield Row("registers", f"{what}: undone by the worker", many["undone_s"], "s")
    yield Row("registers", f"{what}: the longest that another writer took", many["wait_ms_max"], "ms")
    for page, milliseconds in found["pages"].items():
        ordered = sorted(milliseconds)
        median, p95 = ordered[len(ordered) // 2], percentile(ordered, 0.95)
        yield Row("registers", f"{database}: {page}", median, "ms", PAGE_MS_MAX, note=f"95 %: {p95:.0f} ms")
