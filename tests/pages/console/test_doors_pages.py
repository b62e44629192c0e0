"""The office sets up what opens the doors, tries it, reads how it is, and enters a card's number there."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation
from tests.support.doors import (
    SERIAL,
    FakeController,
    FakeShelly,
    controller_at_a_port,
    shelly_at_a_port,
)
from tests.support.gates import a_lane
from tests.support.log import facts_of

from willing.core.errors import Refused
from willing.gate import drivers
from willing.gate.card_numbers import number_of
from willing.gate.door_models import DoorCardNumber, DoorDevice, DoorWiring
from willing.gate.doors import uhppote
from willing.gate.drivers import open_secret
from willing.gate.opening import try_door
from willing.gate.set_up import add_door, retire_door
from willing.gate.syncing import sync_device

KEY = "4f9c1d2e7a6b58301122334455667788"
PASSWORD = "to-the-gate"


@pytest.fixture
def door(cast):
    return add_door(cast.school, "Main gate", by=cast.user("office"))


@pytest.fixture
def read(office):
    def get(name, *args, query=""):
        return office.get(reverse(f"console:{name}", args=args) + query).content.decode()

    return get


@pytest.fixture
def press(office):
    def post(name, *args, query="", **sent):
        answer = office.post(reverse(f"console:{name}", args=args) + query, sent)
        return answer, answer.content.decode()

    return post


def set_up(press, door, kind, **more):
    sent = {"output": "0", "open_seconds": "3", **more}
    return press("add-door-device", query=f"?door={door.pk}&kind={kind}", **sent)


def test_a_relay_is_set_up_tried_and_taken_away(cast, door, read, press):
    assert "Opened by hand" in read("doors")
    assert "What opens it" in read("door", door.pk)
    assert "Shelly relay" in read("add-door-device", query=f"?door={door.pk}")
    assert 'type="password"' in read("add-door-device", query=f"?door={door.pk}&kind=shelly")
    relay = FakeShelly(password=PASSWORD)
    with shelly_at_a_port(relay) as host:
        answer, _text = set_up(press, door, "shelly", address=host, secret=PASSWORD)
        assert answer.headers["Location"] == reverse("console:door", args=[door.pk])
        text = read("door", door.pk)
        assert "Not asked yet" in text
        assert "within half a minute" in text
        key = str(uuid4())
        for _ in range(2):
            answer, _text = press("try-door", door.pk, key=key)
            assert answer.status_code == 302
        assert [one for one, _ in relay.calls] == ["Switch.Set"], "one form is one pulse"
        assert "has let the lock go" in read("door", door.pk)
        device = DoorDevice.objects.get()
        sync_device(device.pk)
    for page in (read("doors"), read("door", door.pk)):
        assert "Works" in page
        assert PASSWORD not in page
    text = read("door-device", device.pk)
    assert PASSWORD not in text
    assert "keep the one that is saved" in text
    press("door-by-hand", door.pk)
    assert "What opens it" in read("door", door.pk)
    assert device.address in read("door", door.pk), "it can be chosen again"
    assert press("door", door.pk, device=str(device.pk), output="0", open_seconds="5")[0].status_code == 302
    assert "Main gate" in read("remove-door-device", device.pk)
    assert DoorDevice.objects.exists(), "it is asked first"
    press("remove-door-device", device.pk)
    assert not DoorDevice.objects.exists()
    assert "Opened by hand" in read("doors")


def test_a_controller_says_how_its_clock_its_list_and_its_events_are(cast, door, read, press, monkeypatch):
    monkeypatch.setattr(uhppote, "ANSWER_SECONDS", 0.5)
    fake = FakeController(inputs=1, open_doors={1})
    fake.clock = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=20)
    with controller_at_a_port(fake) as address:
        set_up(press, door, "uhppote", address=address, unit=str(SERIAL), output="1")
        device = DoorDevice.objects.get()
        sync_device(device.pk)
        text = read("door", door.pk)
        for words in (
            "seconds behind",
            "up to date",
            "says alarm, or its wire is broken",
            "open",
            "Needs a person",
        ):
            assert words in text, words
        assert press("door-device-clock", device.pk)[0].status_code == 302
        assert facts_of("door_device.clock_set") == [{"by": cast.user("office").pk}]
    assert press("door-device-clock", device.pk)[0].status_code == 409, "its power is off now"
    old = datetime.now(UTC) - timedelta(hours=2)
    DoorDevice.objects.update(list_right_at=old, list_forgotten_at=old, newest_event=5_000, last_event=800)
    text = read("door-device", device.pk)
    for words in ("Lost its list", "4200", "is fetched now", "Who got a card since then"):
        assert words in text, words


def test_each_mistake_is_beside_its_field_with_its_cause(cast, door, read, press):
    lane = a_lane(cast.school, by=cast.user("office"))
    mistakes = [
        ("uhppote", {"address": "8.8.8.8", "unit": "1", "output": "1"}, "address can&#x27;t be right"),
        ("uhppote", {"address": "192.168.7.20", "unit": "0", "output": "1"}, "serial number"),
        ("uhppote", {"address": "192.168.7.20", "unit": "5", "output": "7"}, "valid choice"),
        ("shelly", {"address": "192.168.7.30", "open_seconds": "11"}, "1 to 10 seconds"),
        ("shelly", {"address": ""}, "required"),
        ("osdp", {"address": "/dev/ttyUSB0", "unit": "1", "baud": "9600", "secret": "abc"}, "32 signs"),
    ]
    for kind, sent, words in mistakes:
        answer, text = set_up(press, door, kind, **sent)
        assert answer.status_code in (409, 422), sent
        assert words in text, sent
    assert not DoorDevice.objects.exists(), "neither the device nor the lock is set up alone"
    reader = {"unit": "1", "baud": "9600", "secret": KEY, "lane": str(lane.pk), "address": "/dev/ttyUSB0"}
    assert press("add-door-device", query="?kind=osdp", **reader)[0].status_code == 302
    row = DoorDevice.objects.get()
    assert (row.lane_id, open_secret(row)) == (lane.pk, KEY)
    answer, text = press("add-door-device", query="?kind=osdp", **{**reader, "unit": "2"})
    assert "Another reader has this key" in text
    assert KEY not in text
    assert lane.terminal.name in read("doors")
    answer, text = press("door-device", row.pk, **{**reader, "address": "/dev/ttyUSB1", "secret": ""})
    assert answer.status_code == 409, "another address asks for the key again"
    assert press("door-device", row.pk, **{**reader, "secret": "", "lane": ""})[0].status_code == 302
    assert open_secret(DoorDevice.objects.get()) == KEY
    other = add_door(cast.school, "Back gate", by=cast.user("office"))
    for one, status in ((door, 302), (other, 409)):
        sent = {"device": str(row.pk), "output": "3", "open_seconds": "5"}
        assert press("door", one.pk, **sent)[0].status_code == status
    retire_door(door, by=cast.user("office"))
    assert not DoorWiring.objects.exists(), "a door out of use keeps no output"


def test_a_device_that_fails_is_named_and_the_door_is_opened_by_hand(cast, door, read, press):
    with pytest.raises(Refused) as refused:
        try_door(door, by=cast.user("office"))
    assert refused.value.code == "door_by_hand"
    answer, text = press("try-door", door.pk)
    assert answer.status_code == 409
    assert "No device opens this door" in text
    set_up(press, door, "shelly", address="127.0.0.1:9")
    answer, text = press("try-door", door.pk)
    assert answer.status_code == 409
    assert "does not answer" in text
    sync_device(DoorDevice.objects.get().pk)
    assert "Does not work" in read("doors")
    assert press("door", uuid4())[0].status_code == 409


def test_a_driver_that_is_not_installed_is_named_with_who_adds_it(door, read, press, monkeypatch):
    monkeypatch.setattr(drivers, "find_spec", lambda name: None if name == "uhppoted" else name)
    text = read("add-door-device", query=f"?door={door.pk}&kind=uhppote")
    assert "its driver is not installed" in text
    assert "uhppoted" in text
    set_up(press, door, "uhppote", address="192.168.7.20", unit="5", output="1")
    with translation.override("zh-hans"):
        assert "its driver is not installed" in read("doors")
    assert "its driver" not in read("add-door-device", query=f"?door={door.pk}&kind=shelly")


def test_a_page_asks_whether_a_new_device_was_asked_and_says_so_without_a_lane(
    cast, door, office, read, press
):
    assert "No lane yet" in read("add-door-device", query="?kind=typing")
    assert office.get(reverse("console:door", args=[door.pk]) + "?part=1").json() == {"is_asked": True}
    set_up(press, door, "shelly", address="127.0.0.1:9")
    row = DoorDevice.objects.get()
    pages: Any = (("doors", []), ("door", [door.pk]), ("door-device", [row.pk]))
    for asked in (False, True):
        for name, args in pages:
            answer = office.get(reverse(f"console:{name}", args=args) + "?part=1")
            assert answer.json() == {"is_asked": asked}, name
        DoorDevice.objects.update(looked_at=datetime.now(UTC))


def test_a_card_gets_its_number_at_the_doors_and_nobody_reads_it_again(cast, door, read, press):
    carl, ada = cast.person("Carl"), cast.person("Ada")
    assert "Number at the doors" not in read("person", carl.pk), "this school has no gate"
    a_lane(cast.school, by=cast.user("office"))
    assert "No door has a controller" in read("door-numbers", carl.pk)
    set_up(press, door, "shelly", address="127.0.0.1:9")
    assert "Number at the doors" in read("person", carl.pk)
    assert "Not known at the doors" in read("door-numbers", carl.pk)
    card, other = carl.cards.get(revoked_at=None), ada.cards.get(revoked_at=None)
    for typed, words in (("", "required"), ("a card", "digits, or 100,58400")):
        answer, text = press("door-numbers", carl.pk, card=str(card.pk), number=typed)
        assert answer.status_code in (409, 422)
        assert words in text
    assert press("door-numbers", carl.pk, card=str(card.pk), number="101,44321")[0].status_code == 302
    text = read("door-numbers", carl.pk)
    assert "Known at the doors" in text
    assert "44321" not in text
    answer, text = press("door-numbers", ada.pk, card=str(other.pk), number="10144321")
    assert answer.status_code == 409
    assert "Another card has this number" in text
    assert press("door-numbers", ada.pk, card=str(card.pk), number="5")[0].status_code == 409, "not hers"
    press("door-numbers", carl.pk, card=str(card.pk), deed="remove")
    assert not number_of(card)
    assert not DoorCardNumber.objects.exists()
    card.revoked_at = datetime.now(UTC)
    card.save(update_fields=["revoked_at"])
    assert "No card that works" in read("door-numbers", carl.pk)
