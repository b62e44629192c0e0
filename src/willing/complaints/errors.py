"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def unknown_complaint() -> Refused:
    """There is no such report at this school."""
    return Refused(
        "unknown_complaint",
        _("We can't find that complaint. It may have been deleted after its retention period."),
    )


def complaint_about_nothing() -> Refused:
    """A report of a charge or a use of the camera that is not this person's."""
    return Refused("complaint_about_nothing", _("We can't find what this is about. Please tell the office."))


def complaint_without_words() -> Refused:
    """A request or an answer that says nothing."""
    return Refused("complaint_without_words", _("Please describe it in a few words."))


def complaint_answered() -> Refused:
    """A second answer to one report."""
    return Refused("complaint_answered", _("This was already answered."))


def too_many_complaints() -> Refused:
    """As much as one voice may have waiting about one person is waiting."""
    return Refused(
        "too_many_complaints",
        _("Several of your complaints are waiting for an answer. Please speak to the school office."),
    )


def request_day_not_valid() -> Refused:
    """A request that came on a day that lies ahead."""
    return Refused("request_day_not_valid", _("Please enter the day on which it came: today or earlier."))


def identity_not_checked() -> Refused:
    """Data is to be given out, corrected or deleted, and nobody says how they knew who asked."""
    return Refused(
        "identity_not_checked", _("Please enter how you made sure who is asking, before you grant it.")
    )


def extension_not_possible() -> Refused:
    """The time to answer was extended already, has passed, or the law lets nobody extend it."""
    return Refused(
        "extension_not_possible",
        _("The time to answer can't be extended: it was already, has passed, or the law does not allow it."),
    )


def merge_two_open_reports() -> Refused:
    """Two records of one guardian have both reported the same thing, and neither is answered."""
    return Refused(
        "merge_two_open_reports",
        _("Both records have reported the same thing. Please answer one of the reports first."),
    )
