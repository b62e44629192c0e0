"""Devices at doors in each of their states, as they were when they were asked last; none of them is asked."""

from datetime import timedelta

from willing.accounts.models import User
from willing.core.clock import now
from willing.gate.card_numbers import set_door_number
from willing.gate.device_rules import DeviceSettings, Driver
from willing.gate.devices import NewDevice, NewLock, set_device, set_up_lock
from willing.gate.door_models import DoorDevice, DoorWiring
from willing.gate.models import Lane
from willing.gate.set_up import add_door
from willing.gate.syncing import JOB
from willing.jobs.actions import enqueue
from willing.jobs.models import Job
from willing.people.models import Person, School

KEYS = ("4f9c1d2e7a6b58301122334455667788", "000102030405060708090a0b0c0d0e0f")


def fill_doors(school: School, by: User, lane: Lane, person: Person) -> dict[str, str]:
    """Set up doors with a controller, a relay that is gone and none, and readers at a lane."""
    relay_door = add_door(school, "Seitentor-Fahrradkeller-Grundschule", by=by)
    hand_door = add_door(school, "Garden door", by=by)
    settings = DeviceSettings(Driver.UHPPOTE, "192.168.7.20", 405419896)
    wiring = set_up_lock(lane.door, NewDevice(settings), NewLock(1, 5), by=by)
    relay = DeviceSettings(Driver.SHELLY, "192.168.7.30")
    set_up_lock(relay_door, NewDevice(relay, "to-the-gate"), NewLock(0, 3, 0, 1), by=by)
    readers = [
        set_device(
            school,
            NewDevice(DeviceSettings(Driver.OSDP, "/dev/serial/by-id/usb-1a86-rs485", unit), key, lane),
            by=by,
        )
        for unit, key in enumerate(KEYS)
    ]
    every = DoorDevice.objects.filter(school=school)
    # A job that was given up is never begun: the seeded states stay.
    enqueue(JOB, list(every.values_list("pk", flat=True)))
    Job.objects.filter(kind=JOB).update(is_given_up=True)
    at = now() - timedelta(seconds=20)
    every.exclude(pk=readers[1].pk).update(looked_at=at, seen_at=at)
    DoorDevice.objects.filter(pk=wiring.device_id).update(
        drift_seconds=-4210,
        list_cards=842,
        list_right_at=at - timedelta(hours=2),
        list_compared_at=at,
        list_forgotten_at=at - timedelta(hours=3),
        last_event=1_800,
        newest_event=5_000,
    )
    DoorWiring.objects.filter(pk=wiring.pk).update(is_open=False, is_alarm=True, alarm_since=at)
    DoorDevice.objects.filter(address=relay.address).update(
        seen_at=at - timedelta(days=2), fault="not_installed", fault_detail="requests"
    )
    card = person.cards.filter(revoked_at=None).first()
    if card is not None:
        set_door_number(card, "100,58400", by=by)
    return {
        "door_id": str(lane.door_id),
        "door_of_relay": str(relay_door.pk),
        "door_by_hand": str(hand_door.pk),
        "device_id": str(wiring.device_id),
        "new_device": str(readers[1].pk),
    }
