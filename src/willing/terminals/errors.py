"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def pairing_code_unknown() -> Refused:
    """The pairing code is wrong, used or too old."""
    return Refused(
        "pairing_code_unknown", _("This code is not valid. Please ask the school office for a new one.")
    )


def terminal_not_paired() -> Refused:
    """The token belongs to no terminal, or to one that was retired."""
    return Refused("terminal_not_paired", _("This till is not paired. Please pair it first."))


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
