"""Measure a till and its second screen: how far one is behind the other, and what it costs that they wait.

In a real browser with two contexts, beside one server process: from the press on one screen until what it
changes is shown on the other, by the clock of one computer.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support.browser import DESKTOP, SecondScreen, Till, open_browsers
from tests.support.migrated import give_tables
from tests.support.server import ROOT, Server, environment, free_port

from benchmarks.measure import Row, percentile

ROUNDS = 40  # of four presses, two on each screen
# Before them: after its start a server makes each of its statements once for each of its threads.
FIRST_ROUNDS = 5
IDLE_SECONDS = 60.0
BEHIND_MS_MAX = 200.0
# A page writes down when it shows a stage.
_WATCH = """(stage) => {
  const isThere = () => document.getElementById("screen").dataset.stage === stage;
  window.__shown = new Promise((resolve) => {
    const watching = new MutationObserver(() => {
      if (!isThere()) return;
      watching.disconnect();
      resolve(Date.now());
    });
    watching.observe(document.querySelector("main"), { childList: true, subtree: true });
  });
}"""
_PRESS = "(selector) => { const at = Date.now(); document.querySelector(selector).click(); return at; }"
PRODUCT, CANCEL = ".product", 'form[action="/till/cancel/"] button'
PIN, BACK = '#pupil .way[value="pin"]', "#pupil [data-escape]"


def second_screen() -> Iterator[Row]:
    """Yield how far a screen is behind, both ways, and what an idle minute costs."""
    with tempfile.TemporaryDirectory(prefix="willing-bench-") as folder:
        home = Path(folder) / "home"
        give_tables(home)
        seed = [sys.executable, "-m", "tests.journeys.seed"]
        made = subprocess.run(
            seed, cwd=ROOT, env=environment(home), check=True, capture_output=True, text=True
        )
        server = Server(home, free_port()).start()
        try:
            with open_browsers() as browsers:
                size = {"width": DESKTOP[0], "height": DESKTOP[1]}
                first = browsers.open(None, allowed=True, viewport=size, locale="en-GB")
                till = Till(first, server, json.loads(made.stdout)).pair()
                second = till.pair_second(browsers.open(None, allowed=True, viewport=size, locale="en-GB"))
                yield from _behind(till, second)
                yield from _idle(server, till, second)
                browsers.end_test()
        finally:
            server.stop()


def _behind(till: Till, second: SecondScreen) -> Iterator[Row]:
    first: list[float] = []
    to_second: list[float] = []
    to_till: list[float] = []
    for done in range(FIRST_ROUNDS + ROUNDS):
        if done == FIRST_ROUNDS:
            first = to_second + to_till
            to_second, to_till = [], []
        to_second.append(_press(till, PRODUCT, second, "choose"))
        to_till.append(_press(second, PIN, till, "pin"))
        to_till.append(_press(second, BACK, till, "choose"))
        to_second.append(_press(till, CANCEL, second, "empty"))
    yield Row("second-screen", "the first presses after a start: slowest", max(first), "ms")
    for name, found in (("the second screen behind the till", to_second), ("the till behind it", to_till)):
        yield Row("second-screen", f"{name}: median", statistics.median(found), "ms", BEHIND_MS_MAX)
        yield Row("second-screen", f"{name}: 99th percentile", percentile(found, 0.99), "ms", BEHIND_MS_MAX)


def _press(pressed: Till, selector: str, other: Till, stage: str) -> float:
    """Press on one screen; return after how many milliseconds the other one shows the stage."""
    other.page.evaluate(_WATCH, stage)
    at = float(pressed.page.evaluate(_PRESS, selector))
    shown = float(other.page.evaluate("window.__shown"))
    pressed.stage(stage)
    return shown - at


def _idle(server: Server, till: Till, second: SecondScreen) -> Iterator[Row]:
    """Yield what a minute costs in which nobody presses: requests, and processor time of the server."""
    asked: list[str] = []
    for one in (till, second):
        one.page.on("request", lambda request: asked.append(request.url))
    assert server.process is not None
    before = _processor_seconds(server.process.pid)
    second.page.wait_for_timeout(IDLE_SECONDS * 1000)
    together = _processor_seconds(server.process.pid) - before
    requests = len(asked)
    second.page.close()
    till.page.close()
    time.sleep(1)
    before = _processor_seconds(server.process.pid)
    time.sleep(IDLE_SECONDS)
    alone = _processor_seconds(server.process.pid) - before
    yield Row("second-screen", "an idle minute of both: requests", requests, "")
    yield Row("second-screen", "an idle minute of both: processor time", together * 1e3, "ms")
    yield Row("second-screen", "the same minute without any page", alone * 1e3, "ms")


def _processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
