"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def unknown_receipt() -> Refused:
    """The log has no such entry about this person, or it is not the reader's."""
    return Refused("unknown_receipt", _("The log has no such entry for you."))


def merge_with_itself() -> Refused:
    """Both records are the same one."""
    return Refused("merge_with_itself", _("Please choose another record of this person."))


def merge_guardian_with_itself() -> Refused:
    """Both records are the same one."""
    return Refused("merge_guardian_with_itself", _("Please choose another record of this guardian."))


def merge_has_face() -> Refused:
    """A face is stored for the record that would be gone; it may not go on with the other unasked."""
    return Refused(
        "merge_has_face",
        _("A face is stored for the record that would be gone. Please delete it there first."),
    )
