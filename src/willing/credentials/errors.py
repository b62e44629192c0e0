"""Refusals of this room. Each message is one kind line that others may read over a pupil's shoulder."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def code_unknown() -> Refused:
    """No live card has this code."""
    return Refused(
        "code_unknown", _("This card or code is not recognised. Please try again or pay another way.")
    )


def pin_wrong() -> Refused:
    """Number and PIN do not belong together; the same words for a wrong number and a wrong PIN."""
    return Refused("pin_wrong", _("Number and PIN don't match. Please try again or pay another way."))


def pin_locked() -> Refused:
    """Too many wrong attempts; the PIN is locked for five minutes."""
    return Refused(
        "pin_locked", _("Too many attempts. This PIN is locked for five minutes. Please pay another way.")
    )


def card_or_pin_wrong() -> Refused:
    """A sign-in with a card's code and a PIN that do not belong together, or of which one is unknown."""
    return Refused("card_or_pin_wrong", _("Card and PIN don't match. Please try again."))


def pin_not_valid() -> Refused:
    """A new PIN that is not 4 to 6 digits."""
    return Refused("pin_not_valid", _("A PIN has four to six digits."))


def pin_too_simple() -> Refused:
    """A new PIN that everyone would try first."""
    return Refused("pin_too_simple", _("This PIN is too easy to guess."))


def cashier_pin_wrong() -> Refused:
    """Name and PIN of a cashier do not belong together; the same words where they may not sign on."""
    return Refused("cashier_pin_wrong", _("Name and PIN don't match. Please try again."))


def card_share_sent() -> Refused:
    """A card's share was sent along with its code; nothing of it is kept."""
    return Refused(
        "card_share_sent",
        _("More was read from the card than may be sent. Please type the code that is printed on it."),
    )


def card_printed_already() -> Refused:
    """The form that printed a card was sent a second time: what was on it is kept nowhere."""
    return Refused("card_printed_already", _("This card was printed already and can't be printed twice."))


def card_number_not_valid() -> Refused:
    """A card's number that is none: other signs than letters and digits, or too many of them."""
    return Refused("card_number_not_valid", _("A card's number has letters and digits only, 24 at the most."))


def card_number_like_ours() -> Refused:
    """A number that reads like the code of a card printed here."""
    return Refused(
        "card_number_like_ours",
        _("This reads like the code of a card printed here. Such cards are issued with “Print a new card”."),
    )


def card_number_too_short() -> Refused:
    """A number that somebody could meet by trying."""
    return Refused(
        "card_number_too_short",
        _(
            "This number is too short to be safe: a card pays without a PIN, so its number needs at least 8 "
            "characters, not counting leading zeros."
        ),
    )


def card_number_taken() -> Refused:
    """Another card has this number already, live or revoked."""
    return Refused(
        "card_number_taken",
        _("This number is used by a card already, or was by one that was revoked. Each number is one card."),
    )


def card_number_in_other_form() -> Refused:
    """A card with this number is there, as another reader types it."""
    return Refused(
        "card_number_in_other_form",
        _(
            "A card with this number is here already, as another reader types it: reversed, or decimal in "
            "place of hexadecimal. Set all readers to the same form."
        ),
    )


def nothing_to_print() -> Refused:
    """Nobody was chosen, or nobody of those who were chosen gets such a sheet."""
    return Refused("nothing_to_print", _("Nobody is chosen whom this can be printed for."))


def too_many_to_print(most: int) -> Refused:
    """More were chosen than one run prints."""
    return Refused(
        "too_many_to_print",
        _("That is too many at once. Choose a class or a few, and print again for the others."),
        {"most": most},
    )


def sheets_printed_already() -> Refused:
    """The form that printed sheets was sent a second time: what was on them is kept nowhere."""
    return Refused(
        "sheets_printed_already",
        _("These sheets were made already and can't be shown twice. Print anew what did not come out."),
    )


def unknown_print_run() -> Refused:
    """No such run, or its sheets were never made."""
    return Refused("unknown_print_run", _("There are no such sheets. Please print them anew."))


def sheet_unknown() -> Refused:
    """A number of a sheet that the run does not have."""
    return Refused("sheet_unknown", _("These sheets have no such number. It is at the foot of each sheet."))
