"""A synchronous standby is lost, and one is promoted, while tills sell through two servers."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.faults.endings import end_well
from tests.faults.kills import tills
from tests.faults.processes import FaultyServer, serving
from tests.faults.scenario import Case, NotPossible, require, scenario
from tests.faults.school import School, build
from tests.faults.tills import Tally, Together
from tests.postgres.cluster import Cluster, Pair, PostgresMissing, find_programs, pair

SERVERS = 2
NOTICED_SECONDS_MAX = 60  # tells a promise that is broken from a machine that does other work
WRITTEN = """
SELECT string_agg(event, ' ' ORDER BY sequence) FROM audit_entry
WHERE event LIKE 'standby.%' AND convert_from(hashed, 'UTF8') LIKE '%default%'
"""


@contextmanager
def _lunch(case: Case) -> Iterator[tuple[Case, Pair, list[FaultyServer]]]:
    """Serve a school from two processes on a server with a standby."""
    try:
        find_programs()
    except PostgresMissing as error:
        raise NotPossible(str(error)) from None
    with pair() as running, ExitStack() as stack:
        urls = {
            "WILLING_DATABASE_URL": running.url("willing"),
            "WILLING_KEYS_DATABASE_URL": running.url("keys"),
        }
        school = build(case.folder / "postgres", urls)
        servers = [stack.enter_context(serving(school)) for _ in range(SERVERS)]
        yield Case(case.seed, case.random, school, case.folder), running, servers


def _sell(case: Case, servers: list[FaultyServer], tally: Tally, sales: int, of: str) -> Together:
    """Let every till sell, each through one of the servers: it has one basket at a time."""
    each = [tills(case, server.port, tally, sales, of=of) for server in servers]
    return Together([each[number % len(each)][number] for number in range(len(each[0]))])


def _await_entries(on: Cluster, entries: str) -> None:
    deadline = time.monotonic() + NOTICED_SECONDS_MAX
    while (written := on.ask(WRITTEN)) != entries:
        require(time.monotonic() < deadline, f"the log says {written}, not {entries}")
        time.sleep(0.1)


def _end(school: School, servers: list[FaultyServer], tally: Tally) -> None:
    for server in servers:
        server.require_quiet()
        server.stop()
    end_well(school, tally)


@scenario("standby-lost")
def lose_standby(case: Case) -> str:
    """The standby is killed: sales go on alone, it is written down once, and over when it has caught up."""
    tally = Tally()
    with _lunch(case) as (at, running, servers):
        _sell(at, servers, tally, 5, "before").finish()
        running.standby.kill()
        began = time.monotonic()
        _sell(at, servers, tally, 1, "first").finish()
        held = time.monotonic() - began
        _sell(at, servers, tally, 10, "alone").finish()
        _await_entries(running.primary, "standby.lost")
        doctor = " ".join(at.school.run("doctor").stdout.split())
        require("!! standby Sales go on" in doctor, f"doctor does not name the standby: {doctor[-900:]}")
        selling = _sell(at, servers, tally, 20, "again")
        running.standby.start()
        running.await_standby()
        selling.finish()
        _await_entries(running.primary, "standby.lost standby.recovered")
        _sell(at, servers, tally, 5, "after").finish()
        _end(at.school, servers, tally)
    return f"{len(tally.promised)} baskets; each till's first without a standby within {held:.1f} s"


@scenario("standby-promoted")
def promote_standby(case: Case) -> str:
    """The server is killed while tills sell, and its standby promoted: nothing that was confirmed is lost.

    The old server then follows the new one.
    """
    tally = Tally()
    with _lunch(case) as (at, running, servers):
        selling = _sell(at, servers, tally, 25, "")
        enough = case.random.randint(5, 40)
        while selling.is_running() and len(tally.promised) < enough:
            time.sleep(0.01)
        before = len(tally.promised)
        running.primary.kill()
        time.sleep(case.random.uniform(0, 1))
        running.promote()
        selling.finish()
        after = running.rewind()
        after.await_standby()
        _sell(at, servers, tally, 5, "followed").finish()
        require(after.primary.ask(WRITTEN) is None, "a standby was called lost that was not")
        _end(at.school, servers, tally)
    meanwhile = sum(tally.refused.values()) + tally.lost_answers
    return f"{before} baskets before, {len(tally.promised)} in all, {meanwhile} answers “not now” or lost"
