"""Time `willing ledger verify` on a million transfers: two years of a large school, with sales and refunds.

The rows are made by the database itself, with its triggers set aside, and the balances are then added up from
them; what is timed is the command as the operator runs it, the start of Python included.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.postgres.cluster import PostgresMissing, cluster, find_programs

from benchmarks.measure import Row
from benchmarks.rooms import START, installation

TRANSFERS = 1_000_000
_BUILD = (
    START
    + """
import json
from tests.support.books import build_books
from willing.keys.set_up import set_up
set_up()
print(json.dumps(build_books(int(sys.argv[1]))))
"""
)


def books(transfers: int = TRANSFERS) -> Iterator[Row]:
    """Yield the time of verifying the books on SQLite and on PostgreSQL."""
    with installation() as environment:
        yield from _verified("SQLite", environment, transfers)
    try:
        find_programs()
    except PostgresMissing as missing:
        yield Row("ledger", f"left out: {missing}", 0, "")
        return
    with cluster(fsync=True) as running, installation() as environment:
        urls = {"WILLING_DATABASE_URL": running.main_url, "WILLING_KEYS_DATABASE_URL": running.keys_url}
        yield from _verified("PostgreSQL", environment | urls, transfers)


def _verified(database: str, environment: Mapping[str, str], transfers: int) -> Iterator[Row]:
    built = subprocess.run(
        [sys.executable, "-c", _BUILD, str(transfers)],
        check=True, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    rows = json.loads(built.stdout)
    started, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [str(Path(sys.executable).with_name("willing")), "ledger", "verify"]
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    assert f"{rows['transfers']} transfers" in done.stdout, done.stdout
    name = f"{database}: verify {rows['transfers']:,} transfers of {rows['sales']:,} sales"
    yield Row("ledger", name, seconds, "s", 30)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    yield Row("ledger", f"{database}: processor time of the command itself", cpu, "s")
    peak_mb = after.ru_maxrss / 1024
    yield Row("ledger", f"{database}: most memory of building and verifying", peak_mb, "MB")
