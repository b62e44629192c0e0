"""Refusals of this room. Each message is one kind line that others may read over a pupil's shoulder."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def basket_empty() -> Refused:
    """There is nothing in the basket."""
    return Refused("basket_empty", _("Nothing is in the basket yet. Please press or scan a product first."))


def barcode_unknown() -> Refused:
    """A bar code that is on no product, and no card's code either."""
    return Refused("barcode_unknown", _("This barcode is not on the menu. Please press the product instead."))


def code_has_two_meanings() -> Refused:
    """A scan that is the number of a live card and the bar code of a product: nobody is to guess which."""
    return Refused(
        "code_has_two_meanings",
        _(
            "This number is a product's barcode and also a card's number. Please press the product, or pay "
            "another way, and tell the school office."
        ),
    )


def basket_unknown() -> Refused:
    """No such basket at this terminal."""
    return Refused("basket_unknown", _("This basket is not at this till."))


def basket_closed() -> Refused:
    """The basket is paid or cancelled."""
    return Refused("basket_closed", _("This basket is already closed."))


def basket_parked() -> Refused:
    """The basket is put aside."""
    return Refused("basket_parked", _("This basket was put aside. Take it back first."))


def basket_already_open() -> Refused:
    """Another basket is live at this terminal."""
    return Refused("basket_already_open", _("Another basket is still open at this till."))


def already_identified() -> Refused:
    """A person is shown at the till already."""
    return Refused("already_identified", _("Another person is shown here. Press “Not me” first."))


def not_identified() -> Refused:
    """A confirmation before anyone said who they are."""
    return Refused("not_identified", _("Please choose how to pay first."))


def total_changed(total_minor: int) -> Refused:
    """The sum is another one than the one that was shown and confirmed."""
    return Refused(
        "total_changed",
        _("The total has changed. Please look at it again, then confirm."),
        {"total_minor": total_minor},
    )


def meal_check_needed(meals: int) -> Refused:
    """From the third main meal of a sitting on the cashier says that it is served; none is refused."""
    return Refused(
        "meal_check_needed",
        _("The cashier has to confirm this main meal first. Nobody is refused a meal."),
        {"main_meals": meals},
    )


def allergen_blocked(products: Sequence[UUID]) -> Refused:
    """The person must not eat something of the basket: those dishes are taken out, and the rest is sold.

    The sentence names no allergen: a till of another maker may show it to the customer.
    """
    return Refused(
        "allergen_blocked",
        _("One moment, please: the cashier changes something in this basket first."),
        {"products": [str(one) for one in products]},
    )


def allergen_check_needed(products: Sequence[UUID]) -> Refused:
    """Nobody knows whether the person may eat something of the basket: a named cashier checks it first."""
    return Refused(
        "allergen_check_needed",
        _("One moment, please: the cashier checks something in this basket first."),
        {"products": [str(one) for one in products]},
    )


def repeat_check_needed() -> Refused:
    """The person has just paid the same sum; the cashier says that this is another purchase."""
    return Refused(
        "repeat_check_needed",
        _("The same sum was paid a moment ago. The cashier has to confirm that this is another purchase."),
    )


def sale_not_refunded() -> Refused:
    """Only a sale that was refunded as a whole is charged again."""
    return Refused("sale_not_refunded", _("This sale is not refunded, so it is not charged again."))


def identification_expired() -> Refused:
    """A person was shown, and nobody pressed anything for rules.SHOWN_SECONDS_MAX."""
    return Refused(
        "identification_expired",
        _("The name was cleared because nobody pressed anything for 30 seconds. Please choose how to pay."),
    )


def basket_expired() -> Refused:
    """Nobody did anything with the basket for rules.BASKET_MINUTES_MAX."""
    return Refused("basket_expired", _("The basket was cleared because nothing happened for an hour."))


def card_revoked() -> Refused:
    """The card that was read was revoked before it paid."""
    return Refused("card_revoked", _("This card has just been cancelled. Please pay another way."))


def person_left() -> Refused:
    """The person shown has left the school since."""
    return Refused(
        "person_left", _("This account has been closed. Please ask the school office, or pay another way.")
    )


def extras_not_covered() -> Refused:
    """The main meal is fine, but what goes beyond it is not covered. The words tell no balance."""
    return Refused(
        "extras_not_covered",
        _("The extras are not covered today. Please put them back; a main meal is always served."),
    )


def face_withdrawn() -> Refused:
    """The permission was withdrawn between the face session and the confirmation."""
    return Refused("face_withdrawn", _("Your face can no longer be used to pay. Please pay another way."))


def too_many_sessions() -> Refused:
    """The camera was on often enough for this basket."""
    return Refused("too_many_sessions", _("The camera could not recognise you. Please pay another way."))


def product_unknown() -> Refused:
    """No such product on sale."""
    return Refused("product_unknown", _("This is not on the menu."))


def quantity_not_valid() -> Refused:
    """A quantity below 1 or above rules.QUANTITY_MAX."""
    return Refused("quantity_not_valid", _("You can buy between 1 and 20 of one product at a time."))


def already_refunded() -> Refused:
    """The sale was refunded before."""
    return Refused("already_refunded", _("This was already refunded."))


def refund_too_large(product: UUID, left: int) -> Refused:
    """More of a product than is left of it in the sale, or one that was not sold."""
    return Refused(
        "refund_too_large",
        _("That is more than is left of this receipt to refund."),
        {"product": str(product), "left": left},
    )


def nothing_to_refund() -> Refused:
    """A refund of part of a sale that names no part."""
    return Refused("nothing_to_refund", _("Please say what to refund first."))


def sale_unknown() -> Refused:
    """No such sale at this terminal."""
    return Refused("sale_unknown", _("We can't find that receipt."))


def person_unknown() -> Refused:
    """No such person at this school, or they have left."""
    return Refused("person_unknown", _("We can't find that person."))


def face_limit_reached() -> Refused:
    """The basket alone is more than a face alone may pay in a day; with a card or PIN it is no matter."""
    return Refused(
        "face_limit_reached", _("This is more than a face alone may pay. Please use your card or PIN.")
    )


def face_used_up() -> Refused:
    """The basket is a small sum, but with what the face alone has paid today it is more than that."""
    return Refused(
        "face_used_up",
        _("A face has paid as much as it may for today. Please use your card or PIN."),
    )


def purchase_limit_reached() -> Refused:
    """More than a guardian, or the school, lets a person spend at once; a main meal is always sold."""
    return Refused(
        "purchase_limit_reached",
        _(
            "This is over the spending limit for one purchase. "
            "Please put extras back; a main meal is always served."
        ),
    )


def daily_limit_reached() -> Refused:
    """More than a guardian, or the school, lets a person spend in a day; a main meal is always sold."""
    return Refused(
        "daily_limit_reached",
        _("This is over the spending limit for today. Please put extras back; a main meal is always served."),
    )


def weekly_limit_reached() -> Refused:
    """More than a guardian, or the school, lets a person spend in a week; a main meal is always sold."""
    return Refused(
        "weekly_limit_reached",
        _(
            "This is over the spending limit for this week. "
            "Please put extras back; a main meal is always served."
        ),
    )


def terminal_does_not_sell() -> Refused:
    """The terminal is not for the canteen or the shop: a gate takes nobody's money."""
    return Refused("terminal_does_not_sell", _("Nothing is sold here. Please go to a till."))


def face_limit_above_daily() -> Refused:
    """A limit for a face alone that is above the limit for all ways together."""
    return Refused(
        "face_limit_above_daily",
        _("A face alone can't pay more than all ways to pay together. Please enter a smaller sum."),
    )


def cashier_missing() -> Refused:
    """The school wants every sale to bear a name, and no cashier is signed on at this till."""
    return Refused("cashier_missing", _("One moment, please: the cashier signs on first."))


def screen_changed() -> Refused:
    """A press came from a screen that showed another basket, or another person, than the till has now."""
    return Refused("screen_changed", _("The screen has changed. Please look again."))
