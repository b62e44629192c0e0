"""Compare programs that could serve Willing: how soon each answers, and what slow clients make of it.

Willing needs none of the others: the first time they are installed into a folder of their own,
`.cache/servers`. Where that fails, each is left out by name.
"""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.server import free_port

from benchmarks.lunch import GaveUp, Till, open_school
from benchmarks.measure import Row, percentile
from benchmarks.rooms import ROOT, installation

WSGI, ASGI = "willing.config.wsgi:application", "benchmarks.asgi:application"
COMMANDS: dict[str, list[str]] = {
    "uvicorn, Django's asynchronous handler": ["uvicorn", ASGI, "--port={port}", "--log-level=error"],
    "uvicorn before threads, with limits": ["willing.config.serve", "--port={port}"],
    "waitress": ["waitress", "--threads=8", "--listen=127.0.0.1:{port}", WSGI],
    "granian": [
        "granian", "--interface=wsgi", "--workers=1", "--blocking-threads=8", "--host=127.0.0.1",
        "--port={port}", "--log-level=error", WSGI,
    ],
    "gunicorn, threads": [
        "gunicorn", "-k=gthread", "--threads=8", "--workers=1", "--bind=127.0.0.1:{port}",
        "--log-level=error", WSGI,
    ],
    "hypercorn": ["hypercorn", "--workers=0", "--bind=127.0.0.1:{port}", "--log-level=error", ASGI],
}  # fmt: skip
# The others, and what they need that Willing does not bring.
PACKAGES = (
    "waitress==3.0.2", "granian==2.8.7", "gunicorn==27.0.1", "hypercorn==0.18.0",
    "h2==4.4.1", "hpack==4.2.0", "hyperframe==6.1.0", "priority==2.0.0", "wsproto==1.3.2",
)  # fmt: skip
OURS = frozenset({"uvicorn", "willing.config.serve"})
FOLDER = ROOT / ".cache" / "servers"
ROUNDS, SALES = 6, 20
HALF_HEADERS, HALF_BODIES = 1_100, 60
ATTACK_SECONDS = 25.0  # longer than a header may take
START_SECONDS_MAX = 60


@dataclass
class Candidate:
    """A server under test, the till that asks it, and what was measured of it."""

    name: str
    till: int
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    sales_ms: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)

    @contextmanager
    def serving(self, environment: dict[str, str]) -> Iterator[None]:
        """Serve while the block runs."""
        self.port = free_port()
        module, *options = [one.format(port=self.port) for one in COMMANDS[self.name]]
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *options],
            env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + START_SECONDS_MAX
            while not _answers(self.port):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit(f"{self.name} did not start")
                time.sleep(0.1)
            yield
        finally:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def sell(self, school: dict[str, Any], count: int) -> list[float]:
        """Sell by card at one till; note processor time too."""
        till = Till(self.port, school["tokens"][self.till])
        began = _processor_seconds(self.process)
        for number in range(count):
            card = school["cards"][number % len(school["cards"])]
            till.timed(lambda c=card: till.sell_by_card(school["meal"], c))  # type: ignore[misc]
        till.close()
        self.processor_ms.append(1e3 * (_processor_seconds(self.process) - began) / count)
        return till.sales_ms


def servers() -> Iterator[Row]:
    """Yield the time of a sale with each server in turns, and then each under attack."""
    with installation() as environment:
        # A till each: one that got no answer leaves a basket behind.
        school = open_school(environment, tills=len(COMMANDS), pupils=400)
        candidates: list[Candidate] = []
        fault = _install()
        environment["PYTHONPATH"] = f"{ROOT}:{FOLDER}"
        for name, (module, *_options) in COMMANDS.items():
            if fault and module not in OURS:
                yield Row("servers", f"{name}: left out, {fault}", 0, "")
            else:
                candidates.append(Candidate(name, len(candidates)))
        with ExitStack() as stack:
            for candidate in candidates:
                stack.enter_context(candidate.serving(environment))
            for candidate in candidates:
                candidate.sell(school, 3)
                candidate.processor_ms.clear()
            for number in range(ROUNDS):
                for candidate in candidates if number % 2 else candidates[::-1]:
                    candidate.sales_ms += candidate.sell(school, SALES)
        for candidate in candidates:
            yield Row(
                "servers", f"{candidate.name}: one sale by card", statistics.median(candidate.sales_ms), "ms"
            )
            spent = statistics.median(candidate.processor_ms)
            yield Row("servers", f"{candidate.name}: processor time of one sale", spent, "ms")
        for candidate in candidates:
            with candidate.serving(environment):
                yield from _under_attack(candidate, school)


def _install() -> str:
    """Install the other servers where they are not yet; return what went wrong, and how to do it by hand."""
    if all((FOLDER / one.partition("==")[0]).is_dir() for one in PACKAGES):
        return ""
    command = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--upgrade",
        "--target",
        str(FOLDER),
        *PACKAGES,
    ]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    if not done.returncode:
        return ""
    last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    by_hand = f"pip install --no-deps --target {FOLDER.relative_to(ROOT)} {' '.join(PACKAGES)}"
    return f"not installed ({last}); by hand: {by_hand}"


def _under_attack(candidate: Candidate, school: dict[str, Any]) -> Iterator[Row]:
    """Measure a till quiet, then while others keep it busy; and how long those are let."""
    candidate.sell(school, 5)
    quiet = candidate.sell(school, 60)
    attack = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.attack", str(candidate.port), str(HALF_HEADERS), str(HALF_BODIES)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert attack.stdin is not None
    assert attack.stdout is not None
    busy: list[float] = []
    fault = ""
    try:
        time.sleep(3)
        deadline = time.monotonic() + ATTACK_SECONDS
        while time.monotonic() < deadline:
            busy += candidate.sell(school, 5)
    except GaveUp as error:
        fault = str(error)
    finally:
        attack.stdin.close()
        counts = [tuple(map(int, line.split())) for line in attack.stdout]
        attack.wait()
    held = statistics.median(headers for headers, _bodies in counts[3:]) if len(counts) > 3 else 0
    yield Row("servers", f"{candidate.name}: half headers that it holds, of {HALF_HEADERS:,}", held, "", 40)
    if fault:
        yield Row("servers", f"{candidate.name}: the till gave up: {fault}", 0, "")
        return
    ratio = percentile(busy, 0.99) / percentile(quiet, 0.99)
    yield Row("servers", f"{candidate.name}: a till's 99th percentile meanwhile / quiet", ratio, "times", 2)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/static/ui/favicon.svg")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _processor_seconds(process: subprocess.Popen[bytes] | None) -> float:
    """Return what a process and its children have spent (Linux)."""
    assert process is not None
    own = [process.pid]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process.pid:
            own.append(int(path.parent.name))
    ticks = 0
    for one in own:
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
