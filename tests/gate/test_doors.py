"""Each driver against a device of its kind on this computer; the bytes are what the makers published.

UHPPOTE: github.com/uhppoted/uhppoted-lib-python, integration_tests/uhppoted/stub.py and tests/uhppoted.
Shelly: shelly-api-docs.shelly.cloud/gen2, ComponentsAndServices/Switch: Switch.Set with id, on, toggle_after
(seconds) answers {"was_on": ...}; a status has id, source, output. General/ComponentConcept: each
component has GetStatus. An id that is not there is error -105, "Argument 'id', value N not found!", as many
published tests of clients have it (its HTTP status is 404 or 500 there; any but 200 is denied here).
Flash of a relay: waveshare.com/wiki/Modbus_POE_ETH_Relay and Modbus_RTU_Relay, whose examples published tests
of clients repeat: 01 05 02 00 00 07 8D B0 is relay 0 for 700 ms, 01 05 02 01 00 08 9C 74 relay 1 for 800 ms,
01 02 00 00 00 08 79 CC reads inputs.
Delay of a relay: github.com/Erriez/R421A08-rs485-8ch-relay-board, relay_boards/R421A08.py: function 6, relays
1 to 8, 06 and the seconds; read by function 3. 01 06 00 01 06 0A 5B AD is relay 1 for ten seconds.
"""

import builtins
import inspect
import socket
import sys
import threading
import time
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.support.doors import (
    SERIAL,
    FakeBoard,
    FakeController,
    FakeEvent,
    FakeShelly,
    answers_at_a_port,
    board_at_a_port,
    controller_at_a_port,
    shelly_at_a_port,
)

from willing.gate.doors import modbus, osdp_line, protocol, shelly, typing_reader, uhppote
from willing.gate.doors.modbus import BoardAddress, ModbusDoor, Timed
from willing.gate.doors.protocol import (
    Contacts,
    Controller,
    DoorDriver,
    DoorFault,
    DoorFaultCause,
    ListedCard,
)
from willing.gate.doors.shelly import ShellyAddress, ShellyDoor
from willing.gate.doors.uhppote import ControllerAddress, UhppoteDoor

UNTIL = date(2027, 7, 31)
AT = datetime(2026, 11, 27, 7, 58, 3)  # noqa: DTZ001  # as a controller's clock, it has no zone


def _published(text: str) -> bytes:
    return bytes.fromhex(text).ljust(64, b"\0")


def _uhppote(address: str, door: int = 1, doors: tuple[int, ...] = ()) -> UhppoteDoor:
    return UhppoteDoor(ControllerAddress(address, SERIAL), door, doors)


def _fault_of(deed: Any, *args: object) -> DoorFaultCause:
    with pytest.raises(DoorFault) as caught:
        deed(*args)
    return caught.value.fault


@pytest.mark.parametrize(
    ("asked", "answered", "controller"),
    [
        ("17400000 78372a18 03", "17400000 78372a18 01", FakeController()),
        ("17820000 78372a18 03", "17820000 78372a18 030307", FakeController(modes={3: (3, 7)})),
        ("17580000 78372a18", "17580000 78372a18 03", FakeController(cards=dict.fromkeys((1, 2, 3)))),  # type: ignore[arg-type]
        (
            "17500000 78372a18 15cd5b07 20230101 20251231 01001d01",
            "17500000 78372a18 01",
            FakeController(),
        ),
        (
            "17520000 78372a18 a2987c00",
            "17520000 78372a18 01",
            FakeController(cards={8165538: (UNTIL, ())}, places=[8165538]),
        ),
        (
            "17b00000 78372a18 1d000000",
            "17b00000 78372a18 1d000000 02010101 00000000 20190803103429 01",
            FakeController(events={29: FakeEvent(0, AT.replace(2019, 8, 3, 10, 34, 29), kind=2)}),
        ),
        (
            "17300000 78372a18 20210528145614",
            "17300000 78372a18 20210528145614",
            FakeController(),
        ),
    ],
)
def test_the_fake_controller_answers_in_the_published_bytes(
    asked: str, answered: str, controller: FakeController
) -> None:
    reply = controller.answer(_published(asked))
    assert reply == _published(answered)


def test_a_pulse_sends_the_published_bytes_and_nothing_that_lasts() -> None:
    controller = FakeController()
    with controller_at_a_port(controller) as address:
        _uhppote(address, 3).pulse(5, uuid4())
    assert controller.asked == [_published("17820000 78372a18 03"), _published("17400000 78372a18 03")]


def test_a_pulse_of_another_length_sets_how_long_the_door_stays_open_and_keeps_it_controlled() -> None:
    controller = FakeController()
    with controller_at_a_port(controller) as address:
        _uhppote(address, 3).pulse(7, uuid4())
    assert controller.modes[3] == (3, 7)
    assert controller.commands() == [0x82, 0x80, 0x40]


def test_one_passage_gets_one_pulse() -> None:
    controller, passage = FakeController(), uuid4()
    with controller_at_a_port(controller) as address:
        door = _uhppote(address)
        door.pulse(5, passage)
        door.pulse(5, passage)
    assert controller.commands().count(0x40) == 1


@pytest.mark.parametrize("seconds", [0, 11, -1, 86_400])
def test_no_pulse_is_longer_than_ten_seconds(seconds: int) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        _uhppote("127.0.0.1:9").pulse(seconds, uuid4())


def test_a_door_that_another_program_holds_shut_is_named_and_not_touched() -> None:
    controller = FakeController(modes={1: (2, 5)})
    with controller_at_a_port(controller) as address:
        assert _fault_of(_uhppote(address).pulse, 5, uuid4()) is DoorFaultCause.KEPT_SHUT
    assert controller.modes == {1: (2, 5)}


def test_a_door_that_is_held_open_needs_no_pulse_and_stays_open() -> None:
    controller = FakeController(modes={1: (1, 5)})
    with controller_at_a_port(controller) as address:
        _uhppote(address).pulse(5, uuid4())
    assert controller.commands() == [0x82]


def test_a_controller_that_says_no_is_not_taken_for_an_open_door() -> None:
    with controller_at_a_port(FakeController(opens=False)) as address:
        assert _fault_of(_uhppote(address).pulse, 5, uuid4()) is DoorFaultCause.DENIED


def test_a_pulse_that_failed_may_be_tried_again() -> None:
    controller, passage = FakeController(opens=False), uuid4()
    with controller_at_a_port(controller) as address:
        door = _uhppote(address)
        _fault_of(door.pulse, 5, passage)
        controller.opens = True
        door.pulse(5, passage)
    assert controller.commands().count(0x40) == 2


def test_the_alarm_contact_the_door_and_the_clock_are_read() -> None:
    controller = FakeController(inputs=1, open_doors={2}, clock=AT, cards={8: (UNTIL, (1,))}, places=[8])
    with controller_at_a_port(controller) as address:
        state = _uhppote(address, 2).state()
    assert (state.is_alarm, state.is_open, state.clock, state.cards) == (True, True, AT, 1)


def test_the_list_is_written_where_it_differs_new_cards_first() -> None:
    controller = FakeController(
        cards={5: (UNTIL, (1, 2)), 6: (UNTIL, (1,)), 9: (UNTIL, (1, 2))}, places=[5, 0xFFFFFFFF, 6, 9]
    )
    with controller_at_a_port(controller) as address:
        door = _uhppote(address, 1, (1, 2))
        changed = door.put_list([ListedCard(5, UNTIL), ListedCard(6, UNTIL), ListedCard(7, UNTIL)])
        assert changed == 3  # 6 opens door 2 as well, 7 is new, 9 is gone
        assert controller.cards == dict.fromkeys((5, 6, 7), (UNTIL, (1, 2)))
        writes = [code for code in controller.commands() if code in (0x50, 0x52)]
        assert writes == [0x50, 0x50, 0x52]
        assert door.put_list([ListedCard(5, UNTIL), ListedCard(6, UNTIL), ListedCard(7, UNTIL)]) == 0


def test_a_number_that_a_controller_cannot_hold_is_left_out() -> None:
    controller = FakeController()
    with controller_at_a_port(controller) as address:
        assert _uhppote(address).put_list([ListedCard(0xFFFFFFFF, UNTIL), ListedCard(2**40, UNTIL)]) == 0


def test_a_controller_that_dies_in_the_middle_of_a_list_keeps_what_it_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uhppote, "ANSWER_SECONDS", 0.06)
    controller = FakeController(cards={5: (UNTIL, (1,))}, places=[5], dies_after=4)
    with controller_at_a_port(controller) as address:
        assert (
            _fault_of(_uhppote(address).put_list, [ListedCard(6, UNTIL), ListedCard(7, UNTIL)])
            is DoorFaultCause.NO_ANSWER
        )
    assert 5 in controller.cards  # nothing is deleted before everything new is there


def test_events_come_in_order_with_swipes_told_from_the_rest() -> None:
    events = {
        10: FakeEvent(8165538, AT, door=2, direction=2),
        11: FakeEvent(0, AT, kind=2),
        12: FakeEvent(8165539, AT, granted=0),
    }
    with controller_at_a_port(FakeController(events=events)) as address:
        found = list(_uhppote(address).events(3, 100))
    assert [(one.no, one.door, one.number, one.is_granted, one.is_in) for one in found] == [
        (10, 2, 8165538, True, False),
        (11, 0, 0, False, None),
        (12, 1, 8165539, False, True),
    ]


def test_no_more_events_are_read_than_wanted_and_none_twice() -> None:
    events = {no: FakeEvent(no, AT) for no in range(5, 25)}
    with controller_at_a_port(FakeController(events=events)) as address:
        door = _uhppote(address)
        assert [one.no for one in door.events(0, 10)] == list(range(5, 15))
        assert [one.no for one in door.events(14, 100)] == list(range(15, 25))
        assert list(door.events(24, 100)) == []


def test_a_number_that_is_used_again_has_another_mark() -> None:
    controller = FakeController(events={7: FakeEvent(1, AT)})
    with controller_at_a_port(controller) as address:
        door = _uhppote(address)
        mark = door.event_mark(7)
        assert mark
        assert door.event_mark(8) == ""
        controller.events[7] = FakeEvent(1, AT.replace(hour=9))
        assert door.event_mark(7) not in ("", mark)


def test_a_controller_without_power_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uhppote, "ANSWER_SECONDS", 0.06)
    with controller_at_a_port(FakeController(is_silent=True)) as address:
        assert _fault_of(_uhppote(address).pulse, 5, uuid4()) is DoorFaultCause.NO_ANSWER


def test_another_controller_at_the_address_is_not_believed() -> None:
    with controller_at_a_port(FakeController(serial=303986753)) as address:
        assert _fault_of(_uhppote(address).pulse, 5, uuid4()) is DoorFaultCause.WRONG_DEVICE


def test_what_is_no_controller_is_not_believed() -> None:
    class Noise(FakeController):
        def answer(self, message: bytes) -> bytes | None:
            return b"\xff" * 64

    with controller_at_a_port(Noise()) as address:
        assert _fault_of(_uhppote(address).state) is DoorFaultCause.WRONG_DEVICE


def test_a_controller_that_hangs_up_is_no_answer_and_keeps_no_thread() -> None:
    with answers_at_a_port(lambda _line: None) as address:
        door = UhppoteDoor(ControllerAddress(address, SERIAL, is_tcp=True), 1)
        assert _fault_of(door.pulse, 5, uuid4()) is DoorFaultCause.NO_ANSWER


def test_an_answer_that_comes_in_pieces_is_whole_and_one_that_is_longer_is_none() -> None:
    controller = FakeController()

    def in_pieces(line: socket.socket) -> None:
        reply = controller.answer(_published("17820000 78372a18 03")) or b""
        line.sendall(reply[:10])
        time.sleep(0.01)
        line.sendall(reply[10:])

    with answers_at_a_port(in_pieces) as address:
        door = UhppoteDoor(ControllerAddress(address, SERIAL, is_tcp=True), 3)
        assert door._ask("get_door_control", 3).mode == 3
    with answers_at_a_port(lambda line: line.sendall(b"\x17\x82" * 100)) as address:
        door = UhppoteDoor(ControllerAddress(address, SERIAL, is_tcp=True), 3)
        assert _fault_of(door.pulse, 5, uuid4()) is DoorFaultCause.WRONG_DEVICE


def test_noise_and_what_others_send_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise for longer than is waited, then the right answer; and a right answer of somebody else at once."""
    monkeypatch.setattr(uhppote, "ANSWER_SECONDS", 0.1)
    right = FakeController()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        device.bind(("127.0.0.1", 0))

        def noise() -> None:
            question, asker = device.recvfrom(1024)
            other.sendto(right.answer(question) or b"", asker)
            for _ in range(30):
                device.sendto(b"noise", asker)
                time.sleep(0.01)
            device.sendto(right.answer(question) or b"", asker)

        thread = threading.Thread(target=noise)
        thread.start()
        door = _uhppote(f"127.0.0.1:{device.getsockname()[1]}")
        assert _fault_of(door._ask, "get_door_control", 1) is DoorFaultCause.NO_ANSWER
        thread.join()


def test_a_controller_that_claims_a_list_without_end_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(FakeController):
        def _on_58(self, _message: bytes, reply: bytearray) -> None:
            reply[8:12] = b"\xff" * 4

        def _on_5c(self, message: bytes, reply: bytearray) -> None:
            reply[8:12], reply[12:16], reply[16:20] = message[8:12], b"\x20\x20\x01\x01", b"\x20\x27\x01\x01"

    monkeypatch.setattr(uhppote, "LIST_SECONDS_MAX", 0.05)
    with controller_at_a_port(Endless()) as address:
        assert _fault_of(_uhppote(address).state) is DoorFaultCause.WRONG_DEVICE
        assert _fault_of(_uhppote(address).put_list, []) is DoorFaultCause.NO_ANSWER


@pytest.mark.parametrize("year", ["0001", "1999", "9999"])
def test_a_swipe_of_a_year_that_no_clock_shows_has_no_time(year: str) -> None:
    class Astray(FakeController):
        def _put_event(self, reply: bytearray, no: int) -> None:
            super()._put_event(reply, no)
            reply[20:22] = bytes.fromhex(year)

    with controller_at_a_port(Astray(events={1: FakeEvent(1, AT)})) as address:
        assert [one.at for one in _uhppote(address).events(0, 5)] == [None]


def test_a_shelly_ends_its_pulse_itself() -> None:
    relay = FakeShelly()
    with shelly_at_a_port(relay) as host:
        ShellyDoor(ShellyAddress(host), 0).pulse(4, uuid4())
    assert relay.calls == [("Switch.Set", {"id": 0, "on": True, "toggle_after": 4})]


def test_a_shelly_opens_only_with_its_password() -> None:
    relay = FakeShelly(password="to-the-gate")
    with shelly_at_a_port(relay) as host:
        ShellyDoor(ShellyAddress(host, "to-the-gate"), 0).pulse(4, uuid4())
        assert len(relay.calls) == 1
        for wrong in ("", "to-the-shop"):
            assert (
                _fault_of(ShellyDoor(ShellyAddress(host, wrong), 0).pulse, 4, uuid4())
                is DoorFaultCause.WRONG_SECRET
            )
    assert len(relay.calls) == 1


def test_a_wire_that_breaks_reads_like_an_alarm() -> None:
    relay = FakeShelly(inputs={0: True, 1: False, 2: None})
    with shelly_at_a_port(relay) as host:
        state = ShellyDoor(ShellyAddress(host), 0, Contacts(door=0, alarm=1)).state()
        assert (state.is_open, state.is_alarm) == (False, True)
        state = ShellyDoor(ShellyAddress(host), 0, Contacts(alarm=2)).state()
        assert (state.is_open, state.is_alarm) == (None, None)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"<html>", DoorFaultCause.WRONG_DEVICE),
        (b"[1]", DoorFaultCause.WRONG_DEVICE),
        (b" " * 70_000, DoorFaultCause.WRONG_DEVICE),
        (b"[" * 60_000, DoorFaultCause.WRONG_DEVICE),
        (b'{"a":' * 10_000, DoorFaultCause.WRONG_DEVICE),
    ],
)
def test_what_is_no_shelly_is_not_believed(body: bytes, fault: DoorFaultCause) -> None:
    with shelly_at_a_port(FakeShelly(body=body)) as host:
        assert _fault_of(ShellyDoor(ShellyAddress(host), 0).state) is fault


@pytest.mark.parametrize(
    ("status", "header"),
    [
        ("401", 'WWW-Authenticate: Digest nonce="x"'),
        ("401", 'WWW-Authenticate: Digest realm="x"'),
        ("302", "Location: http://[::no-address"),
    ],
)
def test_an_answer_that_the_package_does_not_expect_is_of_no_shelly(status: str, header: str) -> None:
    whole = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{header}\r\n\r\n".encode()
    with answers_at_a_port(lambda line: line.sendall(whole)) as host:
        door = ShellyDoor(ShellyAddress(host, "to-the-gate"), 0)
        assert _fault_of(door.pulse, 4, uuid4()) is DoorFaultCause.WRONG_DEVICE


def test_an_answer_that_comes_a_byte_at_a_time_is_waited_for_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each byte comes in time and the answer is right; eight such presses were all threads of a server."""
    monkeypatch.setattr(shelly, "ANSWER_SECONDS", 0.1)

    def drip(line: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Slow: 123456789\r\n\r\n{}":
            line.sendall(bytes((byte,)))
            time.sleep(0.01)

    with answers_at_a_port(drip) as host:
        assert _fault_of(ShellyDoor(ShellyAddress(host), 0).pulse, 4, uuid4()) is DoorFaultCause.NO_ANSWER


def test_a_relay_that_a_shelly_does_not_have_is_denied() -> None:
    with shelly_at_a_port(FakeShelly()) as host:
        assert _fault_of(ShellyDoor(ShellyAddress(host), 3).pulse, 5, uuid4()) is DoorFaultCause.DENIED


def test_a_board_flashes_its_relay_in_the_published_bytes() -> None:
    board = FakeBoard()
    with board_at_a_port(board) as at:
        ModbusDoor(BoardAddress(at), 0).pulse(7, uuid4())
    assert board.frames == [bytes.fromhex("05 02 00 00 46")]  # 70 tenths; published: 07 for 700 ms


def test_a_board_with_a_delay_gets_its_seconds() -> None:
    board = FakeBoard()
    with board_at_a_port(board) as at:
        ModbusDoor(BoardAddress(at, timed=Timed.DELAY), 0).pulse(10, uuid4())
    assert board.frames == [bytes.fromhex("06 00 01 06 0a")]


@pytest.mark.parametrize(
    ("timed", "relay", "sent", "published"),
    [
        (Timed.FLASH, 0, "05 02 00 00 07", "01 05 02 00 00 07 8d b0"),
        (Timed.FLASH, 1, "05 02 01 00 08", "01 05 02 01 00 08 9c 74"),
        (Timed.DELAY, 0, "06 00 01 06 0a", "01 06 00 01 06 0a 5b ad"),
    ],
)
def test_on_a_line_a_pulse_is_the_published_frame_with_its_check_sum(
    timed: Timed, relay: int, sent: str, published: str
) -> None:
    from pymodbus.framer import FramerRTU
    from pymodbus.pdu import DecodePDU
    from pymodbus.pdu.register_message import WriteSingleRegisterRequest

    frame = bytes.fromhex(sent)
    if timed is Timed.FLASH:
        asked = modbus._flash(1, relay, frame[-1])
    else:
        at, value = relay + 1, modbus.DELAY + frame[-1]
        asked = WriteSingleRegisterRequest(address=at, registers=[value], dev_id=1)
    assert bytes((asked.function_code,)) + asked.encode() == frame
    assert FramerRTU(DecodePDU(is_server=False)).buildFrame(asked) == bytes.fromhex(published)


def test_a_boards_inputs_are_read_and_never_written() -> None:
    board = FakeBoard(inputs=[True, False])
    with board_at_a_port(board) as at:
        state = ModbusDoor(BoardAddress(at), 0, Contacts(door=0, alarm=1)).state()
    assert (state.is_open, state.is_alarm) == (False, True)
    assert {frame[0] for frame in board.frames} == {1, 2}


def test_a_board_that_says_no_or_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with board_at_a_port(FakeBoard(denies=True)) as at:
        assert _fault_of(ModbusDoor(BoardAddress(at), 0).pulse, 5, uuid4()) is DoorFaultCause.DENIED
    assert _fault_of(ModbusDoor(BoardAddress(at), 0).pulse, 5, uuid4()) is DoorFaultCause.NO_ANSWER


def test_a_board_that_never_answers_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modbus, "ANSWER_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at = f"127.0.0.1:{silent.getsockname()[1]}"
        assert _fault_of(ModbusDoor(BoardAddress(at), 0).pulse, 5, uuid4()) is DoorFaultCause.NO_ANSWER


@pytest.mark.parametrize(
    ("missing", "deed"),
    [
        ("uhppoted", lambda: _uhppote("127.0.0.1:9").state()),
        ("requests", lambda: ShellyDoor(ShellyAddress("127.0.0.1:9"), 0).state()),
        ("pymodbus", lambda: ModbusDoor(BoardAddress("127.0.0.1:9"), 0).state()),
        ("osdp", lambda: osdp_line.OsdpLine("/dev/null", 9600, {1: b"k" * 16}, lambda _read: None)),
        ("evdev", lambda: typing_reader.TypingReader("/dev/null", lambda _keys: None)),
    ],
)
def test_a_package_that_is_not_installed_is_named(
    missing: str, deed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == missing:
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DoorFault, match=f"not_installed .*{missing}"):
        deed()


def test_no_driver_has_a_way_to_hold_a_lock_shut_or_to_write_the_alarm_contact() -> None:
    """What each kind of device would need for it, and its published code, is nowhere in our drivers."""
    allowed = {"pulse", "state", "put_list", "events", "event_mark", "set_clock"}
    for kind in (DoorDriver, Controller, UhppoteDoor, ShellyDoor, ModbusDoor, osdp_line.OsdpDoor):
        assert {name for name in vars(kind) if not name.startswith("_")} <= allowed, kind
    source = "".join(inspect.getsource(one) for one in (uhppote, shelly, modbus, osdp_line, protocol))
    for way in (
        "set_interlock",
        "set_antipassback",
        "set_firstcard",
        "add_task",
        "delete_all_cards",
        "set_pc_control",
        "write_coil",
        "write_coils",
        '"on": False',
        "InstallMode",
        '"control_code": 6',
    ):
        assert way not in source, way


def test_importing_the_drivers_imports_no_makers_package() -> None:
    import subprocess

    code = (
        "import sys, willing.gate.doors.uhppote, willing.gate.doors.shelly, willing.gate.doors.modbus, "
        "willing.gate.doors.osdp_line, willing.gate.doors.typing_reader;"
        "makers = 'uhppoted requests pymodbus osdp serial evdev django'.split();"
        "print([one for one in makers if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
