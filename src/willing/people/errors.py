"""Refusals of this room."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# What refuses a name that does not exist, and tells those that do.
Unknown = Callable[[str, Collection[str]], Refused]


def external_id_taken() -> Refused:
    """Another person of this school has that id, or this one has another id already."""
    return Refused("external_id_taken", _("This ID in the school's register belongs to someone else."))


def unknown_person() -> Refused:
    """No such person at this school, or they have left."""
    return Refused("unknown_person", _("We can't find that person."))


def has_left() -> Refused:
    """A person who has left gets no card, no PIN and no money; bring them back first."""
    return Refused("has_left", _("This person has left the school. Bring them back first."))


def merged_already() -> Refused:
    """That record has gone on as another one, which is the one to work with."""
    return Refused("merged_already", _("This record has been merged into another one. Please use that one."))


def merge_two_register_ids() -> Refused:
    """The register knows both records, and its next import would bring the second one back."""
    return Refused(
        "merge_two_register_ids",
        _("The school's register has both of them. Please correct it there first, and import it."),
    )


def name_missing() -> Refused:
    """A name of blanks alone."""
    return Refused("name_missing", _("Please enter a name."))


def class_name_taken() -> Refused:
    """Another class of this school has that name."""
    return Refused("class_name_taken", _("There is a class with this name already."))


def unknown_class() -> Refused:
    """No such class at this school, or it was deleted meanwhile."""
    return Refused("unknown_class", _("We can't find that class."))


def class_not_empty() -> Refused:
    """A person is in the class, perhaps one who has left."""
    return Refused(
        "class_not_empty", _("There are people in this class. Merge it into another one, or move them first.")
    )


def class_merged_into_itself() -> Refused:
    """A class was to be merged into itself."""
    return Refused("class_merged_into_itself", _("Please choose another class to merge it into."))


def unknown_guardian() -> Refused:
    """No such guardian at this school."""
    return Refused("unknown_guardian", _("We can't find that guardian."))


def country_unknown(given: str, known: Collection[str]) -> Refused:
    """No country has that code of ISO 3166."""
    text = _("There is no country with the code {given}. Use one of: {known}.")
    return Refused("country_unknown", _naming(text, given, known), {"known": list(known)})


def currency_unknown(given: str, known: Collection[str]) -> Refused:
    """No currency of today has that code of ISO 4217."""
    text = _("There is no currency with the code {given}. Use one of: {known}.")
    return Refused("currency_unknown", _naming(text, given, known), {"known": list(known)})


def time_zone_unknown(given: str, known: Collection[str]) -> Refused:
    """No time zone has that name. known: those of the same part of the world, or its parts."""
    text = _("There is no time zone called {given}. Use one of: {known}.")
    return Refused("time_zone_unknown", _naming(text, given, known), {"known": list(known)})


def language_unknown(given: str, known: Collection[str]) -> Refused:
    """The pages are not written in that language."""
    text = _("The pages are not written in the language {given}. Use one of: {known}.")
    return Refused("language_unknown", _naming(text, given, known), {"known": list(known)})


def currency_settled() -> Refused:
    """The currency was to change after the school was set up: money was counted in it by then."""
    return Refused(
        "currency_settled", _("The currency can't be changed any more: money has been counted in it.")
    )


def colour_unreadable() -> Refused:
    """A colour in which text is not read on white, or white text on it: contrast below 4.5 to 1."""
    return Refused(
        "colour_unreadable",
        _("Text in this colour is hard to read. Please choose a darker one, such as #0b5a47."),
    )


def logo_unreadable() -> Refused:
    """A logo that is no PNG, JPEG or WebP, or larger than 2 MB or 16 megapixels."""
    return Refused("logo_unreadable", _("Please send the logo as PNG, JPEG or WebP, with 2 MB at the most."))


def address_unreadable() -> Refused:
    """What was given as the school's public address is none."""
    return Refused(
        "address_unreadable",
        _(
            "Please write the address as in a browser's address bar, without a page: https://lunch.example.org"
        ),
    )


def address_missing() -> Refused:
    """Letters would carry an address that no family can open, because the school has set none."""
    return Refused(
        "address_missing",
        _(
            "Letters would lead families to this computer's own address, which they can't open. "
            "An administrator can set the school's public address in the settings."
        ),
    )


_ENTRY_FAULTS = {
    "backwards": _("The last day is before the first one."),
    "not_in_range": _("Please enter a day between 2000 and 2100."),
    "too_long": _("This is longer than a school year. Please check the dates."),
    "one_day": _("Please open days one by one."),
    "same": _("These days are in the calendar already."),
    "terms_overlap": _("These days are part of another term already."),
}


def calendar_entry_not_valid(fault: str) -> Refused:
    """An entry that can't be in the calendar. fault: of calendar_rules.EntryFault."""
    return Refused("calendar_entry_not_valid", _ENTRY_FAULTS[fault], {"fault": fault})


def calendar_entry_unknown() -> Refused:
    """No such entry in this school's calendar, or it was deleted meanwhile."""
    return Refused("calendar_entry_unknown", _("This entry is no longer in the calendar."))


def hours_not_valid(given: str) -> Refused:
    """Opening hours that can't be read."""
    text = _("These hours can't be read: {given}. Please write hours as 11:30-12:15, several with commas.")
    return Refused("hours_not_valid", format_lazy(text, given=given[:40]))


def hours_overlap() -> Refused:
    """Sittings of one day that overlap, or one that closes before it opens."""
    return Refused(
        "hours_overlap",
        _("Please check the hours: each has to close after it opens, and before the next one."),
    )


_CALENDAR_FILES = {
    "too_large": _("This file is too large: 1 MB at the most."),
    "encoding": _("These characters can't be read. Please save the file as UTF-8."),
    "workbook": _("This is a workbook. Please save it as CSV (UTF-8) and import that."),
    "no_days": _("No days were found in this file. A CSV needs a heading “First day” in its first row."),
}


def calendar_file_not_readable(reason: str) -> Refused:
    """A file of closed days that can't be read."""
    return Refused("calendar_file_not_readable", _CALENDAR_FILES[reason], {"reason": reason})


def _naming(text: "_StrPromise", given: str, known: Collection[str]) -> Promise:
    """Return a sentence that tells the names that exist. given: cut short, for it may be anything."""
    return format_lazy(text, given=given[:40], known=", ".join(known))
