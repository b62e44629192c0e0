"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.terminals.printer_rules import PrinterFault


def pairing_code_unknown() -> Refused:
    """The pairing code is wrong, used or too old."""
    return Refused(
        "pairing_code_unknown", _("This code is not valid. Please ask the school office for a new one.")
    )


def terminal_not_paired() -> Refused:
    """The token belongs to no terminal, or to one that was retired."""
    return Refused("terminal_not_paired", _("This till is not paired. Please pair it first."))


def screen_code_unknown() -> Refused:
    """The code for a second screen is wrong, used or too old."""
    return Refused(
        "screen_code_unknown",
        _("This code is not valid. Please press “Second screen” at the till for a new one."),
    )


def screen_not_paired() -> Refused:
    """A device's token belongs to no second screen: it was removed, or another one took its place."""
    return Refused("screen_not_paired", _("This screen belongs to no till. Please ask the cashier."))


def terminal_in_use() -> Refused:
    """Another signed-in browser is this till now."""
    return Refused(
        "till_in_use", _("This till is open in another browser. Sign out there, or pair this device again.")
    )


def terminal_name_taken() -> Refused:
    """Another terminal of this school has that name."""
    return Refused("terminal_name_taken", _("Another till already has this name."))


def terminal_unknown() -> Refused:
    """No such terminal at this school, or it was retired."""
    return Refused("terminal_unknown", _("We can't find that till."))


def terminal_needs_another_way() -> Refused:
    """A terminal was to be set up without a card, a code or a PIN."""
    return Refused("terminal_needs_another_way", _("A till always takes a card or a PIN."))


def terminal_takes_no_face() -> Refused:
    """A terminal was to take faces, and none of the kinds that there are."""
    return Refused("terminal_takes_no_face", _("Please choose which faces this till takes."))


def location_not_for_faces() -> Refused:
    """A terminal that takes faces was to be put in a toilet, a changing room or a dormitory room."""
    return Refused(
        "place_not_for_faces",
        _(
            "A till with a camera can't be set up where people sleep or undress. The "
            "other ways to pay work there."
        ),
    )


def refunds_not_allowed() -> Refused:
    """A terminal wants to refund over the API, and the office has not given it that right."""
    return Refused(
        "refunds_not_allowed",
        _("This till is not allowed to refund. The school office can allow it, or make the refund."),
    )


def look_ups_not_allowed() -> Refused:
    """A terminal wants to look people up over the API, and the office has not given it that right."""
    return Refused(
        "look_ups_not_allowed",
        _("This till is not allowed to look people up. Please pay with a card or a PIN."),
    )


def not_an_api_till() -> Refused:
    """A right over the API was to be given to a terminal that is not paired over the API."""
    return Refused("not_an_api_till", _("Only a paired third-party till can be allowed this."))


def way_not_taken() -> Refused:
    """The terminal does not take this way."""
    return Refused("way_not_taken", _("This till does not take that. Please pay another way."))


def terminal_purpose_not_served() -> Refused:
    """A terminal was to be for something that no installed app does."""
    return Refused("terminal_purpose_not_served", _("No part of Willing that is installed works there yet."))


def terminal_purpose_stays() -> Refused:
    """A terminal was to do another deed than it does: a gate was to sell, a till to open a gate."""
    return Refused(
        "terminal_purpose_stays",
        _("This can't be changed. Take it out of use and set up another one."),
    )


def reader_layout_wrong() -> Refused:
    """A scan is no code as this terminal's reader is set, and is one under another keyboard layout."""
    return Refused(
        "reader_layout_wrong",
        _(
            "This reader types another keyboard layout: test it under Tills. Until then the code can be "
            "typed from the card."
        ),
    )


def printer_not_possible(fault: PrinterFault) -> Refused:
    """A receipt printer was to be where none can be, or outside the school."""
    return Refused("printer_not_possible", PRINTER_IMPOSSIBLE[fault], {"fault": fault.value})


def printer_failed(fault: str) -> Refused:
    """A receipt was not printed. fault: a word of PRINTER_FAULTS."""
    return Refused("printer_failed", PRINTER_FAULTS[fault], {"fault": fault})


def printer_missing() -> Refused:
    """A receipt was to be printed at a till that has no printer."""
    return Refused("printer_missing", _("This till has no receipt printer."))


def printer_characters_missing(missing: str) -> Refused:
    """A receipt has characters that the printer's set does not have."""
    text = _("The printer can't print %(missing)s. Another set of characters is chosen under Tills.")
    return Refused("printer_characters_missing", text % {"missing": missing}, {"missing": missing})


PRINTER_IMPOSSIBLE = {
    PrinterFault.NOT_AN_ADDRESS: _(
        "Enter the printer's IP address, such as 192.168.1.50. It is on the printer's test page."
    ),
    PrinterFault.OUTSIDE: _("Only a printer in the school's own network can be used."),
    PrinterFault.PORT: _("Printers listen on ports 9100 to 9109."),
    PrinterFault.QUEUE: _("A queue's name has letters, digits, dots, hyphens and underscores."),
    PrinterFault.NO_QUEUES: _("This server has no print queues (CUPS). Enter the printer's address instead."),
}
# How an attempt to print can fail, and what helps.
PRINTER_FAULTS = {
    "refused": _("Something has this address but takes no receipts. Is it the printer's? Is the port right?"),
    "timed_out": _("The printer did not answer in time. Is it switched on and connected?"),
    "unreachable": _("This address can't be reached from the server. Check the address and the cable."),
    "closed": _("The printer hung up. Is another program printing on it?"),
    "offline": _("The printer is not ready. Check its paper and close its cover."),
    "busy": _("The printer is still busy with the receipt before."),
    "no_queues": _("This server has no print queues (CUPS). Enter the printer's address instead."),
    "no_queue": _("The print queue of this name does not take the receipt. The operator checks it (lpstat)."),
    "outside": _("Only a printer in the school's own network can be used."),
}
