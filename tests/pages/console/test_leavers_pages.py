"""Nothing that a page offers about someone who has left is refused when it is pressed."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press
from tests.support.meant import meant

from willing.credentials.leavers import record_leavers

ELSEWHERE = ("/sign-out/", "/language/", "/back/")


class Pressables(HTMLParser):
    """The links and forms of a page: address, and what each form sends as it is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self.feed(page[page.index("<main") :])

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in given}
        if tag == "a" and named.get("href", "").startswith("/"):
            self.links.append(named["href"])
        elif tag == "form":
            self.forms.append((named.get("action", ""), named.get("method", "get"), {}))
        elif tag in ("input", "button") and self.forms and named.get("name"):
            self.forms[-1][2].setdefault(named["name"], named.get("value", ""))


@pytest.fixture
def pages(cast: Any, browser: Any) -> tuple[Client, list[str]]:
    """The office, and the pages about Ada, who has left: what the desk finds, and her own."""
    record_leavers([cast.person("Ada").id], by=cast.user("office"))
    return browser("office"), ["/staff/enrol/?q=ada", f"/staff/people/{cast.person('Ada').id}/"]


def shown(client: Client, address: str) -> Pressables:
    answer = client.get(address)
    assert answer.status_code == 200
    return Pressables(answer.content.decode())


def posts(found: Pressables) -> Iterator[tuple[str, dict[str, str]]]:
    """The forms of a page, the way back to school last: it changes what the others meet."""
    forms = [(action, sent) for action, method, sent in found.forms if method == "post" and action]
    return iter(sorted(forms, key=lambda one: any(part in one[0] for part in ELSEWHERE)))


def test_every_link_opens_and_no_press_is_refused(pages: tuple[Client, list[str]]) -> None:
    client, addresses = pages
    for address in addresses:  # the one with the way back last
        found = shown(client, address)
        answers = {link: client.get(link).status_code for link in found.links}
        assert set(answers.values()) <= {200, 302}, answers
        pressed = {action: client.post(action, sent).status_code for action, sent in posts(found)}
        assert set(pressed.values()) <= {200, 302, 422}, pressed  # 422: a field that was left empty here


def test_the_desk_offers_no_camera_for_who_has_left(pages: tuple[Client, list[str]], cast: Any) -> None:
    client, addresses = pages
    text = client.get(addresses[0]).content.decode()
    assert not re.search(r"/staff/people/[-0-9a-f]+/[a-z]+/capture", text)
    assert not re.search(r">\s*Start\s*<", text)


def test_the_till_finds_nobody_who_has_left(pages: tuple[Client, list[str]], cast: Any) -> None:
    assert pages
    till = at(cast.till, cast)
    press(till, "add", product=cast.meal.id)
    assert "Ada" not in meant(press(till, "way", way="staff"))
    assert "Ada" not in meant(till.get("/till/people/", {"text": "ada"}).content.decode())
    assert "not recognised" in press(till, "card", code=cast.cards["Ada"])
