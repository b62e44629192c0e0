"""A school that takes registers, on a Thursday at ten, with two assembly points."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.attendance.conftest import school  # noqa: F401  # a fixture
from tests.support.clocks import stopped_at

from willing.people.models import School, YearGroup
from willing.rollcall.set_up import NewPoint, set_point


def at(hour: int, minute: int = 0, second: int = 0, *, day: int = 26) -> datetime:
    """Return a moment of November 2026 at a school in London."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


@pytest.fixture
def at_ten(cast: Any, school: School) -> Any:  # noqa: F811
    """Stop the clock at ten; 4A gathers in the yard, staff and visitors at the gate."""
    with ten_oclock(cast):
        yield


@contextmanager
def ten_oclock(cast: Any) -> Iterator[None]:
    """Do so."""
    by = cast.user("administrator")
    with stopped_at(at(10)):
        group = YearGroup.objects.get()
        set_point(cast.school, NewPoint("Yard", [group.pk]), by=by)
        set_point(cast.school, NewPoint("Gate", is_for_staff=True, is_for_visitors=True), by=by)
        yield
