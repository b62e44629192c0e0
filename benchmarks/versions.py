"""An earlier version and this one, each with a school of its own, served at once."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.postgres.cluster import cluster
from tests.support.server import free_port

from benchmarks.lunch import open_school
from benchmarks.rooms import ROOT, START, installation

CLIENTS = 64
START_SECONDS_MAX = 120

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
    given_up: int = 0  # sales that four tills or 64 clients gave up: refused, or out of time

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
def place(root: Path, *, on_postgres: bool) -> Iterator[dict[str, str]]:
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
