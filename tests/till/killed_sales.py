"""Runs `tests.till.dying_sales` on an installation, and says what it must have found."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Attempt = dict[str, Any]


def kill_at_each_statement(environment: Mapping[str, str]) -> list[Attempt]:
    """Return every attempt on the installation that this environment names. Raises AssertionError."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.till.dying_sales"],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-500:]}\n{done.stderr[-3000:]}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def faults_in(attempts: list[Attempt]) -> list[str]:
    """Return what differs from the sale that nobody disturbed, which is the first attempt.

    Each death must leave one sale, one charge, the next receipt, the same entries in the log, and a ledger
    and a log that verify.
    """
    expected = _what_counts(attempts[0])
    first = int(attempts[0]["sale"]["receipt_number"])
    faults = [] if attempts[0]["sales"] == 1 else ["nobody disturbed it, and it was not sold"]
    for place, attempt in enumerate(attempts):
        found = _what_counts(attempt)
        differs = [f"{name} {found[name]}" for name in expected if found[name] != expected[name]]
        if attempt["sale"]["receipt_number"] != first + place:
            differs.append(f"receipt {attempt['sale']['receipt_number']}, not {first + place}")
        if not attempt["ledger_ok"] or attempt["log_faults"]:
            differs.append(f"ledger {attempt['ledger_ok']}, log {attempt['log_faults']}")
        faults += [f"killed {attempt['died']}: {one}" for one in differs]
    return faults


def _what_counts(attempt: Attempt) -> dict[str, Any]:
    sale = {name: value for name, value in attempt["sale"].items() if name != "receipt_number"}
    return {"sale": sale} | {name: attempt[name] for name in ("sales", "spent", "moved", "events")}


def require_it_died_everywhere(attempts: list[Attempt]) -> int:
    """Require deaths in all three requests, about commits and before an answer. Return how many deaths."""
    deaths = [one for one in attempts if one["killed"]]
    assert not attempts[0]["killed"]
    assert not attempts[-1]["killed"]
    assert [one["die_at"] for one in deaths] == list(range(1, len(deaths) + 1))
    for answered in range(3):
        names = [one["died"][0] for one in deaths if one["answered"] == answered]
        assert "before COMMIT of default" in names
        assert "after COMMIT of default" in names
        assert names[-1] == "before the answer"
        assert sum(name.startswith(("before INSERT", "before UPDATE")) for name in names) > 0
    return len(deaths)
