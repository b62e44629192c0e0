"""Nothing of ours holds a lock shut: all that drivers send is recorded, and each is a read or a short pulse.

A pulse is ended by the device itself, also where the process that sent it was killed.
"""

import os
import signal
import struct
import subprocess
import sys
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.support.doors import (
    SERIAL,
    FakeBoard,
    FakeController,
    FakeShelly,
    board_at_a_port,
    controller_at_a_port,
    shelly_at_a_port,
)
from tests.support.gates import a_lane
from tests.support.osdp_reader import ADDRESS, reader_with

from willing.gate.device_rules import DeviceSettings, Driver
from willing.gate.devices import NewDevice, NewLock, remove_device, set_up_lock, unwire_door
from willing.gate.doors.modbus import BoardAddress, ModbusDoor, Timed
from willing.gate.doors.osdp_line import OsdpDoor, drop_lines, hold_line
from willing.gate.doors.protocol import Contacts, ListedCard
from willing.gate.doors.shelly import ShellyAddress, ShellyDoor
from willing.gate.doors.uhppote import ControllerAddress, UhppoteDoor
from willing.gate.set_up import close_lane, reopen_lane, retire_door, retire_lane

KEY = bytes.fromhex("4f9c1d2e7a6b58301122334455667788")
SECONDS = range(1, 11)
CONTACTS = Contacts(door=0, alarm=1)
AT = datetime(2026, 11, 27, 8, 0)  # noqa: DTZ001  # as a controller's clock, it has no zone
# Every command that a door has, with what it is called with beside a pulse; another one fails the test.
COMMANDS: dict[str, list[tuple[Any, ...]]] = {
    "state": [()],
    "put_list": [([ListedCard(5, date(2027, 1, 31))],), ([],)],
    "events": [(0, 9)],
    "event_mark": [(1,)],
    "set_clock": [(AT,)],
}


def do_all(door: Any) -> None:
    """Give a door every command that it has."""
    for seconds in SECONDS:
        door.pulse(seconds, uuid4())
    found = {name for name in dir(door) if not name.startswith("_") and callable(getattr(door, name))}
    for name in sorted(found - {"pulse"}):
        for args in COMMANDS[name]:
            answer = getattr(door, name)(*args)
            if name == "events":  # asked for one after the other
                list(answer)


# UHPPOTE: status, time, control of a door, cards, an event: these only read; lists and clock open no lock.
READS = {0x20, 0x32, 0x82, 0x58, 0x5A, 0x5C, 0xB0}
LISTS = {0x50, 0x52, 0x30}
OPEN, SET_CONTROL, CONTROLLED = 0x40, 0x80, 3


def holds_shut_by_controller(frame):
    """Return what is wrong with 64 bytes to a controller, or nothing."""
    command = frame[1]
    if command in READS | LISTS | {OPEN}:
        return ""
    if command == SET_CONTROL and frame[9] == CONTROLLED and 1 <= frame[10] <= 10:
        return ""
    return frame[:12].hex()


def holds_shut_by_relay(method, sent):
    """Return what is wrong with a call to a Shelly, or nothing."""
    if method in ("Switch.GetStatus", "Input.GetStatus"):
        return ""
    is_pulse = method == "Switch.Set" and sent.keys() == {"id", "on", "toggle_after"} and sent["on"] is True
    return "" if is_pulse and 1 <= sent["toggle_after"] <= 10 else f"{method} {sent}"


def holds_shut_by_board(frame):
    """Return what is wrong with a request to a board, or nothing: reads, FLASH and DELAY for 1 to 10 s."""
    code, at, value = struct.unpack(">BHH", frame[:5])
    is_flash = code == 5 and at >> 8 == 2 and 10 <= value <= 100
    is_delay = code == 6 and value >> 8 == 6 and 1 <= value & 0xFF <= 10
    return "" if code in (1, 2, 3, 4) or is_flash or is_delay else frame.hex()


@pytest.mark.parametrize("delay", [0, 5, 200])
def test_a_controller_is_sent_reads_lists_and_short_pulses_alone(delay):
    fake = FakeController(modes={1: (CONTROLLED, delay)})
    with controller_at_a_port(fake) as address:
        do_all(UhppoteDoor(ControllerAddress(address, SERIAL), 1))
    assert [wrong for one in fake.asked if (wrong := holds_shut_by_controller(one))] == []
    assert fake.commands().count(OPEN) == len(SECONDS)
    assert fake.modes == {1: (CONTROLLED, 10)}, "controlled as before, and let go for ten seconds at most"


def test_a_relay_is_sent_reads_and_short_pulses_alone():
    fake = FakeShelly(inputs={0: True, 1: False})
    with shelly_at_a_port(fake) as host:
        do_all(ShellyDoor(ShellyAddress(host), 0, CONTACTS))
    assert [wrong for one in fake.calls if (wrong := holds_shut_by_relay(*one))] == []
    assert [one for one, _sent in fake.calls].count("Switch.Set") == len(SECONDS)


@pytest.mark.parametrize("timed", list(Timed))
def test_a_board_is_sent_reads_and_short_pulses_alone(timed):
    fake = FakeBoard()
    with board_at_a_port(fake) as address:
        do_all(ModbusDoor(BoardAddress(address, timed=timed), 0, CONTACTS))
    assert [wrong for one in fake.frames if (wrong := holds_shut_by_board(one))] == []
    assert sum(one[0] in (5, 6) for one in fake.frames) == len(SECONDS)


def test_an_osdp_module_is_sent_short_pulses_alone():
    with reader_with(KEY) as reader:
        line = hold_line(reader.port, 38_400, {ADDRESS: KEY}, lambda _read: None)
        while not line.is_secure(ADDRESS):
            assert line.fault is None
        door = OsdpDoor(line.port, ADDRESS, 1, CONTACTS)
        for seconds in (1, 10):
            door.pulse(seconds, uuid4())
        door.state()
        sent = [(one["control_code"], one["timer_count"]) for one in reader.commands]
        drop_lines(set())
    assert sent == [(5, 10), (5, 100)], "5: on for a time, then off by itself"
    assert {name for name in dir(door) if not name.startswith("_") and callable(getattr(door, name))} == {
        "pulse",
        "state",
    }


def test_what_is_wrong_is_noticed():
    shut, long = bytes((0x17, 0x80, *[0] * 6, 1, 2, 5)), bytes((0x17, 0x80, *[0] * 6, 1, 3, 11))
    assert holds_shut_by_controller(shut)
    assert holds_shut_by_controller(long)
    assert holds_shut_by_controller(bytes((0x17, 0xA2, *[0] * 62)))  # interlock
    for sent in ({"id": 0, "on": False}, {"id": 0, "on": True}, {"id": 0, "on": True, "toggle_after": 11}):
        assert holds_shut_by_relay("Switch.Set", sent)
    for frame in ("050000ff00", "0500000000", "0502000065", "0600010101", "0f00000001"):
        assert holds_shut_by_board(bytes.fromhex(frame)), frame


def test_what_the_office_does_with_lanes_and_doors_asks_no_device(cast):
    fake, office = FakeShelly(), cast.user("office")
    lane = a_lane(cast.school, by=office)
    with shelly_at_a_port(fake) as host:
        new = NewDevice(DeviceSettings(Driver.SHELLY, host))
        wiring = set_up_lock(lane.door, new, NewLock(0, 3), by=office)
        close_lane(lane, by=office)
        reopen_lane(lane, by=office)
        retire_lane(lane, by=office)
        unwire_door(lane.door, by=office)
        retire_door(lane.door, by=office)
        remove_device(wiring.device, by=office)
    assert fake.calls == []


# What a process does that is killed right after, or in between: a pulse, and then nothing more.
PULSE = """
import os, sys
from uuid import uuid4
from willing.gate.doors.modbus import BoardAddress, ModbusDoor
from willing.gate.doors.shelly import ShellyAddress, ShellyDoor
from willing.gate.doors.uhppote import ControllerAddress, UhppoteDoor
kind, at = sys.argv[1:]
door = {
    "controller": lambda: UhppoteDoor(ControllerAddress(at, 405419896), 1),
    "relay": lambda: ShellyDoor(ShellyAddress(at), 0),
    "board": lambda: ModbusDoor(BoardAddress(at), 0),
}[kind]()
door.pulse(7, uuid4())
os.kill(os.getpid(), 9)
"""


def kill_after_pulse(kind, address):
    command = [sys.executable, "-c", PULSE, kind, address]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.whole
def test_a_pulse_of_a_killed_process_is_ended_by_the_device_and_the_way_out_is_free():
    controller, relay, board = FakeController(), FakeShelly(), FakeBoard()
    with controller_at_a_port(controller) as address:
        kill_after_pulse("controller", address)
    with shelly_at_a_port(relay) as address:
        kill_after_pulse("relay", address)
    with board_at_a_port(board) as address:
        kill_after_pulse("board", address)
    # Nobody is there to end it any more: each had the end in the command itself, or in its own settings.
    assert controller.commands()[-1] == OPEN
    assert controller.modes[1] == (CONTROLLED, 7)
    assert relay.calls[-1] == ("Switch.Set", {"id": 0, "on": True, "toggle_after": 7})
    assert board.frames[-1] == bytes.fromhex("0502000046")


class Killing(FakeController):
    """A controller at whose n-th question the process that asks is killed."""

    dies_at = 0
    process: Any = None

    def answer(self, message):
        """Kill instead of answering."""
        if len(self.asked) == self.dies_at:
            os.kill(self.process.pid, signal.SIGKILL)
            self.asked.append(message)
            return None
        return super().answer(message)


@pytest.mark.whole
@pytest.mark.parametrize("dies_at", [0, 1, 2])
def test_a_process_that_is_killed_between_two_questions_leaves_the_lock_as_it_was(dies_at):
    fake = Killing(modes={1: (CONTROLLED, 5)})
    fake.dies_at = dies_at
    with controller_at_a_port(fake) as address:
        fake.process = subprocess.Popen([sys.executable, "-c", PULSE, "controller", address])
        assert fake.process.wait(60) == -signal.SIGKILL
    mode, delay = fake.modes[1]
    assert mode == CONTROLLED, "neither held open nor held shut"
    assert 1 <= delay <= 10
    assert [wrong for one in fake.asked if (wrong := holds_shut_by_controller(one))] == []
