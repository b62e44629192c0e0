"""`willing doors`: wire locks and readers, try them, and see how they are."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO
from uuid import UUID

import click

from willing.accounts.models import User
from willing.core.errors import Refused
from willing.credentials.cards import find_live_card
from willing.gate.card_numbers import set_door_number
from willing.gate.device_rules import MODBUS_MODES, DeviceSettings, Driver, is_drift
from willing.gate.devices import (
    NewDevice,
    NewWiring,
    remove_device,
    require_device,
    set_device,
    unwire_door,
    wire_door,
)
from willing.gate.door_models import DoorDevice, DoorWiring
from willing.gate.models import Door, Lane
from willing.gate.opening import try_door
from willing.gate.set_up import add_door
from willing.gate.syncing import set_clock
from willing.people.queries import require_school

BY = click.option("--by", required=True, metavar="USERNAME", help="Who does it; the log keeps that.")


@contextmanager
def _refusals_shown() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None


@click.group()
def doors() -> None:
    """Wire locks and readers to doors, and try them."""


@doors.command("list")
def list_doors() -> None:
    """List doors and devices, and how they were when they were asked last."""
    school = require_school()
    wired = {one.door_id: one for one in DoorWiring.objects.filter(door__school=school)}
    for door in Door.objects.filter(school=school, retired_at=None):
        click.echo(f"{door.name}: {_wired(wired.get(door.pk))}")
    for device in DoorDevice.objects.filter(school=school).order_by("kind", "address", "unit"):
        click.echo(f"{device.pk} {device.kind} {device.address} {device.unit}: {_state(device)}")


def _wired(wiring: DoorWiring | None) -> str:
    if wiring is None:
        return "opened by hand"
    state = {True: ", open", False: ", shut", None: ""}[wiring.is_open]
    alarm = ", ALARM" if wiring.is_alarm else ""
    return f"output {wiring.output} of {wiring.device_id}, {wiring.open_seconds} s{state}{alarm}"


def _state(device: DoorDevice) -> str:
    parts = [device.fault or "works" if device.looked_at else "not asked yet"]
    if device.list_right_at is not None:
        parts.append(f"list of {device.list_cards} cards, right at {device.list_right_at:%Y-%m-%d %H:%M} UTC")
    if is_drift(device.drift_seconds):
        parts.append(f"clock {device.drift_seconds:+} s")
    return ", ".join(parts)


@doors.command()
@click.argument("name")
@BY
def add(name: str, by: str) -> None:
    """Add the door NAME."""
    with _refusals_shown():
        add_door(require_school(), name, by=_user(by))


@doors.command()
@click.argument("kind", type=click.Choice([one.value for one in Driver]))
@click.argument("address")
@click.option("--unit", default=0, help="Serial number of a controller, or address on the line.")
@click.option("--mode", default="", type=click.Choice(["", "udp", "tcp", *MODBUS_MODES]))
@click.option("--baud", default=9600, show_default=True)
@click.option("--lane", default="", help="Where its reader is, if this computer decides.")
@click.option("--secret", is_flag=True, help="Read a password or an OSDP key from standard input.")
@BY
def device(  # noqa: PLR0913, PLR0917  # options of a command
    kind: str, address: str, unit: int, mode: str, baud: int, lane: str, secret: bool, by: str
) -> None:
    """Set up a device of this KIND at this ADDRESS; one that is there already is changed."""
    school, user = require_school(), _user(by)
    settings = DeviceSettings(Driver(kind), address, unit, mode, baud)
    found = DoorDevice.objects.filter(school=school, kind=kind, address=address, unit=unit).first()
    typed = sys.stdin.readline().strip() if secret else None
    with _refusals_shown():
        row = set_device(school, NewDevice(settings, typed, _lane(lane)), by=user, device=found)
    click.echo(str(row.pk))


@doors.command()
@click.argument("device_id", type=click.UUID)
@BY
def remove(device_id: UUID, by: str) -> None:
    """Speak with a device no more."""
    with _refusals_shown():
        remove_device(require_device(require_school(), device_id), by=_user(by))


@doors.command()
@click.argument("door")
@click.argument("device_id", type=click.UUID)
@click.argument("output", type=int)
@click.option("--seconds", default=5, show_default=True, help="How long the lock is let go, 1 to 10.")
@click.option("--contact", type=int, help="The input that is closed while the door is shut.")
@click.option("--alarm", type=int, help="The input that is closed while there is no alarm; only read.")
@BY
def wire(  # noqa: PLR0913, PLR0917  # options of a command
    door: str, device_id: UUID, output: int, seconds: int, contact: int | None, alarm: int | None, by: str
) -> None:
    """Let OUTPUT of a device let the lock of DOOR go."""
    with _refusals_shown():
        found = require_device(require_school(), device_id)
        wire_door(_door(door), NewWiring(found, output, seconds, contact, alarm), by=_user(by))


@doors.command()
@click.argument("door")
@BY
def unwire(door: str, by: str) -> None:
    """Let DOOR be opened by hand."""
    unwire_door(_door(door), by=_user(by))


@doors.command("open")
@click.argument("door")
@BY
def open_now(door: str, by: str) -> None:
    """Let the lock of DOOR go once, to try it."""
    with _refusals_shown():
        try_door(_door(door), by=_user(by))
    click.echo("the device says that it has let the lock go")


@doors.command()
@click.argument("device_id", type=click.UUID)
@BY
def clock(device_id: UUID, by: str) -> None:
    """Set a controller's clock to the school's time."""
    with _refusals_shown():
        set_clock(require_device(require_school(), device_id), by=_user(by))


@doors.command()
@click.argument("lines", type=click.File("r"))
@BY
def numbers(lines: TextIO, by: str) -> None:
    """Read LINES of "code,number": a card's code, and the number by which readers at doors know it."""
    school, user, done, wrong = require_school(), _user(by), 0, []
    for at, line in enumerate(lines, 1):
        code, _, number = line.strip().partition(",")
        try:
            card = find_live_card(school, code) if code else None
            if card is None:
                wrong.append(f"line {at}: no such card")
                continue
            set_door_number(card, number, by=user)
            done += 1
        except Refused as refused:
            wrong.append(f"line {at}: {refused.message}")
    click.echo(f"{done} cards are known to the readers at doors")
    if wrong:
        raise click.ClickException("\n".join(wrong))


def _door(name: str) -> Door:
    found = Door.objects.filter(school=require_school(), name=name, retired_at=None).first()
    if found is None:
        raise click.ClickException(f"there is no door {name}; see willing doors list")
    return found


def _lane(name: str) -> Lane | None:
    if not name:
        return None
    found = Lane.objects.filter(terminal__school=require_school(), terminal__name=name).first()
    if found is None:
        raise click.ClickException(f"there is no lane {name}")
    return found


def _user(name: str) -> User:
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise click.ClickException(f"there is no user {name}")
    return found
