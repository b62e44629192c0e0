"""Take times, describe the machine, and hold a figure beside its target."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from willing.ops.doctor import INSTRUCTION_SETS


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. target: what was asked; None where nothing was. at_most: whether lower is better."""

    section: str
    name: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = True
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Return whether the target was reached; None without one."""
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target


def median_ms(action: Callable[[], object], runs: int = 60, warm: int = 5) -> float:
    """Return the median time of an action in milliseconds."""
    return statistics.median(times_ms(action, runs, warm))


def times_ms(action: Callable[[], object], runs: int = 60, warm: int = 5) -> list[float]:
    """Return the time of each run in milliseconds, after a few that do not count."""
    for _ in range(warm):
        action()
    found = []
    for _ in range(runs):
        started = time.perf_counter()
        action()
        found.append((time.perf_counter() - started) * 1e3)
    return found


def interleaved_ms(actions: dict[str, Callable[[], object]], runs: int = 60) -> dict[str, float]:
    """Return the median of each action, all taken in turns, so that a busy moment hits them alike."""
    for action in actions.values():
        for _ in range(3):
            action()
    found: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(runs):
        for name, action in actions.items():
            started = time.perf_counter()
            action()
            found[name].append((time.perf_counter() - started) * 1e3)
    return {name: statistics.median(values) for name, values in found.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def machine() -> dict[str, object]:
    """Return what the figures depend on: processor class, cores, load. No host name, no path."""
    words: set[str] = set()
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        text = info.read_text()
        words = set(text.split())
        model = next(
            (line.split(":", 1)[1].strip() for line in text.splitlines() if "model name" in line), model
        )
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "instruction_sets": [name for name in INSTRUCTION_SETS if name in words],
        "load_at_start": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def resident_mb(pid: int | str = "self") -> float:
    """Return the resident memory of a process in megabytes (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0
