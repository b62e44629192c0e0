"""A standby that is gone: commits are let go, it is written down once, and they wait again later."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections, transaction
from tests.postgres.cluster import Cluster, cluster

from willing.audit.models import Entry
from willing.config.databases import postgres
from willing.core.postgresql import standby
from willing.core.postgresql.standby import StandbyState, StandbyWatch, commits_alone, standby_state
from willing.ops.standby import LOST, RECOVERED, record_standby, standby_follows

ALIAS = "with_standby"
STUCK_SECONDS = 60  # tells a commit that nobody releases from a machine that does other work


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with cluster(fsync=False) as running:
        running.ask("CREATE TABLE sales (number int)")
        yield running


@pytest.fixture
def alone(running: Cluster, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A server that waits for a standby which never comes."""
    monkeypatch.setitem(connections.settings, ALIAS, connections.settings["default"] | read(running.main_url))
    monkeypatch.setattr(standby, "WAIT_SECONDS_MAX", 0.2)
    running.ask("ALTER SYSTEM SET synchronous_standby_names TO 'nobody'")
    running.ask("SELECT pg_reload_conf()")
    yield running
    standby._alone.discard(ALIAS)
    connections[ALIAS].close()
    del connections[ALIAS]


def read(url: str) -> dict[str, object]:
    found = postgres(url, "WILLING_DATABASE_URL")
    return {name: found[name] for name in ("ENGINE", "NAME", "USER", "HOST", "PORT")}


def sell(number: int) -> None:
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute("INSERT INTO sales VALUES (%s)", [number])
    connections[ALIAS].close()


def test_a_commit_that_waits_for_nobody_is_released_and_the_next_ones_do_not_wait(alone: Cluster) -> None:
    told: list[tuple[str, bool]] = []
    watch = StandbyWatch(ALIAS, lambda alias, is_alone: told.append((alias, is_alone)))
    watch.check()
    assert not commits_alone(ALIAS)
    first = threading.Thread(target=sell, args=[1])
    first.start()
    pause = threading.Event()
    for _ in range(10 * STUCK_SECONDS):
        watch.check()
        if commits_alone(ALIAS):
            break
        pause.wait(0.1)
    first.join(STUCK_SECONDS)
    assert not first.is_alive()
    assert told == [(ALIAS, True)]
    sell(2)  # nobody releases it
    watch.check()
    assert alone.ask("SELECT array_agg(number ORDER BY number) FROM sales") == [1, 2]
    assert standby_state(ALIAS) == StandbyState(expected=True, may_see=True, follows=False)
    alone.ask("ALTER SYSTEM SET synchronous_standby_names TO ''")
    alone.ask("SELECT pg_reload_conf()")
    for _ in range(10 * STUCK_SECONDS):
        watch.check()
        if not commits_alone(ALIAS):
            break
        pause.wait(0.1)
    assert told == [(ALIAS, True), (ALIAS, False)]
    assert standby_state(ALIAS) == StandbyState(expected=False)
    sell(3)


def test_a_role_that_may_not_see_the_standby_is_told_what_to_grant(
    alone: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.ask("CREATE ROLE plain LOGIN")
    monkeypatch.setitem(connections.settings[ALIAS], "USER", "plain")
    assert standby_state(ALIAS) == StandbyState(expected=True, may_see=False, follows=False)
    alone.ask("GRANT pg_monitor TO plain")
    assert standby_state(ALIAS) == StandbyState(expected=True, may_see=True, follows=False)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (StandbyState(expected=True, may_see=False, follows=False), "GRANT pg_monitor TO "),
        (StandbyState(expected=True, follows=False), "on one database server alone"),
        (StandbyState(expected=True), "everything that was confirmed"),
        (StandbyState(expected=False), None),
    ],
)
def test_health_says_how_the_standby_of_the_worse_database_is(cast, monkeypatch, state, says) -> None:
    good = StandbyState(expected=state.expected)
    monkeypatch.setattr("willing.ops.standby.standby_state", {"default": good, "keys": state}.get)
    found = list(standby_follows(cast.school))
    if says is None:
        assert found == []
        return
    assert [(one.code, one.is_ok) for one in found] == [("standby", state.follows)]
    assert says in found[0].detail


def test_what_several_processes_notice_is_written_down_once(cast) -> None:
    def written() -> list[str]:
        return list(Entry.objects.filter(event__startswith="standby.").values_list("event", flat=True))

    record_standby("default", is_alone=False)
    assert written() == []
    for _process in range(2):
        record_standby("default", is_alone=True)
    assert written() == [LOST]
    record_standby("keys", is_alone=True)
    for _process in range(2):
        record_standby("default", is_alone=False)
    assert written() == [LOST, LOST, RECOVERED]
