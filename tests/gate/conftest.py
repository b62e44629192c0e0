"""A school with a door and a lane, for the tests of the gate."""

import pytest

from willing.consent.publishing import publish_notices
from willing.gate.models import Door
from willing.gate.queries import require_lane
from willing.gate.set_up import NewLane, add_door, add_lane


@pytest.fixture
def door(cast) -> Door:
    return add_door(cast.school, "Main gate", by=cast.user("office"))


@pytest.fixture
def new_lane(cast, door):
    """Set up a lane before the door, and return it as it is read for a request."""

    def add(name="Lane 1", use="both", ways=("card", "pin", "staff"), **more):
        new = NewLane(name, door.id, use, tuple(ways), **more)
        return require_lane(cast.school, add_lane(cast.school, new, by=cast.user("office")).pk)

    return add


@pytest.fixture
def lane(new_lane):
    publish_notices()
    return new_lane()
