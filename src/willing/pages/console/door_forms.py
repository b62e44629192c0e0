"""The forms of devices at doors. They turn text into values; what a device may be, its action says."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.gate.device_rules import (
    ADDRESS_CHARS_MAX,
    BAUDS,
    MODBUS_MODES,
    OPEN_SECONDS,
    OPEN_SECONDS_MAX,
    OUTPUT_MAX,
    OUTPUTS,
    DeviceSettings,
    Driver,
)
from willing.gate.devices import NewDevice, NewLock
from willing.gate.door_models import DoorDevice, DoorWiring
from willing.gate.models import Lane
from willing.pages.console.forms import Plain

SECRET_CHARS_MAX = 200
# What each kind is for, beside its name.
HINTS: Mapping[Driver, str | Promise] = {
    Driver.UHPPOTE: _(
        "A controller with one, two or four doors. It keeps the list of cards, and decides while this "
        "computer is off: the first choice."
    ),
    Driver.OSDP: _(
        "Readers and modules on a line of their own, encrypted. While this computer is off, staff open."
    ),
    Driver.SHELLY: _("One relay in the doors' own network. Set a password on it."),
    Driver.MODBUS: _("A relay board with a timed command, and inputs for contacts."),
    Driver.TYPING: _("A USB reader at a lane without a browser. It opens nothing by itself."),
}
ADDRESSES: Mapping[Driver, tuple[str | Promise, str | Promise]] = {
    Driver.UHPPOTE: (
        _("IP address"),
        _("As 192.168.7.20: a fixed address of the controller in the doors' own network."),
    ),
    Driver.OSDP: (
        _("Port of this computer"),
        _("The adapter's name that stays, as /dev/serial/by-id/usb-…"),
    ),
    Driver.SHELLY: (_("IP address"), _("As 192.168.7.30: a fixed address of the relay.")),
    Driver.MODBUS: (
        _("IP address or port of this computer"),
        _("As 192.168.7.40, or for a board on a cable /dev/serial/by-id/usb-…"),
    ),
    Driver.TYPING: (_("Port of this computer"), _("As /dev/input/by-id/…-event-kbd")),
}
UNIT_LABELS: Mapping[Driver, str | Promise] = {
    Driver.UHPPOTE: _("Serial number, on its label"),
    Driver.OSDP: _("Address on the line, 0 to 126"),
    Driver.MODBUS: _("Address of the board, 1 to 247"),
}
SECRETS: Mapping[Driver, tuple[str | Promise, str | Promise]] = {
    Driver.OSDP: (
        _("Key of this reader"),
        _("32 signs, 0 to 9 and A to F, as they were put into the reader with its maker's tool."),
    ),
    Driver.SHELLY: (_("Password of the relay"), _("Empty, if none is set on it.")),
}
SECRET_KEPT = _("Leave it empty to keep the one that is saved. Another address asks for it again.")
MODES: Mapping[str, str | Promise] = {
    "": _("UDP, as controllers come"),
    "tcp": _("TCP"),
    "tcp-flash": _("Network (Modbus TCP), command flash"),
    "tcp-delay": _("Network (Modbus TCP), command delay"),
    "rtu_over_tcp-flash": _("Network (RTU over TCP), command flash"),
    "rtu_over_tcp-delay": _("Network (RTU over TCP), command delay"),
    "serial-flash": _("Cable (RS-485), command flash"),
    "serial-delay": _("Cable (RS-485), command delay"),
}
MODES_OF: Mapping[Driver, Sequence[str]] = {Driver.UHPPOTE: ("", "tcp"), Driver.MODBUS: MODBUS_MODES}
HAS_BAUD = (Driver.OSDP, Driver.MODBUS)
HAS_LANE = (Driver.OSDP, Driver.TYPING)


class DeviceForm(Plain):
    """A device of one kind: only what that kind needs."""

    address = forms.CharField(max_length=ADDRESS_CHARS_MAX, widget=forms.TextInput({"spellcheck": "false"}))
    unit = forms.IntegerField(widget=forms.TextInput({"inputmode": "numeric"}))
    mode = forms.ChoiceField(label=_("How it is reached"), required=False)
    baud = forms.TypedChoiceField(
        label=_("Speed of the line"), choices=[(one, str(one)) for one in BAUDS], initial=BAUDS[0], coerce=int
    )
    secret = forms.CharField(
        required=False,
        max_length=SECRET_CHARS_MAX,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    lane = forms.ChoiceField(
        label=_("Lane"),
        required=False,
        help_text=_("Who holds a card to this reader goes through this lane."),
    )

    def __init__(
        self, driver: Driver, *args: Any, lanes: Sequence[Lane] = (), device: DoorDevice | None = None
    ) -> None:
        """Begin with what the device is, where there is one. Its password or key is never shown."""
        super().__init__(*args, initial=_initial(device) if device else None)
        self.driver, self.lanes = driver, {str(one.pk): one for one in lanes}
        self._label(device)
        self._drop()

    def _label(self, device: DoorDevice | None) -> None:
        address = self.fields["address"]
        address.label, address.help_text = map(str, ADDRESSES[self.driver])
        self.fields["unit"].label = str(UNIT_LABELS.get(self.driver, ""))
        modes = [(one, MODES[one]) for one in MODES_OF.get(self.driver, ())]
        self.fields["mode"].choices = modes  # type: ignore[attr-defined]
        nowhere = [("", _("No lane"))] if self.driver is Driver.OSDP else []
        choices = [*nowhere, *((key, one.terminal.name) for key, one in self.lanes.items())]
        self.fields["lane"].choices = choices  # type: ignore[attr-defined]
        if self.driver in SECRETS:
            secret = self.fields["secret"]
            secret.label, secret.help_text = map(str, SECRETS[self.driver])
            if device is not None and device.sealed_secret:
                secret.help_text = SECRET_KEPT

    def _drop(self) -> None:
        has = {
            "unit": self.driver in UNIT_LABELS,
            "mode": self.driver in MODES_OF,
            "baud": self.driver in HAS_BAUD,
            "secret": self.driver in SECRETS,
            "lane": self.driver in HAS_LANE,
        }
        for name in (name for name, is_there in has.items() if not is_there):
            del self.fields[name]

    @property
    def new_device(self) -> NewDevice:
        """What was filled in, once it is valid. An empty password or key: the one that is there."""
        said = self.cleaned_data
        settings = DeviceSettings(
            self.driver,
            said["address"],
            said.get("unit", 0),
            said.get("mode", ""),
            said.get("baud", BAUDS[0]),
        )
        return NewDevice(settings, said.get("secret") or None, self.lanes.get(said.get("lane", "")))


def _initial(device: DoorDevice) -> dict[str, Any]:
    return {
        "address": device.address,
        "unit": device.unit,
        "mode": device.mode,
        "baud": device.baud,
        "lane": str(device.lane_id or ""),
    }


class LockForm(Plain):
    """Where on a device a lock is, for how long it is let go, and which contacts tell of the door."""

    output = forms.TypedChoiceField(coerce=int)
    open_seconds = forms.IntegerField(
        label=_("Seconds for which the lock is let go"),
        initial=OPEN_SECONDS,
        help_text=_("1 to 10. The device finishes it by itself, whatever this computer does."),
        widget=forms.NumberInput({"min": 1, "max": OPEN_SECONDS_MAX}),
    )
    contact_input = forms.TypedChoiceField(
        label=_("Input of the door's contact"), required=False, coerce=int, empty_value=None
    )
    alarm_input = forms.TypedChoiceField(
        label=_("Input of the fire alarm's contact"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("It is only read and shown. Nothing waits for it, and nothing here writes it."),
    )

    def __init__(self, driver: Driver, *args: Any, wiring: DoorWiring | None = None) -> None:
        """Begin with where the lock is, where it is wired."""
        super().__init__(*args, initial=_place(wiring) if wiring else None)
        is_controller = driver is Driver.UHPPOTE
        self.fields["output"].label = _("Door of the controller") if is_controller else _("Output, from 0")
        self.fields["output"].choices = [(one, str(one)) for one in OUTPUTS[driver]]  # type: ignore[attr-defined]
        inputs = [("", _("None is wired")), *((one, str(one)) for one in range(OUTPUT_MAX + 1))]
        for name in ("contact_input", "alarm_input"):
            if is_controller:  # it has its own
                del self.fields[name]
            else:
                self.fields[name].choices = inputs  # type: ignore[attr-defined]

    @property
    def place(self) -> NewLock:
        """What was filled in, once it is valid."""
        said = self.cleaned_data
        return NewLock(
            said["output"], said["open_seconds"], said.get("contact_input"), said.get("alarm_input")
        )


def _place(wiring: DoorWiring) -> dict[str, Any]:
    names = ("output", "open_seconds", "contact_input", "alarm_input")
    return {name: getattr(wiring, name) for name in names}
