"""Every sentence that a person reads is there in Chinese."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[2] / "src" / "willing"
FUNCTIONS = {
    "_",
    "_lazy",
    "gettext",
    "gettext_lazy",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}
# Sentences of Django's own that say it in our terms (登录密码, not 密码).
OF_DJANGO = {
    "This password is too short. It must contain at least %d character.",
    "This field is required.",
    "Enter a valid email address.",
    "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
}
STRING = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
# The whole sentence, brackets within it included; of pgettext what follows the context.
IN_TEMPLATE = re.compile(
    rf"""(?:\bn?gettext\(|(?<!\w)_\(|\bpgettext\({STRING.replace("u?(", "u?(?:", 1)},)\s*{STRING}"""
)


def catalogues():
    return sorted(SOURCE.rglob("locale/zh_Hans/LC_MESSAGES/django.po"))


@cache
def translated():
    found = {}
    for path in catalogues():
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans"):
                key = message.id[0] if isinstance(message.id, tuple) else message.id
                texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
                if key and all(texts) and not message.fuzzy:
                    found[key] = texts
    return found


def python_messages(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            position = 1 if node.func.id.startswith("p") else 0
            first = node.args[position] if len(node.args) > position else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def template_messages(path):
    for call in IN_TEMPLATE.finditer(templatize(path.read_text(encoding="utf-8"))):
        yield ast.literal_eval(call[1])


@cache
def messages():
    """Return every sentence of every module and template, with its file. Read once: no test changes them."""
    modules = (path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts)
    templates = sorted([*SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt")])
    return [
        *((path, text) for path in modules for text in python_messages(path)),
        *((path, text) for path in templates for text in template_messages(path)),
    ]


def test_the_extraction_sees_what_there_is_to_translate():
    texts = {text for _, text in messages()}
    assert len(texts) > 150
    assert "This basket is not at this till." in texts
    # With brackets in it, which once hid it from this test.
    assert any(text.startswith("Stored since %(at)s (%(purpose)s) as numbers") for text in texts)


def test_every_sentence_is_there_in_chinese():
    known = translated()
    missing = sorted(
        {f"{path.relative_to(SOURCE)}: {text!r}" for path, text in messages() if text not in known}
    )
    assert not missing, "\n".join(missing)


def entries():
    """Yield every entry of every catalogue: its room, its text, its translation."""
    for path in catalogues():
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans"):
                if message.id:
                    text = message.id[0] if isinstance(message.id, tuple) else message.id
                    yield str(path.relative_to(SOURCE).parents[3]), text, message.string


def test_no_translation_is_kept_of_a_sentence_that_nothing_shows():
    used = {text for _, text in messages()}
    unused = {(room, text) for room, text, _ in entries() if text not in used}
    assert {text for _, text in unused} >= OF_DJANGO
    assert sorted((room, text) for room, text in unused if text not in OF_DJANGO) == []


def test_a_sentence_of_several_rooms_has_one_translation():
    # Django merges the catalogues, so of two translations only one is ever shown.
    found: dict[str, dict[str, list[str]]] = {}
    for room, text, chinese in entries():
        found.setdefault(text, {}).setdefault(str(chinese), []).append(room)
    assert {text: chinese for text, chinese in found.items() if len(chinese) > 1} == {}


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_translation_keeps_its_placeholders(path):
    with path.open("rb") as file:
        for message in read_po(file, locale="zh_Hans"):
            if not message.id:
                continue
            source = message.id if isinstance(message.id, str) else message.id[-1]
            targets = message.string if isinstance(message.string, tuple | list) else (message.string,)
            wanted = set(re.findall(r"%\(\w+\)s|%s|\{\w+\}", source))
            for target in targets:
                assert set(re.findall(r"%\(\w+\)s|%s|\{\w+\}", target or "")) == wanted, (source, target)


def test_no_page_writes_a_day_in_numbers_that_countries_read_differently():
    pages = sorted(SOURCE.rglob("templates/**/*.html"))
    assert len(pages) > 200
    assert [path.name for path in pages if re.search(r"date:[\"']SHORT_", path.read_text("utf-8"))] == []
