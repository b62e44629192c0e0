"""Every row of the law names tests, and every test that it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLAN = ROOT.parent / "shared" / "LAW.md"


def rows(text):
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if set(row[0]) - set("- ") and row[0] not in ("source", "complaint heard")]


ROWS = rows((ROOT / "docs" / "reference" / "law.md").read_text("utf-8"))


@pytest.fixture(scope="module")
def tests():
    found = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"^ *def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE))
    return found


@pytest.mark.parametrize("row", ROWS, ids=[re.sub(r"\W+", "_", row[0])[:40] for row in ROWS])
def test_every_row_names_tests_that_are_there(row, tests):
    named = re.findall(r"`(test_\w+)`", row[2])
    assert named
    assert set(named) <= tests


@pytest.mark.shared_data
def test_no_row_of_the_plan_is_left_out():
    plan = [row for row in rows(PLAN.read_text(encoding="utf-8")) if row[0] != "complaint heard in the world"]
    assert len(plan) == 39
    assert len(ROWS) >= len(plan)  # and what else the law asks
