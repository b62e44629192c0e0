"""Where a page begins and goes on: a refused form where it is wrong, each form of staff pages sent empty."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from tests.pages.console.test_leavers_pages import posts, shown
from tests.support.school import Cast

AUTOFOCUS = re.compile(r"<[^>]+ autofocus[ >=]")


@pytest.fixture
def addresses(cast: Cast) -> Callable[[Client], Iterator[str]]:
    """Return a function that gives what someone's front page leads to, and a person's page."""

    def found(client: Client) -> Iterator[str]:
        yield from sorted({one for one in shown(client, "/").links if one.startswith("/staff/")})
        person = f"/staff/people/{cast.person('Carl').id}/"
        if client.get(person).status_code == 200:
            yield person

    return found


@pytest.mark.parametrize("role", ["office", "administrator", "canteen", "dpo"])
def test_a_refused_form_puts_the_cursor_where_it_is_wrong(
    role: str, browser: Callable[[str], Client], addresses: Callable[[Client], Iterator[str]]
) -> None:
    client = browser(role)
    refused = {}
    for address in addresses(client):
        for action, sent in posts(shown(client, address)):
            answer = client.post(action, {**dict.fromkeys(sent, ""), **_keys(sent)})
            if answer.status_code == 422:
                refused[action] = AUTOFOCUS.search(answer.content.decode()) is not None
    assert refused, "this walk meets refused forms"
    assert [action for action, has_focus in refused.items() if not has_focus] == []


def test_so_it_does_on_the_pages_of_families(cast: Cast, browser: Callable[[str], Client]) -> None:
    client = browser("guardian")
    child = f"/family/child/{cast.person('Ada').id}/"
    wrong = {
        "pin/": {"pin": "12a4"},
        "food/": {},
        "report/": {"kind": "correction"},
        "limits/": {"daily": "two"},
        "money/low/": {"amount": "two"},
    }
    refused = {action: client.post(child + action, sent) for action, sent in wrong.items()}
    assert {action for action, answer in refused.items() if answer.status_code not in (409, 422)} == set()
    assert [
        action for action, answer in refused.items() if not AUTOFOCUS.search(answer.content.decode())
    ] == []


def _keys(sent: dict[str, str]) -> dict[str, str]:
    """Keep what a page has filled in itself and no reader sees."""
    return {name: value for name, value in sent.items() if name in ("key", "kind", "month", "person")}


@pytest.mark.parametrize("address", ["/staff/leave/", "/staff/reports/"])
def test_a_page_whose_search_is_below_what_waits_opens_at_its_head(
    address: str, browser: Callable[[str], Client]
) -> None:
    answer = browser("office").get(address)
    assert answer.status_code == 200
    assert 'type="search"' in answer.content.decode()
    assert not AUTOFOCUS.search(answer.content.decode())


def test_what_a_press_did_says_which_form_it_answers(cast: Cast, browser: Callable[[str], Client]) -> None:
    client = browser("guardian")
    address = f"/family/child/{cast.person('Ada').id}/limits/"
    answer = client.post(address, {"daily": "4"}, follow=True)
    assert f'<div class="notice good" data-sent="{address}">' in answer.content.decode()
