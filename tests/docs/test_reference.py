"""The reference names every setting, command and refusal that the code has."""

import ast
import re
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "willing"
DOCS = ROOT / "docs"
REFUSALS = DOCS / "reference" / "refusals.md"


def refusals():
    """Return every refusal's code with the file that defines it."""
    found = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused"
            )
            if called and isinstance(node.args[0], ast.Constant):
                found[node.args[0].value] = path
    return found


def test_there_are_refusals_to_speak_of():
    assert len(refusals()) > 30


@pytest.mark.parametrize("code", sorted(refusals()))
def test_every_refusal_is_in_the_reference_and_has_a_test(code):
    assert f"`{code}`" in REFUSALS.read_text(encoding="utf-8")
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    assert any(code in path.read_text(encoding="utf-8") for path in tests), f"no test speaks of {code}"


def test_the_reference_names_no_refusal_that_is_gone():
    named = re.findall(r"^\| `(\w+)` \|", REFUSALS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(refusals())


def test_every_setting_is_in_the_reference():
    text = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    used = set()
    for path in SOURCE.rglob("*.py"):
        used |= set(re.findall(r"[\"'](WILLING_[A-Z_]+)[\"']", path.read_text(encoding="utf-8")))
    assert used
    assert not [name for name in sorted(used) if f"`{name}`" not in text]


def test_every_command_is_in_the_reference():
    from willing.cli import main

    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    names = main.list_commands(click.Context(main))
    assert len(names) > 8
    assert not [name for name in names if f"`willing {name}" not in text]


def test_every_decision_record_is_in_the_index():
    index = (DOCS / "decisions" / "index.md").read_text(encoding="utf-8")
    records = [path.name for path in (DOCS / "decisions").glob("[0-9]*.md")]
    assert records
    assert not [name for name in records if f"({name})" not in index]


def test_the_changelog_and_the_readme_are_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", readme):
        assert (ROOT / target).exists(), target
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
