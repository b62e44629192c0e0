"""Hold a roll call on phones beside its bounds: the journeys in a real browser measure, and assert no time.

Server, network and all twenty phones share this computer's cores, so a figure says no more than that it is
no worse than this.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.figures import NOTED

from benchmarks.measure import Row
from benchmarks.rooms import ROOT

JOURNEYS = "tests/journeys/test_roll_call.py"
# ATTENDANCE 1.7 and issue 17: what is wanted of each figure that is held to something.
BOUNDS = {
    "a start, on the last of 20 phones": 2.0,
    "1,500 names opened without a server": 1.0,
    "the same, on a processor four times slower": 1.0,
    "codes for 1,500 ticks": 6.0,
    "1,500 ticks read by another phone's camera": 15.0,
}


def phones() -> Iterator[Row]:
    """Yield each figure that the journeys of the roll call note."""
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder) / "noted.jsonl"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:schemathesis", JOURNEYS]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, NOTED: str(noted)}, stdout=sys.stderr, check=False
        )
        lines = noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []
    found = {one["name"]: one for one in map(json.loads, lines)}
    if done.returncode or not found.keys() >= BOUNDS.keys():
        raise SystemExit("a journey of the roll call failed, see above")
    for name, one in found.items():
        yield Row("phones", name, one["value"], one["unit"], BOUNDS.get(name))
