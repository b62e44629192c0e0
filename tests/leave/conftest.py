"""A school on a Thursday in November, and a day of the test's own choice."""

from datetime import UTC, datetime

import pytest
from tests.support.clocks import stopped_at

from willing.people.models import Person


def at(hour, minute=0, *, day=26):
    """Return a moment of November 2026 at a school in London."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def school(cast):
    """A school with lessons from Monday to Friday."""
    Person.objects.update(joined_at=at(8, day=1))
    cast.school.time_zone, cast.school.weekdays = "Europe/London", "12345"
    cast.school.save()
    return cast.school


@pytest.fixture
def this_morning():
    """Stop the clock at nine on Thursday."""
    with stopped_at(at(9)):
        yield
