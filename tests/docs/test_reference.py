"""The reference names every command and refusal; settings: tests/config/test_settings_read.py."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import click
import pytest
from tests.support.asserted import asserted_in
from tests.support.syntax import nodes

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "willing"
DOCS = ROOT / "docs"
REFUSALS = DOCS / "reference" / "refusals.md"
EXAMPLE = """
ROWS = [("given", "in_table")]


def refused(given, code):
    with raises(Refused, match=code):
        act(given)


@mark.parametrize(("given", "code"), [("not_column", "in_column")])
def test_one(given, code):  # not_comment
    act("not_argument")
    refused("not_given", "in_helper")
    with raises(Refused, match="in_raises"):
        act(given)
    answer = act(given)
    assert answer.code == code
    assert "in_assert" in answer


@mark.parametrize(("given", "code"), ROWS)
def test_another(given, code):
    answer = act(given)
    assert answer.code == code
"""


@cache
def refusals():
    """Return every refusal's code with the file that defines it."""
    found = {}
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in nodes(path) if "Refused(" in text else ():
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id == "Refused" and isinstance(node.args[0], ast.Constant):
                found[str(node.args[0].value)] = path
    return found


def test_there_are_refusals_to_speak_of():
    assert len(refusals()) > 30


@pytest.mark.parametrize("code", sorted(refusals()))
def test_every_refusal_is_in_the_reference(code):
    assert f"`{code}`" in REFUSALS.read_text(encoding="utf-8")


def test_every_refusal_is_asserted_by_a_test_and_not_only_mentioned():
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    asserted = set().union(*map(asserted_in, tests))
    assert sorted(refusals().keys() - asserted) == []


def test_a_comment_a_name_and_an_argument_assert_nothing(tmp_path):
    path = tmp_path / "test_example.py"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert {word for word in asserted_in(path) if "_" in word} == {
        "in_assert",
        "in_raises",
        "in_helper",
        "in_column",
        "in_table",
    }


def test_the_reference_names_no_refusal_that_is_gone():
    named = re.findall(r"^\| `(\w+)` \|", REFUSALS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(refusals())


def test_every_command_is_in_the_reference():
    from willing.cli import main

    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    names = main.list_commands(click.Context(main))
    assert len(names) > 8
    assert not [name for name in names if f"`willing {name}" not in text]


WRITTEN = [
    *sorted(DOCS.rglob("*.md")),
    *sorted(ROOT.glob("*.md")),
    SOURCE / "pages" / "ui" / "help" / "topics.toml",
]
# What a manual lets a person type, in a line of a block or between backticks, from wherever the program lies.
TYPED = re.compile(r"(?:^ *|`)(?:[\w./]*/)?willing ((?:[a-z-]+ ?)[^`\n]*)", re.MULTILINE)


def wrong_in_command(main, typed):
    """Return the words of a command's line that are no command and no option of it."""
    command, words = main, typed.partition(" #")[0].split()
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        if (found := command.get_command(click.Context(command), words[0])) is None:
            # A page may name a group, or give the words that follow as a name to fill in.
            return [] if command is not main and not words[0].islower() else [words[0]]
        command, words = found, words[1:]
    known = {"--help", *(one for param in command.params for one in (*param.opts, *param.secondary_opts))}
    options = re.findall(r"(?:^|\s)\[?(--[a-z0-9-]+)", " ".join(words))
    return [option for option in options if option not in known]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("backup take --recipient age1… --to /backup", []),
        ("backup tak", ["tak"]),
        ("backups", ["backups"]),
        ("backup restore --main FILE --undo", ["--undo"]),
        ("serve [--host] [--prot]", ["--prot"]),
        ("audit …", []),
    ],
)
def test_a_command_that_is_none_and_an_option_that_is_none_are_found(typed, wrong):
    from willing.cli import main

    assert wrong_in_command(main, typed) == wrong


def test_every_command_that_a_document_names_is_there_with_its_options():
    from willing.cli import main

    named = [(path.name, typed) for path in WRITTEN for typed in TYPED.findall(path.read_text("utf-8"))]
    assert len(named) > 150
    assert not [(name, typed, wrong) for name, typed in named if (wrong := wrong_in_command(main, typed))]


def test_every_page_of_the_manual_is_named_by_the_first():
    first = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if path != DOCS / "index.md"]
    lost = [name for name in pages if f"]({name})" not in first]
    assert [name for name in lost if not name.startswith("decisions/")] == []


DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
# Where a decision may be named: by its file in prose, or as docs/decisions/NNNN in code.
NAMES_DECISIONS = [
    *sorted(DOCS.rglob("*.md")),
    *sorted(ROOT.glob("*.md")),
    *(path for folder in (SOURCE, ROOT / "tests") for path in sorted(folder.rglob("*.py"))),
]


def test_decisions_are_numbered_without_gaps_and_listed_in_order():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = (DOCS / "decisions" / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(\d+)\. \[(.+)\]\((.+)\)$", index, re.MULTILINE)
    titles = [path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in DECISIONS]
    assert listed == [
        (str(int(path.name[:4])), title, path.name) for path, title in zip(DECISIONS, titles, strict=True)
    ]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_answers_a_question_and_says_since_when_it_holds(path):
    title, empty, status = path.read_text(encoding="utf-8").splitlines()[:3]
    assert re.fullmatch(r"# .+\?", title)
    assert not empty
    assert re.match(r"(In force since|Replaced by \d{4} on) \d{4}-\d\d-\d\d", status)


def test_every_reference_to_a_decision_leads_somewhere():
    numbers = {path.name[:4] for path in DECISIONS}
    files = {path.name for path in DECISIONS}
    lost = []
    for path in NAMES_DECISIONS:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"decisions/(\d{4}[\w-]*(?:\.md)?)", text)
        lost += [(path.name, name) for name in named if name not in numbers | files]
        lost += [(path.name, found) for found in re.findall(r"\bdecision \d+\b", text)]
    assert not lost


def test_the_changelog_and_the_readme_are_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", readme):
        assert (ROOT / target).exists(), target
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## Unreleased" in changes
    begun = Counter(line[:100] for line in changes.splitlines() if line.startswith("- "))
    assert [one for one, times in begun.items() if times > 1] == [], "one change, one entry"
