"""Refusals of this room. Each message is one kind line that others may read over a pupil's shoulder."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def way_not_taken() -> Refused:
    """The terminal does not take this way."""
    return Refused("way_not_taken", _("This till does not take that. Please choose another way."))


def code_unknown() -> Refused:
    """No live card has this code."""
    return Refused(
        "code_unknown", _("This card or code is not known. Please try again or choose another way.")
    )


def pin_wrong() -> Refused:
    """Number and PIN do not belong together; the same words for a wrong number and a wrong PIN."""
    return Refused("pin_wrong", _("Number and PIN don't match. Please try again or choose another way."))


def pin_locked() -> Refused:
    """Too many wrong tries; the PIN rests for five minutes."""
    return Refused(
        "pin_locked", _("Too many tries. This PIN rests for five minutes. Please choose another way.")
    )


def card_or_pin_wrong() -> Refused:
    """A sign-in with a card's code and a PIN that do not belong together, or of which one is unknown."""
    return Refused("card_or_pin_wrong", _("Card and PIN don't match. Please try again."))


def pin_not_valid() -> Refused:
    """A new PIN that is not 4 to 6 digits."""
    return Refused("pin_not_valid", _("A PIN has four to six digits."))


def pin_too_simple() -> Refused:
    """A new PIN that everybody would try first."""
    return Refused("pin_too_simple", _("This PIN is too easy to guess."))


def basket_empty() -> Refused:
    """There is nothing in the basket."""
    return Refused("basket_empty", _("There is nothing to pay yet."))


def basket_unknown() -> Refused:
    """No such basket at this terminal."""
    return Refused("basket_unknown", _("This basket is not at this till."))


def basket_closed() -> Refused:
    """The basket is paid or cancelled."""
    return Refused("basket_closed", _("This basket is already closed."))


def basket_already_open() -> Refused:
    """Another basket is live at this terminal."""
    return Refused("basket_already_open", _("Another basket is still open at this till."))


def already_confirmed() -> Refused:
    """The pupil has confirmed; the payment is on its way and can only be refunded."""
    return Refused("already_confirmed", _("This is already being paid."))


def already_identified() -> Refused:
    """Somebody is shown at the till already."""
    return Refused("already_identified", _("Somebody is already shown here. Press “Not me” first."))


def not_identified() -> Refused:
    """A confirmation before anybody said who they are."""
    return Refused("not_identified", _("Please choose how to pay first."))


def extras_not_covered() -> Refused:
    """The main meal is fine, but what goes beyond it is not covered. The words tell no balance."""
    return Refused(
        "extras_not_covered",
        _("The meal is fine. Please put the extras back, or choose another way for them."),
    )


def face_ended() -> Refused:
    """The permission ended between the look and the confirmation."""
    return Refused("face_ended", _("Paying with a face has ended. Please choose another way."))


def too_many_sessions() -> Refused:
    """The camera was on often enough for this basket."""
    return Refused("too_many_sessions", _("The camera did not help this time. Please choose another way."))


def product_unknown() -> Refused:
    """No such product on sale."""
    return Refused("product_unknown", _("This is not on the menu."))


def quantity_not_valid() -> Refused:
    """A quantity below 1 or above 20."""
    return Refused("quantity_not_valid", _("Between 1 and 20 of one thing can be bought at once."))


def pairing_code_unknown() -> Refused:
    """The pairing code is wrong, used or too old."""
    return Refused("pairing_code_unknown", _("This code is not valid. Please make a new one in the office."))


def terminal_not_paired() -> Refused:
    """The token belongs to no terminal, or to one that was retired."""
    return Refused("terminal_not_paired", _("This till is not paired. Please pair it first."))


def till_in_use() -> Refused:
    """Another signed-in browser is this till now."""
    return Refused(
        "till_in_use", _("This till is open in another browser. Sign out there, or pair this one anew.")
    )


def refunds_not_allowed() -> Refused:
    """A terminal wants to refund over the API, and the office has not given it that right."""
    return Refused(
        "refunds_not_allowed", _("This till may not give money back. The office can allow it, or refund it.")
    )


def not_an_api_till() -> Refused:
    """The right to refund over the API was to be given to a terminal that is not paired over the API."""
    return Refused(
        "not_an_api_till", _("Only a till of another maker, once it is paired, can be allowed that.")
    )


def already_refunded() -> Refused:
    """The sale was given back before."""
    return Refused("already_refunded", _("This was already given back."))


def sale_not_settled() -> Refused:
    """Only a settled sale can be given back."""
    return Refused("sale_not_settled", _("Only a finished payment can be given back."))


def sale_unknown() -> Refused:
    """No such sale at this terminal."""
    return Refused("sale_unknown", _("This receipt is not known."))


def person_unknown() -> Refused:
    """No such person at this school, or they have left."""
    return Refused("person_unknown", _("We can't find that person."))


def terminal_name_taken() -> Refused:
    """Another terminal of this school has that name."""
    return Refused("terminal_name_taken", _("Another till already has this name."))


def terminal_unknown() -> Refused:
    """No such terminal at this school, or it was retired."""
    return Refused("terminal_unknown", _("We can't find that till."))


def terminal_needs_another_way() -> Refused:
    """A terminal was to be set up without a card, a code or a PIN."""
    return Refused("terminal_needs_another_way", _("A till always takes a card or a PIN."))


def place_not_for_faces() -> Refused:
    """A terminal that takes faces was to stand in a toilet, a changing room or a dormitory room."""
    return Refused(
        "place_not_for_faces", _("No camera stands where people sleep or undress. The other ways work there.")
    )


def face_limit_reached() -> Refused:
    """More than a face alone may pay in a day; with a card or PIN it is no matter."""
    return Refused(
        "face_limit_reached", _("A face alone pays small sums only. Please choose another way for this one.")
    )


def daily_limit_reached() -> Refused:
    """More than the person's guardian lets them spend in a day; a main meal is not counted against it."""
    return Refused("daily_limit_reached", _("The meal is fine. Please put the extras back for today."))
