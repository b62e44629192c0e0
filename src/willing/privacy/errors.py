"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def unknown_receipt() -> Refused:
    """The log has no such entry about this person, or it is not the reader's."""
    return Refused("unknown_receipt", _("The log has no such entry for you."))
