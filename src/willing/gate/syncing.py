"""The worker that speaks with devices at doors: their list, what they decided alone, how they are.

Each device is a job of its own, so that one that fails takes none of the others along and no two processes
speak with one at a time. They are asked in turn, and nothing but devices is waited for.
No transaction is open while a device is asked.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import close_old_connections

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.gate.card_numbers import cards_by_number, listed_cards, purge_door_numbers
from willing.gate.device_errors import device_failed
from willing.gate.device_rules import (
    OUTPUTS,
    Driver,
    Fetched,
    KnownList,
    decide_alarm_since,
    digest_of_list,
    drift_seconds,
    has_forgotten,
    has_restarted,
    needs_list,
    own_number,
)
from willing.gate.door_models import DoorDevice, DoorWiring
from willing.gate.doors.protocol import DoorEvent, DoorFault, DoorFaultCause, DoorState
from willing.gate.doors.uhppote import UhppoteDoor
from willing.gate.drivers import controller_of, door_of
from willing.gate.opening import purge_openings
from willing.gate.passages import DevicePassage, record_device_passages
from willing.jobs.actions import enqueue, extend_lease

JOB = "door_device"
LOOK_EVERY = timedelta(seconds=30)
EVENTS_AT_ONCE = 250
EVENTS_A_JOB = 6_000
# A device that answers slowly is left to the next look: mail and messages wait for the worker meanwhile.
EVENTS_SECONDS_MAX = 60.0


def enqueue_due_devices() -> None:
    """Let each device be asked that was not for half a minute, and tidy up."""
    at = now()
    due = [
        one.pk
        for one in DoorDevice.objects.exclude(kind=Driver.TYPING)
        if one.looked_at is None or abs(at - one.looked_at) >= LOOK_EVERY
    ]
    if due:
        enqueue(JOB, due)
        purge_openings()
        purge_door_numbers()
    close_old_connections()


def sync_device(device_id: UUID) -> None:
    """Speak with one device and note how it is; it is asked again in its turn, whatever it answers."""
    device = DoorDevice.objects.select_related("school").filter(pk=device_id).first()
    if device is None:
        return
    wirings = list(device.wirings.select_related("device", "door__school").order_by("output"))
    fault, detail = "", ""
    try:
        if Driver(device.kind) is Driver.UHPPOTE:
            _sync_controller(device, wirings)
        else:
            # One that lets no lock go is asked all the same whether it is there.
            unwired = DoorWiring(device=device, output=OUTPUTS[Driver(device.kind)].start)
            for wiring in wirings or [unwired]:
                _note_door(wiring, door_of(wiring).state())
    except DoorFault as failed:
        fault, detail = failed.fault.value, failed.detail[:40]
        if failed.fault is DoorFaultCause.NOT_CONNECTED and device.fault:
            fault, detail = device.fault, device.fault_detail  # why its line is not open: lane_readers
    # One that was changed meanwhile is not touched: what was seen is of another device.
    seen_at = device.seen_at if fault else now()
    DoorDevice.objects.filter(pk=device.pk, set_at=device.set_at).update(
        looked_at=now(), seen_at=seen_at, fault=fault, fault_detail=detail
    )


def _sync_controller(device: DoorDevice, wirings: list[DoorWiring]) -> None:
    controller = controller_of(device, wirings, wirings[0].output if wirings else 1)
    state = controller.state()
    local = now().astimezone(ZoneInfo(device.school.time_zone)).replace(tzinfo=None)
    DoorDevice.objects.filter(pk=device.pk, set_at=device.set_at).update(
        drift_seconds=drift_seconds(state.clock, local), newest_event=state.newest_event
    )
    if device.seen_at is None:
        _begin_at(device, controller, state.newest_event or 0)
    for wiring in wirings:
        _note_door(wiring, controller_of(device, [wiring], wiring.output).state())
    if wirings:
        _keep_list(device, wirings, controller, state)
    _fetch_events(device, wirings, controller, state.newest_event or 0)


def _begin_at(device: DoorDevice, controller: UhppoteDoor, newest: int) -> None:
    """Begin a controller's events behind its newest at the first contact.

    What it remembers of before it was set up here, thousands of swipes perhaps, is of another system's doors
    and people, and was decided by a list that was not ours.
    """
    device.last_event = newest
    device.last_mark = controller.event_mark(newest) if newest else ""
    DoorDevice.objects.filter(pk=device.pk, set_at=device.set_at).update(
        last_event=device.last_event, last_mark=device.last_mark, seen_at=now()
    )


def _keep_list(
    device: DoorDevice, wirings: list[DoorWiring], controller: UhppoteDoor, state: DoorState
) -> None:
    cards, at = list(listed_cards(device.school)), now()
    digest = digest_of_list(cards, [one.output for one in wirings])
    known = KnownList(device.list_digest, device.list_cards, device.list_compared_at)
    if has_forgotten(known, state.cards):
        DoorDevice.objects.filter(pk=device.pk, set_at=device.set_at).update(list_forgotten_at=at)
    if needs_list(known, digest, state.cards, at):
        extend_lease(JOB, device.pk)
        controller.put_list(cards)
        held = controller.state().cards
        DoorDevice.objects.filter(pk=device.pk, set_at=device.set_at).update(
            list_digest=digest, list_cards=held, list_compared_at=at
        )
    DoorDevice.objects.filter(pk=device.pk, set_at=device.set_at).update(list_right_at=at)


def _fetch_events(
    device: DoorDevice, wirings: list[DoorWiring], controller: UhppoteDoor, newest: int
) -> None:
    fetched = Fetched(device.epoch, device.last_event, device.last_mark)
    mark = controller.event_mark(fetched.last) if 0 < fetched.last <= newest else ""
    if has_restarted(fetched, newest, mark):
        fetched = Fetched(fetched.epoch + 1)
    until = time.monotonic() + EVENTS_SECONDS_MAX
    for _batch in range(EVENTS_A_JOB // EVENTS_AT_ONCE):
        events = list(_in_time(controller.events(fetched.last, EVENTS_AT_ONCE), until))
        if not events:
            break
        extend_lease(JOB, device.pk)
        _record(device, wirings, fetched.epoch, events)
        last = events[-1].no
        fetched = Fetched(fetched.epoch, last, controller.event_mark(last))
        # Noted after the passages: a process that is killed in between sends them once more, and each is one.
        DoorDevice.objects.filter(pk=device.pk, set_at=device.set_at).update(
            epoch=fetched.epoch, last_event=fetched.last, last_mark=fetched.mark
        )
        if time.monotonic() > until:
            break


def _in_time(events: Iterator[DoorEvent], until: float) -> Iterator[DoorEvent]:
    """Yield events until a moment, one at least."""
    for one in events:
        yield one
        if time.monotonic() > until:
            return


def _record(device: DoorDevice, wirings: list[DoorWiring], epoch: int, events: list[DoorEvent]) -> None:
    """Keep who was let in; who was not, and cards that nobody knows, are kept nowhere."""
    zone, doors = ZoneInfo(device.school.time_zone), {one.output: one.door for one in wirings}
    sent = defaultdict(list)
    let_in = [one for one in events if one.is_granted and one.number]
    cards = cards_by_number(device.school, {one.number for one in let_in})
    for event in let_in:
        card = cards.get(event.number)
        if card is not None and event.door in doors:
            at = event.at.replace(tzinfo=zone) if event.at else _unknown_time()
            sent[doors[event.door]].append(DevicePassage(own_number(epoch, event.no), at, card, event.is_in))
    for door, passages in sent.items():
        record_device_passages(door, passages)


def _unknown_time() -> datetime:
    """Return a time that nobody believes, for a clock that was never set."""
    return datetime.fromtimestamp(0, tz=ZoneInfo("UTC"))


def _note_door(wiring: DoorWiring, state: DoorState) -> None:
    since = decide_alarm_since(wiring.alarm_since, now(), is_alarm=state.is_alarm)
    DoorWiring.objects.filter(pk=wiring.pk).update(
        is_open=state.is_open, is_alarm=state.is_alarm, alarm_since=since
    )


def set_device_clock(device: DoorDevice) -> None:
    """Set a controller's clock to the school's time. Raises DoorFault."""
    local = now().astimezone(ZoneInfo(device.school.time_zone)).replace(tzinfo=None)
    controller_of(device, []).set_clock(local)
    DoorDevice.objects.filter(pk=device.pk, set_at=device.set_at).update(drift_seconds=0)


def set_clock(device: DoorDevice, *, by: User) -> None:
    """Do so for a member of staff, and say in the log who. Raises Refused device_failed."""
    try:
        set_device_clock(device)
    except DoorFault as failed:
        raise device_failed(failed.fault.value, failed.detail) from None
    _record_clock_set(device, by)


@atomic
def _record_clock_set(device: DoorDevice, by: User) -> None:
    record("door_device.clock_set", subject=device.pk, facts={"by": by.pk}, personal={})
