"""Time what the rooms promise: erasure in every process, a roster's import, the log's verification.

Each runs in a process and an installation of its own, in a temporary folder that is removed at the end.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.measure import Row

ROOT = Path(__file__).resolve().parents[1]
SERVERS = 4
USERS = 20_000
ENTRIES = 1_000_000
START = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
import django; django.setup()
"""
# A server process that nobody asks anything: only its watcher can tell it of an erasure.
_SERVER = (
    START
    + """
from willing.biometrics import gallery
from willing.people.models import School
school = School.objects.get()
gallery.live_gallery(school, "canteen")
gallery.start_watching()
for line in sys.stdin:
    wanted = int(line)
    while len(gallery.held_persons(school.id, "canteen")) != wanted:
        if wanted:
            gallery.live_gallery(school, "canteen")
        time.sleep(0.001)
    print(time.time(), flush=True)
"""
)
_SCHOOL = (
    START
    + """
from willing.keys.set_up import set_up
set_up()
from tests.support.school import build, Cast
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.engine import require_engine
from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
from willing.demo.frames import CameraLike
from willing.demo import portraits
cast = Cast(*build())
user = cast.user("office")
shots = CameraLike(portraits.read("person_a_2.jpg"), require_engine(cast.school), seed=1)
print("ready", flush=True)
for line in sys.stdin:
    if line.strip() == "enrol":
        cast_person = cast.person("Ada")
        record_consent(cast.says("Ada", "yes"))
        capture = start_capture(cast_person, "canteen", user=user)
        while add_capture_frame(capture, shots.frame(), user=user).good_frames < 3:
            pass
        finish_capture(capture, user=user)
    else:
        record_consent(cast.says("Ada", "no"))
    print(time.time(), flush=True)
"""
)


@contextmanager
def installation() -> Iterator[dict[str, str]]:
    """Lend the environment of an installation of its own."""
    with tempfile.TemporaryDirectory(prefix="willing-bench-") as home:
        yield {**os.environ, "WILLING_HOME": home, "PYTHONPATH": str(ROOT)}


class _Process:
    """A child that is told a line and answers with a line."""

    def __init__(self, code: str, environment: dict[str, str]) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._in, self._out = self._child.stdin, self._child.stdout

    def tell(self, line: str) -> None:
        self._in.write(f"{line}\n")
        self._in.flush()

    def hear(self) -> str:
        line = self._out.readline().strip()
        if not line:
            raise SystemExit("a process of the benchmark ended early")
        return line

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._in.close()
        self._child.wait(timeout=30)
        self._out.close()


def erasure(rounds: int = 20) -> Iterator[Row]:
    """Yield how long after a withdrawal the last of four server processes has forgotten the template."""
    with installation() as environment, ExitStack() as running:
        school = running.enter_context(_Process(_SCHOOL, environment))
        school.hear()
        servers = [running.enter_context(_Process(_SERVER, environment)) for _ in range(SERVERS)]
        slowest = []
        for number in range(rounds):
            school.tell("enrol")
            school.hear()
            for server in servers:
                server.tell("1")
            for server in servers:
                server.hear()
            time.sleep(0.37 * (number % 3))  # not in step with the watchers
            for server in servers:
                server.tell("0")
            school.tell("erase")
            erased = float(school.hear())
            slowest.append(max(float(server.hear()) for server in servers) - erased)
    name = f"erasure to the last of {SERVERS} server processes"
    yield Row("erasure", f"{name}, median of {rounds}", statistics.median(slowest), "s")
    yield Row("erasure", f"{name}, longest", max(slowest), "s", 1)


def roster() -> Iterator[Row]:
    """Yield the time of a first import of a large roster, its plan included."""
    with installation() as environment, tempfile.TemporaryDirectory(prefix="willing-bench-") as folder:

        def run(*arguments: str) -> float:
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments], check=True, env=environment, stdout=subprocess.DEVNULL
            )
            return time.perf_counter() - started

        run("-m", "tests.roster.make_large", folder, str(USERS))
        run("-c", START + "from willing.keys.set_up import set_up; set_up()\n"
            "from willing.people.school import create_school; create_school('Bench')")  # fmt: skip
        seconds = run(str(Path(sys.executable).with_name("willing")), "roster", "import", "--yes", folder)
    yield Row("roster", f"first import of {USERS:,} users", seconds, "s", 60)


def log(entries: int = ENTRIES) -> Iterator[Row]:
    """Yield the time of verifying a whole log, in the database and from an export without it."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "audit" / "bench_verify.py"), f"--entries={entries}"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = {step["step"]: step for step in map(json.loads, done.stdout.splitlines())}
    yield Row("log", f"verify {entries:,} entries in the database", found["verify"]["seconds"], "s", 60)
    outside = found["verify-export"]["seconds"]
    yield Row("log", f"verify {entries:,} exported entries without the database", outside, "s", 60)
