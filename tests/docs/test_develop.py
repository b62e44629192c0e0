"""The pages for engineers name files, symbols and tests that are there, and answer what a successor asks."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import click
import pytest
from django.urls import get_resolver

from willing.cli import main

ROOT = Path(__file__).resolve().parents[2]
DEVELOP = ROOT / "docs" / "develop"
PAGES = ("architecture.md", "cookbook.md", "faults.md", "inputs.md", "roles.md", "where.md")
# `path`, or `path::symbol`; below src/willing/ where the path begins with no other folder of the tree.
NAMED = re.compile(r"`([\w.*-]+/[\w./*-]*\w)(?:::([\w.-]+))?`")
FOLDERS = ("src/", "tests/", "docs/", "tools/", "benchmarks/", ".github/")
QUESTIONS = (
    "May a pupil pay by face?",
    "Where does the daily limit apply?",
    "Where is a template erased?",
    "What happens when the server dies during a sale?",
    "Where does the wrong-person rate become a threshold?",
    "Where do I add a payment method?",
    "Where do I add a legal profile?",
    "Where do I add a report?",
    "Where do I add a gate?",
    "How long is data kept?",
    "When is a PIN locked?",
    "Why does a free meal look like any other?",
    "Where are look-alikes found?",
    "Which role opens which page?",
    "When does a camera session close?",
    "What does a receipt say?",
    "Which columns has the plain roster?",
    "Where is a refund made?",
    "What are the canonical bytes of a log entry?",
    "Where are problem details built?",
    "What limits sign-in attempts?",
    "Where is the text of the assessment?",
    "What is revoked and erased when a pupil leaves?",
    "Why does a pupil's own no win?",
    "How is a device paired?",
    "How is the log's head signed?",
    "Which children may a guardian see?",
    "When is a frame too large?",
    "Who may mark a pupil, and what happens to an earlier mark?",
    "What do two teachers who disagree leave?",
    "Where do I add a set of codes?",
    "When is a family messaged about an absence?",
    "How does a message reach a guardian once?",
    "Who agrees to a leave?",
    "What does an agreed absence change elsewhere?",
    "Which lists does attendance have?",
    "Who takes a boarding house's evening list, and who hears of a missing boarder?",
    "Who is looked for in a roll call?",
    "How does a roll call go on without the server?",
)


def text_of(page):
    return (DEVELOP / page).read_text(encoding="utf-8")


def named_in(text):
    return [(found[1], found[2]) for found in NAMED.finditer(text)]


def file_of(path):
    return ROOT / path if path.startswith(FOLDERS) else ROOT / "src" / "willing" / path


@cache
def symbols_of(file):
    """Return every name that a file defines: `name` at the top, `Class.name` inside a class; keys of TOML."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".toml":
        return frozenset(tomllib.loads(text))
    return frozenset(_defined(ast.parse(text).body, ""))


def _defined(body, prefix):
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef):
            yield prefix + node.name
            yield from _defined(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.Assign):
            yield from (prefix + one.id for one in node.targets if isinstance(one, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield prefix + node.target.id


def is_there(path, symbol):
    if "*" in path:
        return not symbol and any(ROOT.glob(str(file_of(path).relative_to(ROOT))))
    file = file_of(path)
    return file.exists() and (not symbol or symbol in symbols_of(file))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_symbol_that_a_page_names_is_there(page):
    named = named_in(text_of(page))
    assert len(named) > 10
    missing = sorted({f"{path}::{symbol or ''}" for path, symbol in named if not is_there(path, symbol)})
    assert not missing, missing


def test_every_module_and_test_that_another_page_names_is_there():
    """They name files of an installation as well, so only what is Python or TOML of ours is held."""
    missing = []
    for path in [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]:
        named = named_in(path.read_text(encoding="utf-8"))
        ours = [one for one in named if one[0].endswith((".py", ".toml")) and "…" not in one[0]]
        missing += [(path.name, *one) for one in ours if not is_there(*one)]
    assert not missing


def answers():
    rows = [
        line.strip("|").split("|")
        for line in text_of("where.md").splitlines()
        if re.match(r"\| \d+ \|", line)
    ]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_question_has_an_answer_that_names_a_symbol():
    assert [(int(number), question) for number, question, *_ in answers()] == [
        (number, question) for number, question in enumerate(QUESTIONS, 1)
    ]
    for _, question, answer, place in answers():
        assert len(answer) > 20, question
        assert any(symbol for _, symbol in named_in(place)), question


def recipes():
    return dict(part.split("\n", 1) for part in text_of("cookbook.md").split("\n## ")[1:])


def test_every_recipe_names_its_files_and_the_test_that_complains():
    assert len(recipes()) >= 7
    for title, body in recipes().items():
        named = named_in(body)
        assert any(not path.startswith(FOLDERS) for path, _ in named), title
        assert any(path.startswith("tests/") and symbol for path, symbol in named), title


def rows_of(page):
    rows = [line.strip("|").split("|") for line in text_of(page).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


def test_every_row_of_the_roles_names_a_page_and_a_test_that_are_there():
    known = set()
    for prefix, resolver in [("", get_resolver()), *_rooms(get_resolver())]:
        known |= {prefix + name for name in resolver.reverse_dict if isinstance(name, str)}
    rows = rows_of("roles.md")
    assert len(rows) > 25
    for role, missing, page, proof in rows:
        for place in page.split(", "):
            assert is_page_or_command(place.strip("`"), known), (role, missing, place)
        ((path, symbol),) = named_in(proof)
        assert path.startswith("tests/"), (role, missing)
        assert (symbol or "").startswith("test_"), (role, missing)


def is_page_or_command(place, pages):
    """Say whether a page has this address, or the program this command."""
    if not place.startswith("willing "):
        return place in pages
    found: click.Command | None = main
    for word in place.split()[1:]:
        found = found.get_command(click.Context(found), word) if isinstance(found, click.Group) else None
    return found is not None


def test_a_command_that_is_none_and_a_page_that_is_none_are_found():
    known = {"home"}
    assert [is_page_or_command(one, known) for one in ("home", "willing backup restore")] == [True, True]
    assert not any(
        is_page_or_command(one, known) for one in ("hone", "willing copies", "willing install now")
    )


def _rooms(resolver):
    return [(f"{name}:", below) for name, (_prefix, below) in resolver.namespace_dict.items()]


def test_what_was_counted_is_printed_beside_what_was_wanted():
    """Written by `make presses`; a task that is new, or that no journey counts any more, is missing there."""
    tasks = tomllib.loads((ROOT / "tests" / "presses" / "tasks.toml").read_text(encoding="utf-8"))
    rows = {row[0]: row for row in rows_of("presses.md")}
    assert set(rows) == set(tasks)
    for name, (_, before, wanted, now, *_others) in rows.items():
        assert (before, wanted) == (str(tasks[name]["before"]), str(tasks[name]["wanted"])), name
        assert now.isdigit(), f"{name} was not counted"


def test_every_room_is_on_the_page_of_the_architecture():
    text = text_of("architecture.md")
    rooms = {path.name for path in (ROOT / "src" / "willing").iterdir() if (path / "__init__.py").exists()}
    assert "till" in rooms
    assert not [room for room in sorted(rooms) if f"`{room}`" not in text]
