"""The OSDP line against a reader of the same library in its other role, over a pseudo-terminal."""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from tests.support.osdp_reader import ADDRESS, Reader, reader_with

from willing.gate.doors import osdp_line
from willing.gate.doors.osdp_line import DEFAULT_KEY, CardRead, OsdpDoor, OsdpLine, drop_lines, hold_line
from willing.gate.doors.protocol import Contacts, DoorFault, DoorFaultCause

KEY = bytes.fromhex("4f9c1d2e7a6b58301122334455667788")
OTHER = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
# 26 bits of facility 100, number 58400, which is 0x64 and 0xE420, between their two bits of parity.
CARD = (0x64E420 << 1) << 6


def _wait(until: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


@pytest.fixture
def reads() -> list[CardRead]:
    return []


@pytest.fixture
def reader() -> Iterator[Reader]:
    with reader_with(KEY) as one:
        yield one
        drop_lines(set())


@pytest.fixture
def line(reader: Reader, reads: list[CardRead]) -> OsdpLine:
    held = hold_line(reader.port, 38_400, {ADDRESS: KEY}, reads.append)
    _wait(lambda: held.is_secure(ADDRESS))
    return held


def _fault_of(deed: Callable[..., object], *args: object) -> DoorFaultCause:
    with pytest.raises(DoorFault) as caught:
        deed(*args)
    return caught.value.fault


def test_a_pulse_is_a_time_that_the_reader_ends_itself(line: OsdpLine, reader: Reader) -> None:
    OsdpDoor(line.port, ADDRESS, 1).pulse(5, uuid4())
    [command] = reader.commands
    assert (command["output_no"], command["control_code"], command["timer_count"]) == (1, 5, 50)


def test_a_card_and_the_contacts_come_as_the_reader_reports_them(
    line: OsdpLine, reader: Reader, reads: list[CardRead]
) -> None:
    door = OsdpDoor(line.port, ADDRESS, 0, Contacts(door=0, alarm=1))
    assert (door.state().is_open, door.state().is_alarm) == (None, None)
    reader.present(CARD.to_bytes(4, "big"), 26)
    reader.report_inputs(True, False)
    _wait(lambda: reads and door.state().is_alarm is not None)
    assert reads == [CardRead(ADDRESS, number=10058400)]
    assert (door.state().is_open, door.state().is_alarm) == (False, True)


def test_a_reader_that_says_no_is_not_taken_for_an_open_door(line: OsdpLine, reader: Reader) -> None:
    reader.denies = True
    assert _fault_of(OsdpDoor(line.port, ADDRESS, 0).pulse, 5, uuid4()) in (
        DoorFaultCause.DENIED,
        DoorFaultCause.NO_ANSWER,
    )


def test_a_reader_with_another_key_opens_nothing_and_says_nothing(reads: list[CardRead]) -> None:
    with reader_with(OTHER) as stranger:
        line = hold_line(stranger.port, 38_400, {ADDRESS: KEY}, reads.append)
        stranger.present(CARD.to_bytes(4, "big"), 26)
        time.sleep(0.4)
        assert not line.is_secure(ADDRESS)
        assert _fault_of(OsdpDoor(line.port, ADDRESS, 0).pulse, 5, uuid4()) is DoorFaultCause.NO_ANSWER
        drop_lines(set())
        assert (reads, stranger.commands) == ([], [])


@pytest.mark.whole  # the library itself waits 8 s before it calls a reader silent
def test_a_reader_that_had_no_power_is_found_again(
    line: OsdpLine, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(osdp_line, "AGAIN_SECONDS", 0.4)
    reader.stop()
    _wait(lambda: not line.is_secure(ADDRESS), 20)
    assert _fault_of(OsdpDoor(line.port, ADDRESS, 0).pulse, 5, uuid4()) is DoorFaultCause.NO_ANSWER
    reader.start()
    _wait(lambda: line.is_secure(ADDRESS), 20)
    OsdpDoor(line.port, ADDRESS, 0).pulse(5, uuid4())


def test_a_line_is_opened_once_and_anew_with_another_key(
    line: OsdpLine, reader: Reader, reads: list[CardRead]
) -> None:
    assert hold_line(line.port, 38_400, {ADDRESS: KEY}, reads.append) is line
    other = hold_line(line.port, 38_400, {ADDRESS: OTHER}, reads.append)
    assert other is not line
    assert line.fault is DoorFaultCause.NOT_CONNECTED
    drop_lines(set())
    assert _fault_of(OsdpDoor(line.port, ADDRESS, 0).state) is DoorFaultCause.NOT_CONNECTED


@pytest.mark.parametrize("keys", [{}, {1: b"short"}, {1: DEFAULT_KEY}, {127: KEY}, {1: KEY, 2: KEY}], ids=str)
def test_no_line_opens_with_a_key_that_protects_nothing(keys: dict[int, bytes]) -> None:
    assert _fault_of(OsdpLine, "/dev/null", 9600, keys, lambda _read: None) is DoorFaultCause.NOT_SET_UP


def test_a_port_that_is_not_there_is_named() -> None:
    assert (
        _fault_of(OsdpLine, "/dev/no-such-port", 9600, {1: KEY}, lambda _read: None)
        is DoorFaultCause.NO_ANSWER
    )
