"""Where no camera may be, and the bounds that the documents name."""

from willing.terminals.rules import LOCATIONS_WITHOUT_FACE, PAIRING_MINUTES, REQUEST_KEY_HOURS


def test_no_camera_is_where_people_sleep_or_undress():
    assert {"toilet", "changing_room", "dormitory"} == LOCATIONS_WITHOUT_FACE


def test_a_pairing_code_lasts_minutes_and_a_request_s_key_a_day():
    assert PAIRING_MINUTES == 15
    assert REQUEST_KEY_HOURS == 24
