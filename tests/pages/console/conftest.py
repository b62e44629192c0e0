"""Browsers with a member of staff signed in, and what the desk needs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.support.camera import camera, enrol, mark_faces  # noqa: F401  (fixtures)
from tests.support.signing import sign_in

from willing.audit.models import Entry
from willing.till.baskets import open_basket
from willing.till.identification import identify_by_card, identify_by_pin
from willing.till.models import Sale
from willing.till.payment import confirm_basket


@pytest.fixture
def browser(cast: Any) -> Callable[[str], Client]:
    """Return a function that gives a browser with the user of that role signed in."""

    return lambda role: sign_in(Client(), cast.user(role))


@pytest.fixture
def office(browser: Callable[[str], Client]) -> Client:
    """A browser at the office."""
    return browser("office")


@pytest.fixture
def sell(cast: Any) -> Callable[..., Sale]:
    """Return a function that sells a meal to one of the cast, by card or by PIN."""

    def sell_(name: str = "Carl", way: str = "card") -> Sale:
        basket = open_basket(cast.till, uuid4(), [(cast.meal, 1), (cast.extra, 2)])
        if way == "card":
            identify_by_card(cast.till, basket.id, cast.cards[name])
        else:
            number = cast.person(name).till_number
            identify_by_pin(cast.till, basket.id, number, cast.pins[name])
        return confirm_basket(cast.till, basket.id)

    return sell_


@pytest.fixture
def logged(db: Any) -> Callable[..., list[Entry]]:
    """Return a function that reads the entries of an event."""
    return lambda event: list(Entry.objects.filter(event=event).order_by("sequence"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the face engine."""
    mark_faces([item for item in items if Path(__file__).parent in item.path.parents])
