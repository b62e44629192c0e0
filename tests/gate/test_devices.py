"""Devices at doors, set up, spoken with by the worker, slow, forgetful and gone."""

import secrets
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.support.card_keys import key_of
from tests.support.clocks import stopped_at
from tests.support.doors import (
    SERIAL,
    FakeController,
    FakeEvent,
    FakeShelly,
    controller_at_a_port,
    shelly_at_a_port,
)
from tests.support.log import facts_of
from tests.support.statements import statements

from willing.core.errors import Refused
from willing.credentials.cards import issue_card, revoke_cards
from willing.credentials.models import Card
from willing.credentials.shares import PrintedCard, card_text, encode_share
from willing.gate import lane_readers, syncing
from willing.gate.card_numbers import (
    find_card_by_number,
    listed_cards,
    number_of,
    purge_door_numbers,
    set_door_number,
)
from willing.gate.device_rules import DeviceSettings, Driver
from willing.gate.devices import (
    NewDevice,
    NewWiring,
    remove_device,
    require_device,
    set_device,
    unwire_door,
    wire_door,
)
from willing.gate.door_models import DoorCardNumber, DoorDevice, DoorOpening
from willing.gate.doors import typing_reader, uhppote
from willing.gate.doors.osdp_line import CardRead
from willing.gate.doors.protocol import DoorEvent
from willing.gate.doors.typing_reader import KeyCollector
from willing.gate.drivers import open_secret
from willing.gate.identification import pass_by_card
from willing.gate.lane_readers import Read, take_read
from willing.gate.models import Passage
from willing.gate.opening import open_for_passage, purge_openings
from willing.gate.passages import Press
from willing.gate.queries import alarms_of
from willing.gate.syncing import enqueue_due_devices, set_device_clock, sync_device
from willing.jobs.models import Job
from willing.people.models import School
from willing.terminals.keyboards import KeyboardLayout

NUMBER = 10058400
KEY = "4f9c1d2e7a6b58301122334455667788"
MORNING = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def _refusal(deed: Any, *args: object, **more: object) -> str:
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return refused.value.code


@pytest.fixture
def office(cast):
    return cast.user("office")


@pytest.fixture
def card(cast, office) -> Card:
    """A card of Carl's that readers at doors know."""
    issue_card(cast.person("Carl"), by=office)
    found = Card.objects.filter(person=cast.person("Carl")).latest("issued_at")
    set_door_number(found, "100,58400", by=office)
    return found


def _add(cast, driver: Driver, address: str, unit: int = 0, **more: Any) -> DoorDevice:
    settings = DeviceSettings(driver, address, unit, more.pop("mode", ""))
    return set_device(cast.school, NewDevice(settings, **more), by=cast.user("office"))


@pytest.fixture
def controller(cast, door, office, monkeypatch):
    """A controller on this computer that opens the door, and its row."""
    monkeypatch.setattr(uhppote, "ANSWER_SECONDS", 0.5)
    fake = FakeController()
    with controller_at_a_port(fake) as address:
        row = _add(cast, Driver.UHPPOTE, address, SERIAL)
        wire_door(door, NewWiring(row, 1, 5), by=office)
        DoorDevice.objects.update(seen_at=MORNING)  # it was asked before, when it remembered nothing
        yield fake, row


def test_a_device_is_set_up_once_and_its_secret_is_sealed(cast, office):
    row = _add(cast, Driver.SHELLY, "192.168.7.30", secret="to-the-gate")
    assert "to-the-gate" not in row.sealed_secret
    assert open_secret(row) == "to-the-gate"
    assert _refusal(_add, cast, Driver.SHELLY, "192.168.7.30") == "device_taken"
    assert _refusal(_add, cast, Driver.UHPPOTE, "8.8.8.8", 5) == "device_not_possible"
    assert facts_of("door_device.set")[-1]["address"] == "192.168.7.30"
    remove_device(row, by=office)
    remove_device(row, by=office)
    assert _refusal(require_device, cast.school, row.pk) == "device_unknown"
    assert len(facts_of("door_device.removed")) == 1


def test_a_kept_password_goes_to_no_other_address(cast, office):
    row = _add(cast, Driver.SHELLY, "192.168.7.30", secret="to-the-gate")
    same = NewDevice(DeviceSettings(Driver.SHELLY, "192.168.7.30"))
    assert open_secret(set_device(cast.school, same, by=office, device=row)) == "to-the-gate"
    moved = NewDevice(DeviceSettings(Driver.SHELLY, "192.168.7.99"))
    assert open_secret(set_device(cast.school, moved, by=office, device=row)) == ""


def test_each_reader_has_a_key_of_its_own(cast):
    _add(cast, Driver.OSDP, "/dev/ttyUSB0", 1, secret=KEY.upper())
    assert _refusal(_add, cast, Driver.OSDP, "/dev/ttyUSB0", 2, secret=KEY) == "device_key_taken"
    assert _refusal(_add, cast, Driver.OSDP, "/dev/ttyUSB0", 2, secret="00") == "device_not_possible"
    _add(cast, Driver.OSDP, "/dev/ttyUSB0", 2, secret=KEY[::-1])


def test_two_locks_are_not_on_one_output_and_none_stays_open_longer_than_ten_seconds(cast, door, office):
    from willing.gate.set_up import add_door

    row, other = _add(cast, Driver.SHELLY, "192.168.7.30"), add_door(cast.school, "Back gate", by=office)
    wire_door(door, NewWiring(row, 0, 5), by=office)
    assert _refusal(wire_door, other, NewWiring(row, 0, 5), by=office) == "device_taken"
    assert _refusal(wire_door, other, NewWiring(row, 1, 11), by=office) == "device_not_possible"
    unwire_door(door, by=office)
    wire_door(other, NewWiring(row, 0, 10), by=office)


def test_one_passage_is_one_pulse_whichever_process_asks(cast, door, office):
    relay, passage = FakeShelly(), uuid4()
    with shelly_at_a_port(relay) as host:
        wire_door(door, NewWiring(_add(cast, Driver.SHELLY, host), 0, 3), by=office)
        assert [open_for_passage(door, passage) for _ in range(3)] == [""] * 3
        assert open_for_passage(door, uuid4()) == ""
    assert [one["toggle_after"] for _, one in relay.calls] == [3, 3]


def test_a_pulse_that_failed_is_named_and_may_be_tried_again(cast, door, office):
    relay, passage = FakeShelly(password="x"), uuid4()
    with shelly_at_a_port(relay) as host:
        wire_door(door, NewWiring(_add(cast, Driver.SHELLY, host), 0, 3), by=office)
        assert open_for_passage(door, passage) == "wrong_secret"
        relay.password = ""
        assert open_for_passage(door, passage) == ""
    assert len(relay.calls) == 1
    with stopped_at(datetime.now(UTC) + timedelta(days=2)):
        assert purge_openings() == 1


def test_a_door_without_a_device_is_opened_by_hand(door):
    assert open_for_passage(door, uuid4()) == ""
    assert not DoorOpening.objects.exists()


def test_a_number_goes_with_its_card(cast, office, card):
    assert find_card_by_number(cast.school, NUMBER) == card
    assert number_of(card)
    assert str(NUMBER) not in DoorCardNumber.objects.get().sealed
    assert [one.number for one in listed_cards(cast.school)] == [NUMBER]
    issue_card(cast.person("Ada"), by=office)
    other = Card.objects.filter(person=cast.person("Ada")).latest("issued_at")
    assert _refusal(set_door_number, other, "10058400", by=office) == "door_number_taken"
    assert _refusal(set_door_number, other, "a card", by=office) == "door_number_not_valid"
    revoke_cards(cast.person("Carl"), by=office, only=card.pk)
    assert list(listed_cards(cast.school)) == []
    set_door_number(other, "10058400", by=office)
    assert find_card_by_number(cast.school, NUMBER) == other
    set_door_number(other, "", by=office)
    set_door_number(other, "", by=office)
    assert len(facts_of("card.door_number_removed")) == 1
    assert all(str(NUMBER) not in str(one) for one in facts_of("card.door_number_set"))


def test_a_number_that_the_controllers_cannot_hold_is_refused_by_name(cast, office, card):
    chip = str(0x04A1B2C3D4E5F6)  # of seven bytes, as a reader on a line of its own sends it
    set_door_number(card, chip, by=office)
    _add(cast, Driver.UHPPOTE, "192.168.7.20", SERIAL)
    assert _refusal(set_door_number, card, str(0xFFFFFFFF), by=office) == "door_number_too_large"
    assert _refusal(set_door_number, card, "9" * 20, by=office) == "door_number_not_valid"
    set_door_number(card, str(0xFFFFFFFE), by=office)
    assert [one.number for one in listed_cards(cast.school)] == [0xFFFFFFFE]


def test_numbers_of_revoked_cards_are_deleted(cast, office, card):
    assert purge_door_numbers() == 0
    revoke_cards(cast.person("Carl"), by=office, only=card.pk)
    assert purge_door_numbers() == 1


def test_the_controller_gets_the_list_once_and_again_when_it_forgot_it(controller, card, cast, office):
    fake, row = controller
    fake.cards, fake.places = {77: (datetime(2027, 1, 1, tzinfo=UTC).date(), (1,))}, [77]
    sync_device(row.pk)
    assert list(fake.cards) == [NUMBER]
    fake.asked.clear()
    sync_device(row.pk)
    assert not {0x50, 0x52, 0x5C} & set(fake.commands())
    fake.forget()
    sync_device(row.pk)
    assert list(fake.cards) == [NUMBER]
    revoke_cards(cast.person("Carl"), by=office, only=card.pk)
    sync_device(row.pk)
    assert fake.cards == {}
    row.refresh_from_db()
    assert (row.list_cards, row.fault) == (0, "")
    assert row.list_right_at is not None


def _events(count: int, first: int = 1, **more: Any) -> dict[int, FakeEvent]:
    start = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(hours=3)
    return {
        first + no: FakeEvent(NUMBER, start + timedelta(seconds=10 * no % 9_000, minutes=no // 900), **more)
        for no in range(count)
    }


def test_what_the_controller_decided_alone_is_kept_once(controller, card, door):
    fake, row = controller
    fake.events = _events(3)
    fake.events[2].granted = 0
    fake.events[4] = FakeEvent(4711, fake.events[3].at)  # nobody's: nothing of it is kept
    sync_device(row.pk)
    sync_device(row.pk)
    kept = Passage.objects.filter(door=door).order_by("device_event_no")
    assert [(one.device_event_no, one.person_id, one.direction) for one in kept] == [
        (1, card.person_id, "in"),
        (3, card.person_id, "in"),
    ]


def test_of_a_controller_that_was_used_before_only_what_it_decides_from_then_on_is_fetched(
    controller, card, door, cast, office
):
    fake, row = controller
    DoorDevice.objects.update(seen_at=None)
    fake.events = _events(40)
    fake.asked.clear()
    sync_device(row.pk)
    row.refresh_from_db()
    assert (row.last_event, row.fault) == (40, "")
    assert not Passage.objects.exists()
    assert fake.commands().count(0xB0) < 5, "not one after the other"
    fake.events |= _events(2, first=41)
    sync_device(row.pk)
    assert sorted(filter(None, Passage.objects.values_list("device_event_no", flat=True))) == [41, 42]
    # So it goes on where it was when something else about it is changed.
    fake.events |= {no: FakeEvent(NUMBER, fake.events[no - 2].at + timedelta(hours=1)) for no in (43, 44)}
    same = NewDevice(DeviceSettings(Driver.UHPPOTE, row.address, fake.serial), secret="")
    sync_device(set_device(cast.school, same, by=office, device=DoorDevice.objects.get()).pk)
    assert sorted(filter(None, Passage.objects.values_list("device_event_no", flat=True))) == [41, 42, 43, 44]
    # Another one in its place was used before, too.
    fake.serial += 1
    moved = NewDevice(DeviceSettings(Driver.UHPPOTE, row.address, fake.serial))
    other = set_device(cast.school, moved, by=office, device=DoorDevice.objects.get())
    fake.events = _events(60)
    sync_device(other.pk)
    other.refresh_from_db()
    assert (other.last_event, Passage.objects.count()) == (60, 4)


def test_the_first_event_of_a_new_controller_is_fetched(controller, card, door):
    fake, row = controller
    DoorDevice.objects.update(seen_at=None)
    sync_device(row.pk)
    fake.events = _events(1)
    sync_device(row.pk)
    assert Passage.objects.get().device_event_no == 1


def test_numbers_that_begin_anew_collide_with_nothing(controller, card, door):
    fake, row = controller
    fake.events = _events(5)
    sync_device(row.pk)
    fake.events = _events(2, direction=2)
    for event in fake.events.values():
        event.at += timedelta(hours=1)
    sync_device(row.pk)
    numbers = Passage.objects.filter(door=door).values_list("device_event_no", flat=True)
    assert sorted(filter(None, numbers)) == [1, 2, 3, 4, 5, 2**32 + 1, 2**32 + 2]


def test_a_look_that_was_cut_off_goes_on_where_it_was(controller, card, door, monkeypatch):
    fake, row = controller
    monkeypatch.setattr(uhppote, "ANSWER_SECONDS", 0.25)
    monkeypatch.setattr(syncing, "EVENTS_AT_ONCE", 4)
    sync_device(row.pk)
    fake.events = _events(10)
    fake.asked.clear()
    fake.dies_after = 14
    sync_device(row.pk)
    row.refresh_from_db()
    assert (row.fault, row.last_event) == ("no_answer", 4)
    fake.dies_after = None
    sync_device(row.pk)
    assert Passage.objects.filter(door=door).count() == 10
    row.refresh_from_db()
    assert row.fault == ""


def test_fifty_events_take_as_many_statements_as_one(controller, card, door):
    _fake, row = controller
    wirings = list(row.wirings.select_related("device", "door__school"))
    start = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(minutes=9)
    events = [
        DoorEvent(no, 1, NUMBER, is_granted=True, is_in=None, at=start + timedelta(seconds=10 * no))
        for no in range(1, 52)
    ]
    counted = []
    for some in (events[:1], events[1:]):
        with statements() as asked:
            syncing._record(row, wirings, 0, some)
        counted.append(len(asked))
    assert counted[0] == counted[1], counted
    assert Passage.objects.filter(door=door).count() == 51


@pytest.mark.whole
def test_five_thousand_events_of_a_week_come_at_once_and_none_is_lost(controller, card, door):
    fake, row = controller
    begin = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(days=6, hours=12)
    fake.events = {no: FakeEvent(NUMBER, begin + no * timedelta(seconds=110)) for no in range(1, 5_001)}
    sync_device(row.pk)
    row.refresh_from_db()
    assert row.last_event == Passage.objects.filter(door=door).count() == 5_000


def test_a_clock_that_is_off_is_noted_and_can_be_set(controller):
    fake, row = controller
    fake.clock = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=20)
    sync_device(row.pk)
    row.refresh_from_db()
    assert row.drift_seconds < -3600
    set_device_clock(DoorDevice.objects.get(pk=row.pk))
    sync_device(row.pk)
    row.refresh_from_db()
    assert abs(row.drift_seconds) < 60


def test_a_clock_that_was_never_set_makes_no_passage_of_the_past(controller, card, door):
    fake, row = controller
    fake.events = {1: FakeEvent(NUMBER, datetime(2000, 1, 1, tzinfo=UTC))}
    sync_device(row.pk)
    assert Passage.objects.get(door=door).doubt == "clock"


def test_a_time_that_no_calendar_has_holds_up_nothing_that_came_after_it(controller, card, door, cast):
    """Such an event was tried again with each look, and none behind it ever came."""
    fake, row = controller
    fake.events = {no: FakeEvent(NUMBER, datetime(2026, 11, 26, 7, no, tzinfo=UTC)) for no in (1, 2, 3)}
    as_it_is = fake._put_event

    def with_the_last_year_of_all(reply, no):
        as_it_is(reply, no)
        if no == 1:
            reply[20:27] = bytes.fromhex("99991231235959")

    fake._put_event = with_the_last_year_of_all
    School.objects.filter(pk=cast.school.pk).update(time_zone="America/New_York")
    with stopped_at(MORNING):
        sync_device(row.pk)
    row.refresh_from_db()
    assert (row.fault, row.last_event) == ("", 3)
    assert Passage.objects.filter(door=door).count() == 3


def test_a_clock_and_a_list_that_no_column_holds_are_noted(controller):
    fake, row = controller
    fake.clock = datetime(2099, 12, 31, tzinfo=UTC)
    with stopped_at(MORNING):
        sync_device(row.pk)
    row.refresh_from_db()
    assert (row.fault, row.drift_seconds) == ("", 10**9)
    fake._on_58 = lambda _message, reply: reply.__setitem__(slice(8, 12), b"\xff" * 4)
    with stopped_at(MORNING):
        sync_device(row.pk)
    row.refresh_from_db()
    assert row.fault == "wrong_device"


def test_a_controller_that_answers_slowly_is_left_to_the_next_look(controller, card, door, monkeypatch):
    """Mail and messages to families wait for the same worker."""
    fake, row = controller
    monkeypatch.setattr(syncing, "EVENTS_SECONDS_MAX", 0.0)
    fake.events = {no: FakeEvent(NUMBER, datetime(2026, 11, 26, 7, no, tzinfo=UTC)) for no in (1, 2, 3)}
    for looks in (1, 2, 3):
        with stopped_at(MORNING):
            sync_device(row.pk)
        row.refresh_from_db()
        assert row.last_event == Passage.objects.filter(door=door).count() == looks


def test_a_device_that_is_gone_is_named_and_keeps_no_other_waiting(controller, door):
    fake, row = controller
    fake.is_silent = True
    sync_device(row.pk)
    row.refresh_from_db()
    assert (row.fault, row.seen_at) == ("no_answer", MORNING)
    sync_device(uuid4())


def test_each_device_is_looked_at_twice_a_minute(controller):
    enqueue_due_devices()
    assert Job.objects.filter(kind=syncing.JOB).count() == 1
    Job.objects.all().delete()
    sync_device(controller[1].pk)
    enqueue_due_devices()
    assert not Job.objects.filter(kind=syncing.JOB).exists()


def test_the_alarm_contact_is_shown_and_the_door_too(controller, door):
    fake, row = controller
    fake.inputs, fake.open_doors = 1, {1}
    sync_device(row.pk)
    door.refresh_from_db()
    assert (door.wiring.is_alarm, door.wiring.is_open) == (True, True)
    assert 0x80 not in fake.commands()
    since = door.wiring.alarm_since
    sync_device(row.pk)
    (alarm,) = alarms_of(door.school)
    assert (alarm.door, alarm.since, alarm.is_silent) == (door.name, since, False)
    fake.is_silent = True
    sync_device(row.pk)
    assert [one.is_silent for one in alarms_of(door.school)] == [True], "what was said last is not forgotten"
    fake.is_silent, fake.inputs = False, 0
    sync_device(row.pk)
    assert alarms_of(door.school) == []


def test_a_card_at_a_reader_without_a_browser_goes_through_like_any_press(controller, cast, card, lane):
    fake, _row = controller
    port = "/dev/ttyUSB0"
    reader = _add(cast, Driver.OSDP, port, 5, secret=KEY, lane=lane)
    assert take_read(Read(Driver.OSDP, port, 5, NUMBER)).person_id == card.person_id
    assert 0x40 in fake.commands()
    assert take_read(Read(Driver.OSDP, port, 5, 4711)) is None
    assert take_read(Read(Driver.OSDP, port, 6, NUMBER)) is None
    remove_device(reader, by=cast.user("office"))
    assert take_read(Read(Driver.OSDP, port, 5, NUMBER)) is None


def test_a_reader_that_types_reads_our_own_cards(cast, lane, office):
    code = issue_card(cast.person("Carl"), by=office)
    path = "/dev/input/by-id/usb-reader-event-kbd"
    _add(cast, Driver.TYPING, path, lane=lane)
    keys = tuple(f"Digit{one}" if one.isdigit() else f"Key{one}" for one in code.replace("-", ""))
    assert take_read(Read(Driver.TYPING, path, keys=keys)).person == cast.person("Carl")


def test_of_a_printed_card_a_reader_without_a_page_hands_on_no_more_than_its_code(cast, lane, office):
    """No page cuts the share off, so the thread that reads it does, before anything waits or is kept."""
    share = secrets.token_bytes(16)
    printed = PrintedCard(issue_card(cast.person("Carl"), by=office).replace("-", ""), share)
    text = card_text("https://lunch.a-school-with-a-long-name.county.example/willing/c", printed)
    path, port = "/dev/input/by-id/usb-reader-event-kbd", "/dev/ttyUSB0"
    _add(cast, Driver.TYPING, path, lane=lane)
    _add(cast, Driver.OSDP, port, 5, secret=KEY, lane=lane)
    collector, names = KeyCollector(), {name: code for code, name in typing_reader._NAMES.items()}
    scan: tuple[str, ...] = ()
    for key in [key_of(one, KeyboardLayout.US) for one in text]:
        shift = key.startswith("+")
        collector.take(1, 42, int(shift))
        scan = collector.take(1, names[key.removeprefix("+")], 1) or scan
    scan = collector.take(1, 28, 1)
    assert len(scan) == len(text) > 80
    lane_readers._Typed(path)(scan)
    lane_readers._Line(port)(CardRead(5, text=text))
    waiting = [lane_readers._reads.get_nowait() for _ in range(2)]
    assert [encode_share(share) in repr(one) for one in waiting] == [False, False]
    assert [len(one.keys) for one in waiting] == [12, 0]
    assert waiting[1].text == printed.code
    assert [take_read(one).person for one in waiting] == [cast.person("Carl")] * 2


def test_what_was_read_while_nobody_looked_is_not_lost(cast, lane, card, monkeypatch):
    monkeypatch.setattr(lane_readers, "WAIT_SECONDS", 0.01)
    _add(cast, Driver.OSDP, "/dev/ttyUSB0", 5, secret=KEY, lane=lane)
    assert lane_readers.take_reads() == 0
    lane_readers._reads.put(Read(Driver.OSDP, "/dev/ttyUSB0", 5, NUMBER))
    assert lane_readers.take_reads() == 1


def test_a_card_that_waited_for_a_busy_database_is_kept_and_opens_no_door(cast, lane, card, door, office):
    _add(cast, Driver.OSDP, "/dev/ttyUSB0", 5, secret=KEY, lane=lane)
    relay, read = FakeShelly(), Read(Driver.OSDP, "/dev/ttyUSB0", 5, NUMBER)
    with shelly_at_a_port(relay) as host:
        wire_door(door, NewWiring(_add(cast, Driver.SHELLY, host), 0, 3), by=office)
        old = replace(read, at=read.at - lane_readers.OPENED_WITHIN_SECONDS - 1)
        with stopped_at(MORNING):
            assert take_read(old).person == card.person
        assert relay.calls == []
        with stopped_at(MORNING + timedelta(minutes=1)):
            assert take_read(read).person == card.person
        assert len(relay.calls) == 1


def test_a_number_opens_no_lane_that_takes_no_cards(cast, new_lane, card):
    lane = new_lane("Lane 2", ways=("pin", "staff"))
    _add(cast, Driver.OSDP, "/dev/ttyUSB0", 5, secret=KEY, lane=lane)
    assert take_read(Read(Driver.OSDP, "/dev/ttyUSB0", 5, NUMBER)) is None
    assert not Passage.objects.exists()


def test_a_press_that_is_sent_again_days_later_opens_nothing(cast, lane, door, office):
    """What says that it had its pulse is deleted after a day; the passage itself is there for seven."""
    relay, press = FakeShelly(), Press(uuid4())
    with shelly_at_a_port(relay) as host:
        wire_door(door, NewWiring(_add(cast, Driver.SHELLY, host), 0, 3), by=office)
        with stopped_at(MORNING):
            passage = pass_by_card(lane, press, cast.cards["Carl"])
            assert open_for_passage(door, passage.id) == ""
        with stopped_at(MORNING + timedelta(days=3)):
            assert purge_openings() == 1
            again = pass_by_card(lane, press, "a card that is nobody's")
            assert again == passage
            assert open_for_passage(door, again.id) == ""
    assert len(relay.calls) == 1


def test_a_reader_that_cannot_be_opened_is_named(cast, lane):
    row = _add(cast, Driver.OSDP, "/dev/no-such-port", 5, secret=KEY, lane=lane)
    typing = _add(cast, Driver.TYPING, "/dev/input/no-such-reader", lane=lane)
    lane_readers.hold_readers()
    for one in (row, typing):
        one.refresh_from_db()
        assert one.fault == "no_answer"


def test_two_processes_that_ask_at_once_send_one_pulse(cast, door, office, db):
    relay, passage = FakeShelly(), uuid4()
    with shelly_at_a_port(relay) as host:
        wire_door(door, NewWiring(_add(cast, Driver.SHELLY, host), 0, 3), by=office)
        threads = [threading.Thread(target=_open, args=(door, passage)) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert len(relay.calls) == 1


def _open(door: Any, passage: Any) -> None:
    from django.db import connections

    open_for_passage(door, passage)
    connections.close_all()
