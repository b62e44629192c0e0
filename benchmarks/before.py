"""Hold this version beside an earlier one: both serve at once, and the same clients ask them in turns.

A busy moment hits both alike, so the ratios hold where the times themselves do not.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.postgres.cluster import cluster
from tests.support.server import free_port

from benchmarks.crowd import Client
from benchmarks.frames import till_frame
from benchmarks.lunch import Till, open_school, together
from benchmarks.measure import Row, percentile
from benchmarks.rooms import ROOT, START, installation
from willing.face import Engine

CLIENTS = 64
ROUNDS = 10  # of one till alone, by card and by face
SALES_BY_CARD, SALES_BY_FACE = 20, 8  # in each round
TILLS, TILL_ROUNDS, TILL_SALES = 4, 4, 50  # four tills: so many sales at each, so many times
CROWD_SECONDS, CROWD_ROUNDS = 15.0, 2
START_SECONDS_MAX = 120
FAULTS_MAX = 50  # of one till in one round; 0.1.0 answers some requests with a fault on PostgreSQL

# 0.1.0's own, for so many tills; later versions bring `benchmarks.lunch.open_school`.
_SCHOOL_0_1_0 = """
import sys
sys.argv = ["-c"]
from benchmarks import lunch
import os, subprocess
text = lunch.SCHOOL.replace("range(4)", "range(64)").replace("range(100)", "range(128)")
done = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, text=True)
print(done.stdout.splitlines()[-1])
"""
# Something that costs one penny, so that no limit and no balance ends the run; and money to buy it.
_PENNY = (
    START
    + """
from willing.core.ids import new_id
from django.apps import apps
Product = apps.get_model("till", "Product")  # which has moved
penny = Product.objects.order_by("price_minor").first()
penny.id, penny.price_minor, penny.name, penny._state.adding = new_id(), 1, "Penny", True
if hasattr(penny, "barcode"):
    penny.barcode = ""  # two products of 0.1.0 cannot share one
penny.save(force_insert=True)
print(penny.id)
"""
)


@dataclass
class Version:
    """One version: where its code is, what its school is, and what was measured of it, in ms."""

    name: str
    root: Path
    environment: dict[str, str]
    port: int = 0
    school: dict[str, Any] = field(default_factory=dict)
    found: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    sales: list[list[int]] = field(default_factory=list)
    faults: int = 0  # answers of 500 and above at four tills, which asked again

    def run(self, code: str) -> str:
        """Return the last line that a script prints, run with this version's code. Raises SystemExit."""
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=self.environment, cwd=self.root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{self.name} did not make its school:\n{done.stderr[-2000:]}")
        return done.stdout.splitlines()[-1]

    def open_school(self) -> None:
        """Make the school: 64 tills, 128 pupils with cards, one enrolled face."""
        if self.root == ROOT:
            self.school = open_school(self.environment, tills=CLIENTS, pupils=2 * CLIENTS)
        elif "def open_school(environment: dict[str, str], *, tills" in (
            self.root / "benchmarks" / "lunch.py"
        ).read_text(encoding="utf-8"):
            call = f"open_school(dict(os.environ), tills={CLIENTS}, pupils={2 * CLIENTS})"
            self.school = json.loads(
                self.run(f"import json, os; from benchmarks.lunch import *; print(json.dumps({call}))")
            )
        else:
            self.school = json.loads(self.run(_SCHOOL_0_1_0))
        self.school["penny"] = self.run(_PENNY)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve it while the block runs."""
        self.port = free_port()
        if (self.root / "src" / "willing" / "config" / "serve.py").is_file():
            command = ["-m", "willing.config.serve", "--port", str(self.port)]
        else:
            command = ["-m", "uvicorn", "willing.config.asgi:application", "--port", str(self.port)]
            command += ["--log-level", "warning"]
        with (Path(self.environment["WILLING_HOME"]) / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *command], env=self.environment, cwd=self.root, stdout=log, stderr=log
            )
            try:
                self._wait(process)
                yield
            finally:
                process.terminate()
                process.wait(timeout=60)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/static/ui/favicon.svg")
                connection.getresponse().read()
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{self.name} did not start") from None
                time.sleep(0.1)
            else:
                return
            finally:
                connection.close()

    def note(self, name: str, times_ms: list[float]) -> None:
        """Add to what was measured under a name."""
        self.found.setdefault(name, []).extend(times_ms)


def before(engine: Engine, commit: str, *, on_postgres: bool = False) -> Iterator[Row]:
    """Yield this version's figures beside those of an earlier commit."""
    jpeg = till_frame(engine, "person_b_2")
    with ExitStack() as stack:
        versions = [
            Version(name, root, stack.enter_context(_place(root, on_postgres=on_postgres)))
            for name, root in ((commit, checkout(commit)), ("now", ROOT))
        ]
        for version in versions:
            version.open_school()
        for version in versions:
            stack.enter_context(version.serving())
        _measure(versions, jpeg)
    yield from _rows("before-postgres" if on_postgres else "before", *versions)


def _measure(versions: list[Version], jpeg: bytes) -> None:
    """Ask all versions the same, in turns."""
    for version in [*versions, *versions]:
        _sell_alone(version, jpeg, cards=5, faces=3, note=False)
    for number in range(ROUNDS):
        for version in _turn(versions, number):
            _sell_alone(version, jpeg, cards=SALES_BY_CARD, faces=SALES_BY_FACE)
    for number in range(TILL_ROUNDS):
        for way in ("card", "face"):
            for version in _turn(versions, number):
                _sell_at_four(version, way, jpeg)
    for number in range(CROWD_ROUNDS):
        for version in _turn(versions, number):
            _crowd(version)


def checkout(commit: str) -> Path:
    """Return a folder that holds a commit's files."""
    name = subprocess.run(
        ["git", "rev-parse", "--verify", f"{commit}^{{commit}}"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    folder = ROOT / ".cache" / "before" / name
    if not folder.is_dir():
        draft = folder.with_suffix(".part")
        draft.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["git", "archive", name], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(draft)], input=archive, check=True)
        draft.rename(folder)
    return folder


@contextmanager
def _place(root: Path, *, on_postgres: bool) -> Iterator[dict[str, str]]:
    """Lend the environment of an installation that runs with the code in `root`."""
    with ExitStack() as stack:
        environment = stack.enter_context(installation())
        environment["PYTHONPATH"] = f"{root / 'src'}:{root}"
        environment["WILLING_PORTRAITS"] = str(ROOT / ".cache" / "portraits")
        if on_postgres:
            running = stack.enter_context(cluster(fsync=True))
            environment["WILLING_DATABASE_URL"] = running.main_url
            environment["WILLING_KEYS_DATABASE_URL"] = running.keys_url
        yield environment


def _turn(versions: list[Version], number: int) -> list[Version]:
    return versions if number % 2 else versions[::-1]


def _sell_alone(version: Version, jpeg: bytes, *, cards: int, faces: int, note: bool = True) -> None:
    till = Till(version.port, version.school["tokens"][0])
    penny, own = version.school["penny"], version.school["cards"]
    for number in range(cards):
        till.timed(lambda n=number: till.sell_by_card(penny, own[n % len(own)]))  # type: ignore[misc]
    by_card = till.sales_ms[:]
    till.sales_ms.clear()
    for _ in range(faces):
        till.timed(lambda: till.sell_by_face(penny, jpeg))
    till.close()
    if note:
        version.note("card, alone", by_card)
        version.note("face, alone", till.sales_ms)
        version.note("frame, alone", till.frames_ms)


def _sell_at_four(version: Version, way: str, jpeg: bytes) -> None:
    tokens = version.school["tokens"][:TILLS]
    tills = [Till(version.port, token, faults_max=FAULTS_MAX) for token in tokens]
    penny = version.school["penny"]

    def work(till: Till, own: list[str]) -> None:
        for number in range(TILL_SALES):
            card = own[number % len(own)]
            till.timed(
                (lambda: till.sell_by_face(penny, jpeg))
                if way == "face"
                else (lambda c=card: till.sell_by_card(penny, c))  # type: ignore[misc]
            )

    together([lambda t=till, n=n: work(t, version.school["cards"][n::TILLS]) for n, till in enumerate(tills)])  # type: ignore[misc]
    for till in tills:
        till.close()
        version.note(f"{way}, four tills", till.sales_ms)
        version.faults += till.faults


def _crowd(version: Version) -> None:
    clients = [Client(version.port, token) for token in version.school["tokens"]]
    counts = [0] * len(clients)
    over = threading.Event()
    timer = threading.Timer(CROWD_SECONDS, over.set)

    def work(number: int) -> None:
        while not over.is_set():
            clients[number].sell(version.school["penny"], version.school["cards"][number])
            counts[number] += 1

    timer.start()
    together([lambda n=number: work(n) for number in range(len(clients))])  # type: ignore[misc]
    for client in clients:
        version.note("request, 64 clients", client.requests_ms)
        version.statuses.update(client.statuses)
    version.sales.append(counts)


def _rows(section: str, old: Version, new: Version) -> Iterator[Row]:
    for name, target in (("card", 0.4), ("face", 0.6), ("frame", 0.45)):
        was, is_now = (statistics.median(one.found[f"{name}, alone"]) for one in (old, new))
        what = "a frame's request" if name == "frame" else f"a sale by {name}"
        yield Row(section, f"one till, {what}: {old.name}", was, "ms")
        yield Row(section, f"one till, {what}: now", is_now, "ms")
        yield Row(section, f"one till, {what}: ratio", is_now / was, "times", target)
    for way, target in (("card", 250.0), ("face", 600.0)):
        for version in (old, new):
            times = version.found[f"{way}, four tills"]
            name = f"four tills, {len(times)} sales by {way}"
            asked = target if version is new else None
            yield Row(
                section, f"{name}, 99th percentile: {version.name}", percentile(times, 0.99), "ms", asked
            )
            yield Row(section, f"{name}, in the middle: {version.name}", statistics.median(times), "ms")
    for version in (old, new):
        asked = 0.0 if version is new else None
        yield Row(section, f"four tills, answers of 500 and above: {version.name}", version.faults, "", asked)
        yield from _crowd_rows(section, version, is_asked=version is new)


def _crowd_rows(section: str, version: Version, *, is_asked: bool) -> Iterator[Row]:
    times, name = version.found["request, 64 clients"], f"{CLIENTS} clients"

    def target(value: float) -> float | None:
        return value if is_asked else None

    slowest = min(min(counts) / max(statistics.median(counts), 1) for counts in version.sales)
    refused = 100 * version.statuses[503] / max(version.statuses.total(), 1)
    a_minute = sum(map(sum, version.sales)) * 60 / (CROWD_SECONDS * len(version.sales))
    yield Row(section, f"{name}, sales a minute: {version.name}", a_minute, "1/min")
    yield Row(section, f"{name}, request, in the middle: {version.name}", statistics.median(times), "ms")
    yield Row(
        section,
        f"{name}, request, 99th percentile: {version.name}",
        percentile(times, 0.99),
        "ms",
        target(1000),
    )
    yield Row(section, f"{name}, answers 503: {version.name}", refused, "%", target(1))
    yield Row(section, f"{name}, answers 500: {version.name}", version.statuses[500], "", target(0))
    yield Row(
        section,
        f"{name}, slowest client's sales beside the middle one's: {version.name}",
        slowest, "times", target(0.5), at_most=False,
    )  # fmt: skip
