"""The rules of devices at doors: every branch."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.gate.device_rules import (
    COMPARED_EVERY,
    LIST_AGE_MAX,
    LISTED_DAYS,
    DeviceFault,
    DeviceSettings,
    Driver,
    Fetched,
    KnownList,
    ListState,
    decide_alarm_since,
    digest_of_list,
    drift_seconds,
    events_waiting,
    find_device_fault,
    find_key_fault,
    find_wiring_fault,
    has_forgotten,
    has_restarted,
    is_drift,
    is_serial,
    list_state,
    listed_until,
    needs_list,
    own_number,
)
from willing.gate.doors.protocol import ListedCard

AT = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("driver", "address", "unit", "fault"),
    [
        (Driver.UHPPOTE, "192.168.7.20", 405419896, None),
        (Driver.UHPPOTE, "192.168.7.20:60000", 405419896, None),
        (Driver.UHPPOTE, "8.8.8.8", 405419896, DeviceFault.ADDRESS),
        (Driver.UHPPOTE, "0.0.0.0", 405419896, DeviceFault.ADDRESS),  # noqa: S104
        (Driver.UHPPOTE, "gate.example", 405419896, DeviceFault.ADDRESS),
        (Driver.UHPPOTE, "192.168.7.20:0", 405419896, DeviceFault.ADDRESS),
        (Driver.UHPPOTE, "192.168.7.20:x", 405419896, DeviceFault.ADDRESS),
        (Driver.UHPPOTE, "192.168.7.20:", 405419896, DeviceFault.ADDRESS),
        (Driver.UHPPOTE, "192.168.7.20", 0, DeviceFault.SERIAL),
        (Driver.SHELLY, "shelly-gate", 0, None),
        (Driver.SHELLY, "shelly/../x", 0, DeviceFault.ADDRESS),
        (Driver.SHELLY, "a@b", 0, DeviceFault.ADDRESS),
        (Driver.OSDP, "/dev/serial/by-id/usb-1", 5, None),
        (Driver.OSDP, "/dev/../etc/passwd", 5, DeviceFault.ADDRESS),
        (Driver.OSDP, "/etc/passwd", 5, DeviceFault.ADDRESS),
        (Driver.OSDP, "/dev/ttyUSB0", 127, DeviceFault.SERIAL),
        (Driver.TYPING, "/dev/input/by-id/usb-event-kbd", 0, None),
        (Driver.MODBUS, "192.168.7.40", 1, None),
        (Driver.MODBUS, "192.168.7.40", 248, DeviceFault.SERIAL),
    ],
)
def test_a_device_is_where_it_can_be(driver: Driver, address: str, unit: int, fault: DeviceFault | None):
    assert find_device_fault(DeviceSettings(driver, address, unit, "tcp-flash")) is fault


def test_a_board_on_a_serial_line_has_a_port_of_this_computer():
    board = DeviceSettings(Driver.MODBUS, "/dev/ttyUSB0", 1, "serial-flash")
    assert is_serial(board)
    assert find_device_fault(board) is None


def test_a_key_has_16_bytes_and_is_not_the_one_that_everybody_knows():
    assert find_key_fault("4f9c1d2e7a6b58301122334455667788") is None
    for wrong in ("", "4f", "zz" * 16, "303132333435363738393a3b3c3d3e3f"):
        assert find_key_fault(wrong) is DeviceFault.KEY


def test_a_lock_is_on_an_output_that_is_there_for_ten_seconds_at_most():
    assert find_wiring_fault(Driver.UHPPOTE, 4, 10) is None
    assert find_wiring_fault(Driver.UHPPOTE, 0, 5) is DeviceFault.OUTPUT
    assert find_wiring_fault(Driver.SHELLY, 0, 11) is DeviceFault.SECONDS
    assert find_wiring_fault(Driver.TYPING, 0, 5) is DeviceFault.NO_OUTPUT


@given(st.lists(st.integers(1, 99), unique=True))
def test_a_list_has_one_digest_in_any_order(numbers: list[int]):
    cards = [ListedCard(one, date(2027, 1, 31)) for one in numbers]
    assert digest_of_list(cards, [2, 1]) == digest_of_list(reversed(cards), [1, 2])
    assert digest_of_list(cards, [1]) != digest_of_list([*cards, ListedCard(100, date(2027, 1, 31))], [1])


def test_a_list_is_compared_when_it_changed_when_the_controller_forgot_and_in_its_turn():
    known = KnownList("a", 3, AT)
    assert not needs_list(known, "a", 3, AT + timedelta(hours=1))
    assert needs_list(KnownList(), "a", 3, AT)
    assert needs_list(known, "b", 3, AT)
    assert needs_list(known, "a", 0, AT)
    assert needs_list(known, "a", 3, AT + COMPARED_EVERY)
    assert needs_list(known, "a", 3, AT - timedelta(days=400))  # the clock was set back


def test_an_alarm_is_dated_by_the_first_reading_of_those_that_all_say_so():
    later = AT + timedelta(minutes=3)
    assert decide_alarm_since(None, AT, is_alarm=True) == AT
    assert decide_alarm_since(AT, later, is_alarm=True) == AT
    assert [decide_alarm_since(AT, later, is_alarm=one) for one in (False, None)] == [None, None]


@given(st.dates(date(2024, 1, 1), date(2099, 1, 1)))
def test_a_card_is_listed_for_a_month_or_two(day: date):
    until = listed_until(day)
    assert (until + timedelta(days=1)).day == 1
    assert LISTED_DAYS - 31 <= (until - day).days < LISTED_DAYS


def test_a_clock_that_is_more_than_a_minute_off_is_named():
    local = AT.replace(tzinfo=None)
    assert drift_seconds(None, local) is None
    assert drift_seconds(local - timedelta(seconds=61), local) == -61
    assert drift_seconds(datetime(2099, 12, 31), local) == 10**9  # noqa: DTZ001  # as a controller's clock
    assert drift_seconds(datetime(1900, 1, 1), local) == -(10**9)  # noqa: DTZ001
    assert [is_drift(one) for one in (None, 0, 60, -60, 61, -61)] == [False] * 4 + [True, True]


def test_numbers_that_begin_anew_are_seen():
    fetched = Fetched(0, 100, "mark")
    assert not has_restarted(Fetched(), 5, "")
    assert not has_restarted(fetched, 100, "mark")
    assert not has_restarted(fetched, 5_000, "")  # overwritten: nothing is known against it
    assert has_restarted(fetched, 99, "")
    assert has_restarted(fetched, 100, "other")
    assert own_number(1, 5) == 2**32 + 5


def test_a_controller_with_fewer_cards_than_were_written_has_forgotten_its_list() -> None:
    written = KnownList("d", 3, AT)
    assert has_forgotten(written, 2)
    assert not has_forgotten(written, 3)
    assert not has_forgotten(written, None)
    assert not has_forgotten(KnownList(), 0)


@pytest.mark.parametrize(
    ("right_at", "state"),
    [
        (None, ListState.NOT_YET),
        (AT - LIST_AGE_MAX, ListState.RIGHT),
        (AT - LIST_AGE_MAX - timedelta(seconds=1), ListState.OLD),
    ],
)
def test_a_list_is_old_after_half_an_hour(right_at: datetime | None, state: ListState) -> None:
    assert list_state(right_at, AT) is state


@pytest.mark.parametrize(("last", "newest", "waiting"), [(0, None, 0), (3, 8, 5), (8, 8, 0), (8, 3, 3)])
def test_events_wait_until_they_are_read_and_all_of_them_where_it_counts_anew(last, newest, waiting):
    assert events_waiting(last, newest) == waiting
