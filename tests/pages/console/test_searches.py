"""Searches for a person on staff pages: how many they show, and that they say so."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from willing.pages.console.helpers import FOUND_MAX
from willing.people.persons import NewPerson, add_person


@pytest.mark.parametrize(
    ("role", "page", "more"),
    [
        ("office", "leaves", {}),
        ("office", "enrol", {}),
        ("office", "complaints", {}),
        ("office", "merge", {"person_id": "Ada"}),
        ("dpo", "log", {}),
    ],
)
def test_a_search_that_finds_more_than_it_shows_says_so(
    cast: Any, browser: Any, role: str, page: str, more: dict[str, str]
) -> None:
    for number in range(FOUND_MAX + 1):
        add_person(cast.school, NewPerson(f"Zed {number:02}", "Oak"))
    where = reverse(f"console:{page}", kwargs={key: cast.person(name).id for key, name in more.items()})
    assert _found(browser(role), where, "zed oak") == (FOUND_MAX, True)
    assert _found(browser(role), where, "zed 07 oak") == (1, False)


def test_a_search_for_pupils_is_not_filled_with_staff_of_the_same_name(cast: Any, browser: Any) -> None:
    for number in range(FOUND_MAX + 1):
        add_person(cast.school, NewPerson(f"Zed {number:02}", "Oak", kind="staff"))
    add_person(cast.school, NewPerson("Zed 99", "Oak"))
    assert _found(browser("office"), reverse("console:leaves"), "zed oak") == (1, False)


def _found(client: Client, where: str, text: str) -> tuple[int, bool]:
    answer = client.get(where, {"q": text})
    assert answer.status_code == 200
    shown = answer.content.decode()
    names = {f"Zed {number:02} Oak" for number in range(100)}
    return sum(name in shown for name in names), f"The first {FOUND_MAX} are shown." in shown
