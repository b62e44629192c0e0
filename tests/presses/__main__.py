"""Run the journeys that count presses, and write docs/develop/presses.md: `make presses`.

What 0.1.0 took and what was wanted is in tasks.toml; a task that no journey counted, or that took longer
than its seconds_max, ends this with 1.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "develop" / "presses.md"
HEAD = """# Presses and seconds

Counted by journeys in a real browser and written by `make presses`; do not edit it by hand. A press is a
click, or a key that a person types; choosing from a list is two, and a field to type into is one. What a
reader types is its own. Seconds are a robot's, so they measure the pages and not the person; from the press
to the name of a face the till's page times itself. Ways to pay are counted from a filled basket: the product
came before. A class of thirty counts from the press on its register to the last mark on the server, with the
five seconds in which a mark can be undone. Where seconds are wanted, `make presses` ends with an error above
them, and the table says so in bold.

Measured: {when}, {machine}.

| task | presses at 0.1.0 | wanted | presses now | typed | seconds | journey |
|---|---|---|---|---|---|---|
"""


def main() -> int:
    """Run, write, and return 0 where every task was counted."""
    tasks: dict[str, dict[str, Any]] = tomllib.loads((HERE / "tasks.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        counted = Path(folder) / "counted.jsonl"
        journeys = sorted({str(task["journey"]) for task in tasks.values()})
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", *journeys]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PRESSES_COUNTED": str(counted)}, check=False
        )
        lines = counted.read_text(encoding="utf-8").splitlines() if counted.exists() else []
    found = {one["task"]: one for one in map(json.loads, lines)}
    PAGE.write_text(page_of(tasks, found), encoding="utf-8")
    missing = [name for name in tasks if name not in found]
    slow = too_slow(tasks, found)
    for name in missing:
        print(f"not counted: {name}", file=sys.stderr)  # noqa: T201
    for name in slow:
        print(f"too slow: {name}: {found[name]['seconds']:.1f} s", file=sys.stderr)  # noqa: T201
    return 1 if missing or slow or done.returncode else 0


def too_slow(tasks: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]]) -> list[str]:
    """Return the tasks that took longer than their seconds_max."""
    return [
        name
        for name, task in tasks.items()
        if name in found and found[name]["seconds"] > task.get("seconds_max", float("inf"))
    ]


def page_of(tasks: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]]) -> str:
    """Return the page, a row a task in the order of tasks.toml."""
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    machine = f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}"
    rows = [_row(name, task, found.get(name)) for name, task in tasks.items()]
    return HEAD.format(when=when, machine=machine) + "".join(rows)


def _row(name: str, task: dict[str, Any], counted: dict[str, Any] | None) -> str:
    now = ["not counted", "", ""]
    if counted:
        seconds = f"{counted['seconds']:.1f}" if counted["seconds"] else ""
        if too_slow({name: task}, {name: counted}):
            seconds = f"**{seconds}: too slow**"
        now = [str(counted["presses"]), str(counted["characters"] or ""), seconds]
    cells = [name, str(task["before"]), str(task["wanted"]), *now, f"`{task['journey']}`"]
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    sys.exit(main())
