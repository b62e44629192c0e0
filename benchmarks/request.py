"""Say where the time of a request goes: a card sale's three, a frame's, and a till screen's."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.frames import till_frame
from benchmarks.lunch import Till, open_school, server
from benchmarks.measure import Row
from benchmarks.rooms import ROOT, installation
from willing.face import Engine

SALES = 20


def request(engine: Engine) -> Iterator[Row]:
    """Yield each cause's own time, with SQLite, one caller, and connections that stay open."""
    jpeg = till_frame(engine, "person_b_2")
    with installation() as environment:
        environment["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
        home = Path(environment["WILLING_HOME"])
        school = open_school(environment, tills=2, pupils=60)
        (home / "school.json").write_text(json.dumps(school))
        (home / "frame.jpg").write_bytes(jpeg)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.profiler", str(home / "school.json"), str(home / "frame.jpg")],
            env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"the profile broke off: {done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        with server(environment) as port:
            sale_ms, frame_ms = _over_http(port, school, jpeg)
    opening = found.pop("opening")
    over_http = {"card sale": sale_ms, "frame": frame_ms}
    for name, one in found.items():
        inside = sum(one["ms"].values())
        for cause, milliseconds in sorted(one["ms"].items(), key=lambda pair: -pair[1]):
            yield Row("request", f"{name}: {cause}", milliseconds, "ms")
        yield Row("request", f"{name}: in all, {one['requests']:g} requests", inside, "ms")
        yield Row("request", f"{name}: statements", one["queries"], "")
        if name in over_http:
            outside = over_http[name] - inside
            yield Row("request", f"{name}: HTTP, server and client around it", outside, "ms")
    yield Row("request", "spared each request: opening both databases", opening, "ms")
    yield Row("request", "spared each request: starting a thread", _thread_ms(), "ms")
    yield Row("request", "each request: to a thread that lasts, and back", _hop_ms(), "ms")


def _over_http(port: int, school: dict[str, Any], jpeg: bytes) -> tuple[float, float]:
    """Return how long a card sale and a frame take over HTTP, in ms."""
    till = Till(port, school["tokens"][0])
    for number in range(SALES):
        card = school["cards"][number]
        till.timed(lambda c=card: till.sell_by_card(school["meal"], c))  # type: ignore[misc]
    for _ in range(3):
        till.sell_by_face(school["cheapest"], jpeg)
    till.close()
    return statistics.median(till.sales_ms[3:]), statistics.median(till.frames_ms[1:])


def _hop_ms() -> float:
    async def hop(threads: ThreadPoolExecutor) -> list[float]:
        times = []
        for _ in range(300):
            started = time.perf_counter()
            await asyncio.get_running_loop().run_in_executor(threads, int)
            times.append((time.perf_counter() - started) * 1e3)
        return times

    with ThreadPoolExecutor(1) as threads:
        return statistics.median(asyncio.run(hop(threads)))


def _thread_ms() -> float:
    times = []
    for _ in range(100):
        started = time.perf_counter()
        with ThreadPoolExecutor(1) as threads:
            threads.submit(int).result()
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times)
