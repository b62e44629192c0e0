"""Refusals about devices at doors."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused

SETTINGS_FAULTS = {
    "address": _(
        "That address can't be right. Use an address of the doors' own network, or a port of this computer."
    ),
    "serial": _("That serial number or address can't be right for such a device."),
    "key": _("A key has 32 signs, 0 to 9 and A to F, and is not the standard's well-known one."),
    "output": _("This device has no such output."),
    "seconds": _("A lock is let go for 1 to 10 seconds."),
    "no_output": _("This device only reads cards. Choose one that lets a lock go."),
}

DEVICE_FAULTS = {
    "not_installed": _("The driver is not installed (%(detail)s). The administrator adds it: manual, Doors."),
    "no_answer": _("The device does not answer. Check its power, its cable and its address."),
    "denied": _("The device answered that it can't do this. Check which output is meant."),
    "wrong_secret": _("The device does not accept the password."),
    "wrong_device": _("Another device answers at this address. Check address and serial number."),
    "kept_shut": _("Another program keeps this door shut in the controller. Change that there."),
    "not_connected": _("The line to the reader is not open yet. Try again in half a minute."),
    "not_set_up": _("A setting is missing or impossible (%(detail)s)."),
}


def describe_fault(fault: str, detail: str = "") -> str:
    """Return in words what went wrong with a device. fault: one of doors.protocol.Fault."""
    return str(DEVICE_FAULTS[fault]) % {"detail": detail}


def device_not_possible(fault: str) -> Refused:
    """What was typed about a device, or where a lock is on it, can't be. fault: one of DeviceFault."""
    return Refused("device_not_possible", SETTINGS_FAULTS[fault], {"fault": fault})


def device_taken() -> Refused:
    """There is such a device at this address already, or another lock is on this output."""
    return Refused("device_taken", _("Another device or lock is set up there already."))


def device_key_taken() -> Refused:
    """Two readers would have one key."""
    return Refused("device_key_taken", _("Another reader has this key. Give each reader its own."))


def device_unknown() -> Refused:
    """No such device at this school, or it was removed."""
    return Refused("device_unknown", _("We can't find that device."))


def door_by_hand() -> Refused:
    """A lock is to be let go to which no device is wired."""
    return Refused("door_by_hand", _("No device opens this door: it is opened by hand."))


def device_failed(fault: str, detail: str = "") -> Refused:
    """A device did not do what it was asked. fault: one of doors.protocol.Fault."""
    return Refused("device_failed", describe_fault(fault, detail), {"fault": fault})


def door_number_not_valid() -> Refused:
    """What was typed is no number that a reader at a door could read."""
    return Refused(
        "door_number_not_valid",
        _("Type the number that is printed on the card: digits, or 100,58400."),
    )


def door_number_too_large(largest: int) -> Refused:
    """A controller of this school holds no number that is so large: the card would not open there."""
    return Refused(
        "door_number_too_large",
        _("The controllers at the doors hold numbers up to %(largest)s. Type what a reader there sends.")
        % {"largest": largest},
        {"largest": largest},
    )


def door_number_taken() -> Refused:
    """Another card that works has this number at the doors."""
    return Refused("door_number_taken", _("Another card has this number at the doors."))
