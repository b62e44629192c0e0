"""Refusals of those who look after the menu, and of baskets that its state forbids."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused

_BARCODES = {
    "too_long": _("This barcode is too long."),
    "not_readable": _("This barcode can't be read."),
    "check_digit": _("A digit of this barcode is wrong: its last digit does not fit the others."),
}


def product_name_missing() -> Refused:
    """A product without a name."""
    return Refused("product_name_missing", _("Please enter a name."))


def product_name_taken(is_hidden: bool) -> Refused:
    """Two products of one name would be two equal buttons at the till."""
    text = (
        _("A product of this name was taken off the menu. Put that one back on it, or choose another name.")
        if is_hidden
        else _("There is a product of this name already.")
    )
    return Refused("product_name_taken", text, {"is_hidden": is_hidden})


def price_not_valid() -> Refused:
    """A price that no currency writes, or that no table holds."""
    return Refused("price_not_valid", _("Please enter the price as it is written, such as 2.60 or 2,60."))


def price_unusual(price_minor: int) -> Refused:
    """A price so high that a slip is likelier; said once more, it is taken."""
    return Refused(
        "price_unusual",
        _("This price is unusually high. Please check it, then confirm it."),
        {"price_minor": price_minor},
    )


def barcode_not_valid(code: str, reason: str) -> Refused:
    """What was typed is no bar code, or a mistyped one."""
    return Refused("barcode_not_valid", _BARCODES[reason], {"barcode": code, "reason": reason})


def barcode_taken(code: str, product: str) -> Refused:
    """The bar code belongs to another product."""
    text = _("The barcode %(code)s belongs to %(product)s.") % {"code": code, "product": product}
    return Refused("barcode_taken", text, {"barcode": code})


def menu_days_not_valid(first_day: date, last_day: date) -> Refused:
    """The last day on which something is sold is before the first one."""
    data: dict[str, Any] = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
    return Refused("menu_days_not_valid", _("The last day is before the first one."), data)


def menu_cycle_not_valid() -> Refused:
    """A menu that repeats after fewer than two or more than nine weeks."""
    return Refused("menu_cycle_not_valid", _("A menu repeats after two to nine weeks."))


def product_sold_out() -> Refused:
    """Sold out for today. Staff who still have one put it back on the menu in one press."""
    return Refused("product_sold_out", _("This is marked as sold out today."))


def product_not_today() -> Refused:
    """On the menu, but not today."""
    return Refused("product_not_today", _("This is not on today's menu."))
