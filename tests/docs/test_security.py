"""The page of what Willing withstands names all that was found, and tests that are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operate" / "security.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if re.match(r"\| \d+ \|", line)
]
NAMED = re.compile(r"`(tests/[\w/.-]+\.py)?(?:::(\w+))?`")


def test_every_finding_has_a_row_of_its_own() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 29))
    assert all(len(row) == 5 and all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_test_that_it_names_is_there(row: list[str]) -> None:
    named, path = 0, ""
    for found in NAMED.finditer(row[3]):
        path, name = found[1] or path, found[2]
        file = ROOT / path
        assert file.is_file(), path
        named += 1
        if name:
            tree = ast.parse(file.read_text("utf-8"))
            assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, name
    assert named
