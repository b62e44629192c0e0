"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def unknown_person() -> Refused:
    """No such person at this school, or they have left."""
    return Refused("unknown_person", _("We can't find that person."))
