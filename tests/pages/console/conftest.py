"""Browsers with a member of staff signed in, and what the desk needs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.support.camera import camera, enrol, mark_faces  # noqa: F401  (fixtures)
from tests.support.signing import sign_in
from tests.support.till import pay

from willing.audit.models import Entry
from willing.till.models import Sale


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
        return pay(cast, name, cast.meal, cast.extra, cast.extra, way=way)

    return sell_


@pytest.fixture
def logged(db: Any) -> Callable[..., list[Entry]]:
    """Return a function that reads the entries of an event."""
    return lambda event: list(Entry.objects.filter(event=event).order_by("sequence"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the face engine."""
    mark_faces([item for item in items if Path(__file__).parent in item.path.parents])
