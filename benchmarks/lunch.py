"""Serve a lunch hour: four tills at once, over HTTP, from one server process on its own database.

Each till is a client of its own with one connection, as a device at a counter is. Nobody thinks, walks or
carries a tray: what is measured is how long the computer makes a queue wait.
"""

from __future__ import annotations

import http.client
import json
import math
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.support.server import Server, free_port

from benchmarks.frames import till_frame
from benchmarks.measure import Row, percentile
from benchmarks.rooms import START, installation
from willing.face import Engine

ALL_MEALS = 10_000  # the same pupils eat all day here, and the cashier serves each main meal

TILLS = 4
SALES_BY_CARD = 50  # at each till
SALES_BY_FACE = 7  # at each till: a face alone pays small sums, and this stays below a day's limit
# 1,000 pupils in 25 minutes at four tills: one every six seconds at each.
SALES_A_MINUTE_MIN = 1_000 / 25

# The demo's story leaves Bea with a face that her card opens. Tills of other makers see faces that the school
# can open, so she is enrolled anew; beside her are so many pupils with cards that each pays twice.
_SCHOOL = (
    START
    + """
import io, json
from contextlib import redirect_stdout
from willing.cli import main
with redirect_stdout(io.StringIO()):
    main(["demo", "--once", "--json"], standalone_mode=False)
from uuid import uuid4
from willing.demo.school import open_demo_school
from tests.support.clips import frame, jpeg
from tests.support.money import pay_in
from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
from willing.biometrics.erasure import erase_faces
from willing.credentials.cards import issue_card
from willing.people.persons import NewPerson, add_person
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.till.menu_models import Product
demo = open_demo_school()
bea, office = demo.person("Bea"), demo.user("office")
erase_faces(bea, cause="office")
capture = start_capture(bea, "canteen", user=office)
for height, light in ((480, 1.0), (460, 0.92), (440, 1.08)):
    add_capture_frame(capture, jpeg(frame("person_b_1", height=height, light=light)), user=office)
finish_capture(capture, user=office)
ways = ("card", "pin", "staff", "face")
tills = [add_terminal(demo.school, NewTerminal(f"Bench {n}", ways=ways)) for n in range(int(sys.argv[1]))]
new = [NewPerson(f"Pupil {n}", "Bench", year="7A") for n in range(int(sys.argv[2]))]
pupils = [add_person(demo.school, one) for one in new]
for pupil in [*pupils, bea]:
    pay_in(pupil, 5_000, key=uuid4())
cheapest = Product.objects.filter(school=demo.school).order_by("price_minor").first()
print(json.dumps({
    "tokens": [pair_terminal(start_pairing(till), key=str(uuid4())).token for till in tills],
    "cards": [issue_card(pupil) for pupil in pupils],
    "meal": str(Product.objects.filter(school=demo.school, is_main_meal=True).first().id),
    "cheapest": str(cheapest.id),
}))
"""
)


class GaveUp(SystemExit):
    """A client ended a sale that the server would not book; the message says at what."""


@dataclass
class Till:
    """One device at the counter: its connection, and how long each of its sales and frames took, in ms."""

    port: int
    token: str
    sales_ms: list[float] = field(default_factory=list)
    frames_ms: list[float] = field(default_factory=list)
    # Answers of 500 and above, after which it asked again under the same key: so often, and until when.
    faults: int = 0
    tries: int = 1
    until: float = math.inf  # of the monotonic clock

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, path: str, body: dict[str, Any] | bytes, key: str = "") -> dict[str, Any]:
        """Return the answer to one write, under this key or a new one. Raises GaveUp on a refusal."""
        is_frame = isinstance(body, bytes)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key or str(uuid4()),
            "Content-Type": "image/jpeg" if is_frame else "application/json",
        }
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        for left in reversed(range(self.tries)):
            status, content = self._send(path, sent, headers)
            if status < 300:
                found: dict[str, Any] = json.loads(content)
                return found
            self.faults += status >= 500
            if not left or status < 500 or time.monotonic() >= self.until:
                raise GaveUp(f"the lunch hour's server refused {path}: {status} {content[:300]!r}")
        raise AssertionError("a request is sent at least once")

    def _send(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Return the status and what was answered. Raises GaveUp where nothing was, in thirty seconds."""
        try:
            self._connection.request("POST", f"/api/v1{path}", body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()  # the next request connects anew
            raise GaveUp(f"the lunch hour's server left {path} without an answer") from error

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def sell_by_card(self, product: str, card: str) -> None:
        """Sell one product to the holder of a card."""
        opened = self.ask("/baskets", {"lines": [{"product": product, "quantity": 1}]})
        basket = opened["id"]
        self.ask(f"/baskets/{basket}/identify", {"way": "card", "code": card})
        self.ask(
            f"/baskets/{basket}/confirm",
            {"total_minor": opened["total_minor"], "main_meals_checked": ALL_MEALS, "repeat_checked": True},
        )

    def sell_by_face(self, product: str, jpeg: bytes) -> None:
        """Sell one product to whom the camera shows."""
        opened = self.ask("/baskets", {"lines": [{"product": product, "quantity": 1}]})
        basket = opened["id"]
        session = self.ask(f"/baskets/{basket}/sessions", {})["id"]
        state = "looking"
        while state == "looking":
            started = time.perf_counter()
            state = self.ask(f"/sessions/{session}/frames", jpeg)["state"]
            self.frames_ms.append((time.perf_counter() - started) * 1e3)
        if state != "matched":
            raise GaveUp(f"the lunch hour's face session ended {state}")
        self.ask(
            f"/baskets/{basket}/confirm",
            {"total_minor": opened["total_minor"], "main_meals_checked": ALL_MEALS, "repeat_checked": True},
        )

    def timed(self, sell: Callable[[], None]) -> None:
        """Sell once and note how long it took."""
        started = time.perf_counter()
        sell()
        self.sales_ms.append((time.perf_counter() - started) * 1e3)


def open_school(environment: dict[str, str], *, tills: int, pupils: int) -> dict[str, Any]:
    """Build the school and return its tokens (a till each), cards and products."""
    command = [sys.executable, "-c", _SCHOOL, str(tills), str(pupils)]
    made = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    school: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return school


@contextmanager
def server(environment: dict[str, str]) -> Iterator[int]:
    """Serve an installation on 127.0.0.1 while the block runs, and lend the port."""
    settings = {name: value for name, value in environment.items() if name.startswith("WILLING_")}
    running = Server(Path(environment["WILLING_HOME"]), free_port(), settings=settings).start()
    try:
        yield running.port
    finally:
        running.stop()


def together(work: list[Callable[[], None]]) -> float:
    """Run each in a thread of its own, all at once, and return the seconds until the last has ended."""
    failed: list[BaseException] = []

    def guarded(one: Callable[[], None]) -> None:
        try:
            one()
        except (OSError, SystemExit) as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(one,)) for one in work]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return time.perf_counter() - started


def lunch(engine: Engine) -> Iterator[Row]:
    """Yield how fast four tills sell by card and by face, and how long one sale and one frame take."""
    jpeg = till_frame(engine, "person_b_2")
    with installation() as environment:
        school = open_school(environment, tills=TILLS, pupils=TILLS * SALES_BY_CARD // 2)
        with server(environment) as port:
            cards: list[list[str]] = [school["cards"][n::TILLS] for n in range(TILLS)]

            def by_card(till: Till, own: list[str]) -> Callable[[], None]:
                def work() -> None:
                    for number in range(SALES_BY_CARD):
                        till.timed(lambda n=number: till.sell_by_card(school["meal"], own[n % len(own)]))

                return work

            def by_face(till: Till) -> Callable[[], None]:
                def work() -> None:
                    for _ in range(SALES_BY_FACE):
                        till.timed(lambda: till.sell_by_face(school["cheapest"], jpeg))

                return work

            warm = Till(port, school["tokens"][0])
            warm.sell_by_card(school["meal"], school["cards"][0])
            warm.sell_by_face(school["cheapest"], jpeg)
            warm.close()
            for way, sales in (("card", SALES_BY_CARD), ("face", SALES_BY_FACE)):
                tills = [Till(port, token) for token in school["tokens"]]
                work = [
                    by_card(till, own) if way == "card" else by_face(till)
                    for till, own in zip(tills, cards, strict=True)
                ]
                seconds = together(work)
                for till in tills:
                    till.close()
                yield from _rows(way, tills, 60 * TILLS * sales / seconds)


def _rows(way: str, tills: list[Till], a_minute: float) -> Iterator[Row]:
    sales = [one for till in tills for one in till.sales_ms]
    frames = [one for till in tills for one in till.frames_ms]
    name = f"{TILLS} tills at once, by {way}"
    yield Row("lunch", f"{name}: sales a minute", a_minute, "1/min", SALES_A_MINUTE_MIN, at_most=False)
    yield Row("lunch", f"{name}: one sale, all its requests", statistics.median(sales), "ms")
    yield Row("lunch", f"{name}: one sale, 99th percentile", percentile(sales, 0.99), "ms")
    if frames:
        yield Row("lunch", f"{name}: one frame, sent and answered", statistics.median(frames), "ms")
