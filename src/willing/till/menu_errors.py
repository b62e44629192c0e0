"""Refusals of those who look after the menu, and of baskets that its state forbids."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused

_FILES = {
    "too_large": _("This list is too large. Please import it in parts of some five hundred products."),
    "document": _("This is a document or a picture. Please export the list as CSV (UTF-8)."),
    "workbook": _("This is a workbook. Please save it as CSV (UTF-8) and import that."),
    "encoding": _("These characters can't be read. Please choose the encoding in which the file was saved."),
    "csv": _("This is not a CSV file."),
    "no_name": _("The first row has no heading “Name”. Please name the columns in the first row."),
}
_COLUMNS = {
    "name": _("Name"),
    "name_zh_hans": _("Name in Chinese"),
    "category": _("Category"),
    "price": _("Price"),
    "price_pupil": _("Price for pupils"),
    "price_staff": _("Price for staff"),
    "price_visitor": _("Price for visitors"),
    "barcodes": _("Barcodes"),
    "is_main_meal": _("Main meal"),
    "colour": _("Colour at the till"),
    "tax_code": _("Tax code"),
    "weekdays": _("Days"),
    "menu_weeks": _("Weeks of the menu"),
    "contains": _("Contains"),
    "may_contain": _("May contain"),
    "first_day": _("First day"),
    "last_day": _("Last day"),
}
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
    return Refused("price_not_valid", _("Please enter the amount as it is written, such as 2.60 or 2,60."))


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


def menu_file_not_readable(reason: str) -> Refused:
    """A list of products that can't be read. reason: a key of `_FILES`."""
    return Refused("menu_file_not_readable", _FILES[reason], {"reason": reason})


def menu_cell_not_valid(column: str, text: str) -> Refused:
    """A cell of the list that says nothing that its column knows."""
    if text:
        said = _("The column %(column)s does not know this: %(text)s")
        return Refused(
            "menu_cell_not_valid", said % {"text": text[:40], "column": _COLUMNS[column]}, {"column": column}
        )
    said = _("The column %(column)s is empty, and a new product needs it.")
    return Refused("menu_cell_not_valid", said % {"column": _COLUMNS[column]}, {"column": column})


def menu_row_twice() -> Refused:
    """Two rows of one list are about one product."""
    return Refused("menu_row_twice", _("An earlier row of this list is about the same product."))


def menu_not_signed() -> Refused:
    """Nothing on the day's menu declares its allergens, so there is nothing to sign."""
    return Refused(
        "menu_not_signed",
        _("Nothing on the menu of this day has its allergens yet. Enter them on each product first."),
    )


def menu_day_not_near() -> Refused:
    """A menu of another day than today and the next one with school: the page is an old one."""
    return Refused(
        "menu_day_not_near",
        _("Only today's menu and that of the next school day can be signed. Please open the page again."),
    )
