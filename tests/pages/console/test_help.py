"""Help beside each page: every page of staff and families has its part of the manual, in both languages."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from tests.docs.test_terms import QUOTED
from tests.docs.test_translations import translated

from willing.pages.ui.help import find_topic, topics
from willing.pages.ui.help.manual import CHECKOUT, anchor_of, find_part, names, parts_of, to_html

ROOT = Path(__file__).parents[3]
ROOMS = ("willing.pages.console.", "willing.pages.portal.", "willing.pages.set_up.", "willing.pages.sign_in.")


def addresses(patterns: Any = None, space: str = "") -> list[tuple[str, str]]:
    """Return every address by name, with the module of its view."""
    found = []
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            below = f"{one.namespace}:" if one.namespace else space
            found += addresses(one.url_patterns, below)
        elif isinstance(one, URLPattern):
            found.append((f"{space}{one.name}", one.callback.__module__))
    return found


def test_each_page_of_staff_and_families_has_help() -> None:
    pages = [(name, module) for name, module in addresses() if module.startswith(ROOMS)]
    assert len(pages) > 200
    assert [name for name, module in pages if find_topic(name, module) is None] == []


def test_each_topic_is_of_a_page_that_is_there() -> None:
    modules = {module.removeprefix("willing.pages.") for _, module in addresses()}
    named = {name for name, _ in addresses()}
    assert [one for topic in topics().values() for one in topic.modules if one not in modules] == []
    assert [one for topic in topics().values() for one in topic.pages if one not in named] == []


@pytest.mark.parametrize("key", topics())
def test_each_topic_leads_to_a_part_of_the_manual_that_says_something(key: str) -> None:
    part = find_part(topics()[key].manual)
    html = to_html(
        part, topics()[key].manual.partition("#")[0], lambda name, anchor: f"/{name}#{anchor}", heading=2
    )
    assert len(re.sub(r"<[^>]+>", "", html)) > 80


@pytest.mark.parametrize("key", topics())
def test_each_topic_says_it_in_chinese_and_names_only_what_is_on_a_screen(key: str) -> None:
    topic = topics()[key]
    chinese = {text for texts in translated().values() for text in texts}
    assert len(topic.chinese) > 30
    unknown = [
        name
        for name in QUOTED.findall(topic.chinese)
        if name not in chinese and f"{name}。" not in chinese and name.rstrip("。") not in chinese
    ]
    assert unknown == []


@pytest.mark.parametrize("name", names())
def test_each_link_inside_the_manual_leads_to_a_heading(name: str) -> None:
    asked: list[tuple[str, str]] = []

    def link(other: str, anchor: str) -> str:
        asked.append((other, anchor))
        return "#"

    whole, *_parts = parts_of(name)
    to_html(whole, name, link, heading=1)
    known = {other: {one.anchor for one in parts_of(other)} for other in names()}
    assert [one for one in asked if one[1] not in known[one[0]]] == []


def test_the_manual_is_shown_as_text_and_never_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from willing.pages.ui.help import manual

    (tmp_path / "how-to").mkdir()
    text = "# A\n\n<script>x</script> [b](javascript:x) [c](https://example.org) ![d](e.png) [f](../g.md)\n"
    (tmp_path / "how-to" / "odd.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(manual, "_root", lambda: tmp_path)
    for one in (manual.names, manual._tokens, manual.parts_of):
        one.cache_clear()
    try:
        html = to_html(parts_of("how-to/odd")[0], "how-to/odd", lambda name, _anchor: f"/{name}", heading=1)
    finally:
        monkeypatch.undo()
        for one in (manual.names, manual._tokens, manual.parts_of):
            one.cache_clear()
    assert "<script" not in html
    assert "<img" not in html
    assert set(re.findall(r'href="([^"]*)"', html)) == {"/how-to/odd"}, "no link leaves the manual"


@pytest.mark.parametrize(("language", "said"), [("en", "School days"), ("zh-hans", "英文")])
def test_help_is_a_page_without_script_and_a_part_of_one_with_it(language: str, said: str, db: Any) -> None:
    client = Client(headers={"Accept-Language": language})
    for address in ("/help/", "/help/calendar/", "/help/manual/how-to/office/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "<html" in page.content.decode()
    beside = client.get("/help/calendar/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in beside
    assert ("校历" in beside) == (language == "zh-hans")
    assert ("The manual is in English" not in beside) == (language == "en") or "手册是英文" in beside
    for unknown in ("/help/nothing/", "/help/manual/how-to/nothing/", "/help/manual/reference/api/"):
        assert client.get(unknown).status_code == 404


def test_a_page_of_each_kind_offers_its_help(cast: Any, office: Client, browser: Any) -> None:
    shown: list[tuple[Client, str, str]] = [
        (office, "/", "front"),
        (office, "/staff/people/", "person"),
        (office, "/staff/menu/", "menu"),
        (browser("guardian"), "/family/", "family"),
        (browser("pupil"), "/family/me/", "pupil"),
        (Client(), "/sign-in/", "sign-in"),
    ]
    for client, address, key in shown:
        answer = client.get(address)
        assert f'href="/help/{key}/"' in answer.content.decode(), address
    assert resolve("/help/front/").view_name == "help"


def test_the_checkout_is_read_where_no_wheel_was_installed() -> None:
    assert CHECKOUT == ROOT / "docs"
    assert anchor_of("A person's page") == "a-persons-page"
    assert anchor_of("1. Export") == "1-export"
