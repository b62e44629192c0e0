"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def allergen_unknown(text: str) -> Refused:
    """Nothing, a word that is too long, or one with a comma in it."""
    return Refused(
        "allergen_unknown",
        _("Name one allergen, in at most 40 characters and without a comma."),
        {"text": text},
    )


def allergen_entry_unknown() -> Refused:
    """No such entry of this person, or one that only others may remove."""
    return Refused("allergen_entry_unknown", _("This entry is not on the list any more."))


def allergen_reason_missing() -> Refused:
    """Serving without certainty, or a near miss or a reaction, without a word why."""
    return Refused("allergen_reason_missing", _("Please write down why, in a few words."))


def allergen_event_not_valid() -> Refused:
    """A report from the future, or without the person, the dish or what happened."""
    return Refused("allergen_event_not_valid", _("Please enter when it happened; not a time to come."))
