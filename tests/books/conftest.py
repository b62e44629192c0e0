"""Days that are over, with sales in them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.till import pay

from willing.core import clock


@pytest.fixture
def at() -> Callable[..., Any]:
    """Return a function that lets the clock stand at an hour of a day of 2026."""

    def at_(day: int, hour: int = 12, month: int = 11) -> Any:
        moment = datetime(2026, month, day, hour, 5, tzinfo=UTC)
        return clock.running(lambda: moment)

    return at_


@pytest.fixture
def sell(cast: Any) -> Callable[..., Any]:
    """Return a function that sells a meal, or what is named, to one of the cast."""

    def sell_(name: str = "Carl", *products: Any, way: str = "card") -> Any:
        return pay(cast, name, *products, way=way)

    return sell_
