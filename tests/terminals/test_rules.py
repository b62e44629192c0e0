"""Where no camera may be, and the bounds that the documents name."""

import pytest

from willing.terminals.rules import (
    LOCATIONS_WITHOUT_FACE,
    PAIRING_MINUTES,
    REQUEST_KEY_HOURS,
    WaysFault,
    find_ways_fault,
    may_become,
)


def test_no_camera_is_where_people_sleep_or_undress():
    assert {"toilet", "changing_room", "dormitory"} == LOCATIONS_WITHOUT_FACE


def test_a_pairing_code_lasts_minutes_and_a_request_s_key_a_day():
    assert PAIRING_MINUTES == 15
    assert REQUEST_KEY_HOURS == 24


@pytest.mark.parametrize(
    ("ways", "location", "fault"),
    [
        (("card",), "canteen", None),
        (("pin", "face"), "canteen", None),
        (("card", "pin", "staff"), "toilet", None),
        (("face",), "canteen", WaysFault.NEEDS_ANOTHER_WAY),
        (("staff", "face"), "toilet", WaysFault.NEEDS_ANOTHER_WAY),
        ((), "canteen", WaysFault.NEEDS_ANOTHER_WAY),
        (("card", "face"), "dormitory", WaysFault.NOT_FOR_FACES),
    ],
)
def test_a_face_is_never_the_only_way_and_never_where_people_undress(ways, location, fault):
    assert find_ways_fault(ways, location) == fault


def test_a_till_stays_a_till_and_a_gate_a_gate():
    assert may_become("canteen", "shop")
    assert may_become("shop", "canteen")
    assert may_become("gate", "gate")
    assert not may_become("gate", "canteen")
    assert not may_become("shop", "library")
