"""Wardens' phones at two server processes that share PostgreSQL: what one writes, the other knows."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from tests.postgres.cluster import PostgresMissing, cluster, find_programs
from tests.support.lines import Answer, Caller, calling
from tests.support.server import ROOT, Server, environment, free_port

pytestmark = pytest.mark.whole
PUPILS, WARDENS = 60, 4
PHONES = 20
GET_READY_SECONDS = 0.2  # until phones wait for news; one that is later hears of it all the same
PATH = "/staff/roll-call/"


@dataclass(frozen=True)
class Site:
    """Two servers of one school, and what the seed printed of it."""

    servers: tuple[Server, Server]
    known: dict[str, Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    try:
        find_programs()
    except PostgresMissing as error:
        pytest.skip(str(error))
    home = tmp_path_factory.mktemp("two-processes") / "home"
    with cluster(fsync=False) as running, ExitStack() as stack:
        urls = {"WILLING_DATABASE_URL": running.main_url, "WILLING_KEYS_DATABASE_URL": running.keys_url}
        done = subprocess.run(
            [sys.executable, "-m", "tests.journeys.seed_roll_call", str(PUPILS), str(WARDENS)],
            cwd=ROOT, env={**environment(home), **urls}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        first, second = (Server(home, free_port(), settings=urls) for _ in range(2))
        for server in (first, second):
            stack.callback(server.stop)
            server.start()
        yield Site((first, second), json.loads(done.stdout))


@dataclass
class Phone:
    """A warden's phone: asks one of the servers, over one connection."""

    caller: Caller
    session: str
    device: UUID = field(default_factory=uuid4)
    # A secret of Django's, 32 letters: what a browser would have got with its first page.
    csrf: str = field(default_factory=lambda: uuid4().hex)
    user: int = 0

    def ask(self, method: str, path: str, content: Any = None) -> Answer:
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={self.csrf}"}
        if content is not None:
            headers |= {"X_CSRFToken": self.csrf, "Content_Type": "application/json"}
        body = None if content is None else json.dumps(content).encode()
        return self.caller.ask(method, PATH + path, body, **headers)

    def list(self) -> dict[str, Any]:
        found = self._read("GET", "list/?" + urlencode({"device": str(self.device)}))
        self.user = found["user"]["id"]
        return found

    def state(self) -> dict[str, Any]:
        return self._read("GET", "state/?since=0")

    def wait(self, version: str) -> Answer:
        return self.ask("GET", "wait/?" + urlencode({"version": version}))

    def post(self, path: str, **content: Any) -> dict[str, Any]:
        return self._read("POST", path, content)

    def tick(self, roll_call: str, people: Sequence[str], at: str) -> dict[str, Any]:
        ticks = [
            {"subject": one, "state": "safe", "at": at, "by": self.user, "device": str(self.device)}
            for one in people
        ]
        said = {"roll_call": roll_call, "user": self.user, "device": str(self.device), "since": 0}
        return self.post("ticks/", **said, opened=[], ticks=ticks)

    def open_last_seen(self, roll_call: str, person: str) -> int:
        said = urlencode({"reason": "Not at the car park.", "csrfmiddlewaretoken": self.csrf}).encode()
        where = f"{PATH}{roll_call}/last-seen/{person}/"
        cookie = f"sessionid={self.session}; csrftoken={self.csrf}"
        form = {"Cookie": cookie, "Content_Type": "application/x-www-form-urlencoded"}
        return self.caller.ask("POST", where, said, **form).status

    def _read(self, method: str, path: str, content: Any = None) -> dict[str, Any]:
        answer = self.ask(method, path, content)
        assert answer.status == 200, answer.text
        found: dict[str, Any] = json.loads(answer.text)
        return found


@pytest.fixture
def phones(site: Site) -> Iterator[list[Phone]]:
    """Twenty phones of four wardens, every second one of them at the other server."""
    with ExitStack() as stack:
        yield [
            Phone(
                stack.enter_context(calling(site.servers[number % 2].port, 60)),
                site.known["sessions"][f"warden{number % WARDENS + 1}"],
            )
            for number in range(PHONES)
        ]


def test_a_roll_call_goes_on_with_its_phones_at_two_processes(site: Site, phones: list[Phone]) -> None:
    first, *others = phones
    versions = {one.list()["version"] for one in phones}
    (version,) = versions
    # The first news after both processes began: the other one has not looked for any yet.
    with ThreadPoolExecutor(PHONES) as pool:
        waits = [pool.submit(one.wait, version) for one in others]
        time.sleep(GET_READY_SECONDS)
        running = first.post("begin/", id=str(uuid4()), kind="live")["running"]
        news = [one.result() for one in waits]
    assert [one.status for one in news] == [200] * len(others), "204: held to its end, and told nothing"
    assert {json.loads(one.text)["running"]["id"] for one in news} == {running["id"]}
    # Of two starts at once there is one, wherever they are pressed.
    again = phones[1].post("begin/", id=str(uuid4()), kind="drill")["running"]
    assert (again["id"], again["kind"]) == (running["id"], "live")

    # Everyone ticks the same three people, and three of their own, all at once; some send theirs twice.
    persons = list(site.known["persons"].values())
    shared = persons[:3]

    def bring(number: int) -> None:
        own = persons[3 + number * 2 : 5 + number * 2]
        for _time in range(1 + number % 2):
            done = phones[number].tick(running["id"], [*shared, *own], running["started_at"])["done"]
            assert [one["code"] for one in done] == [""] * 5

    with ThreadPoolExecutor(PHONES) as pool:
        list(pool.map(bring, range(PHONES)))
    ticks = PHONES * 5
    states = [one.state()["ticks"] for one in phones]
    assert all(one == states[0] for one in states)
    assert [one["number"] for one in states[0]] == list(range(1, ticks + 1))
    lists = [one.list() for one in phones]
    assert {len(one["ticks"]) for one in lists} == {ticks}
    assert len({(one["version"], one["list"], one["merge_key"]) for one in lists}) == 1

    # A missing person is looked for at either process; who was ticked at the other one is not.
    missing, there = persons[-1], persons[3]
    assert [one.open_last_seen(running["id"], missing) for one in phones[:2]] == [200, 200]
    assert [one.open_last_seen(running["id"], there) for one in phones[:2]] == [422, 422]

    # The end reaches the others likewise, and nothing is opened after it.
    with ThreadPoolExecutor(PHONES) as pool:
        waits = [pool.submit(one.wait, lists[0]["version"]) for one in others]
        time.sleep(GET_READY_SECONDS)
        first.post("end/", id=running["id"])
        news = [one.result() for one in waits]
    assert [one.status for one in news] == [200] * len(others)
    assert {json.loads(one.text)["running"] for one in news} == {None}
    assert [one.open_last_seen(running["id"], missing) for one in phones[:2]] == [422, 422]
    for server in site.servers:
        assert "Traceback" not in server.log.read_text()
