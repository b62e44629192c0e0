"""Only action modules write: writers.toml lists them, and which of them may write another room's tables."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from tests.architecture.source import MODELS, Module, Write, modules, writes_of

LISTED = tomllib.loads((Path(__file__).parent / "writers.toml").read_text(encoding="utf-8"))
WRITERS = {f"willing.{name}" for name in LISTED["modules"]}
# Tables of other people's packages belong to the room that uses the package.
OWNERS = {"account": "accounts", "mfa": "accounts", "sessions": "accounts", "socialaccount": "accounts"}
# Below the models: what an action writes goes through here.
PASSED_ON = {"willing.core.folded"}
LINES_MAX = 300
SQL_WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


def short(module: str) -> str:
    return module.removeprefix("willing.")


def written(write: Write) -> list[str]:
    """The tables that a write is about, as `room.Model`."""
    if write.model is None:
        told: list[str] = LISTED["untold"].get(f"{short(write.module)}:{write.verb}", [])
        return told
    app = MODELS[write.model]._meta.app_label
    return [f"{OWNERS.get(app, app)}.{write.model}"]


def all_writes() -> list[Write]:
    return [
        write for module in modules().values() if module.name not in PASSED_ON for write in writes_of(module)
    ]


def sql_writes(module: Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("execute", "executemany", "executescript")
        and node.args
        and SQL_WRITE.match(ast.unparse(node.args[0]).lstrip("f").strip("\"'"))
    ]


def test_only_listed_modules_write():
    strangers = {f"{one.module}:{one.line} ({one.verb})" for one in all_writes() if one.module not in WRITERS}
    assert not strangers, f"{strangers}: move the write into an action module, or list it in writers.toml"


def test_every_listed_module_is_there_and_writes():
    assert {one.module for one in all_writes()} >= WRITERS, "take out of writers.toml what writes nothing"


def test_each_write_says_whose_rows_it_writes():
    unclear = {f"{one.module}:{one.line}" for one in all_writes() if not written(one)}
    assert not unclear, f"{unclear}: annotate the variable, so that a reader sees whose rows these are"


def test_no_room_writes_another_rooms_tables_without_a_reason():
    across = {
        f"{short(one.module)} -> {table}"
        for one in all_writes()
        for table in written(one)
        if short(one.module).split(".")[0] != table.split(".")[0]
    }
    assert across == LISTED["across"].keys(), (
        "each write across rooms needs a reason, and no reason outlives it"
    )
    assert all(LISTED["across"].values())


def test_no_statement_of_sql_writes_past_the_models():
    found = {short(module.name) for module in modules().values() if sql_writes(module)}
    assert found == LISTED["sql"].keys()


def test_no_action_module_is_too_long_to_read_at_once():
    long = {name for name in WRITERS if modules()[name].lines > LINES_MAX}
    assert not long, f"{long}: split it by subject"


PAGE = """
from willing.people.models import Person
def view(request, person: Person, seen: dict):
    {statement}
"""


@pytest.mark.parametrize(
    ("statement", "verb", "model"),
    [
        ("Person.objects.create(given_name='A')", "create", "Person"),
        ("Person.objects.filter(pk=1).update(left_at=None)", "update", "Person"),
        ("person.save()", "save", "Person"),
        ("person.cards.all().delete()", "delete", "Card"),
        ("rows = Person.objects.filter(pk=1); rows.delete()", "delete", "Person"),
        ("[one.save(update_fields=['left_at']) for one in Person.objects.all()]", "save", "Person"),
        ("Person.objects.bulk_create([])", "bulk_create", "Person"),
        ("request.user.save()", "save", None),
    ],
)
def test_a_write_in_a_page_would_be_found(statement, verb, model):
    page = Module("willing.pages.x", Path("x.py"), ast.parse(PAGE.format(statement=statement)))
    assert [(one.verb, one.model) for one in writes_of(page)] == [(verb, model)]


@pytest.mark.parametrize("statement", ["seen.update({1: 2})", "digest.update(b'x')", "cache.delete('x')"])
def test_what_only_sounds_like_a_write_is_none(statement):
    page = Module("willing.pages.x", Path("x.py"), ast.parse(PAGE.format(statement=statement)))
    assert not writes_of(page)


def test_a_statement_of_sql_would_be_found():
    text = "def view(cursor):\n    cursor.execute(f'UPDATE people_person SET {1}')\n"
    assert sql_writes(Module("willing.pages.x", Path("x.py"), ast.parse(text)))
