"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def external_id_taken() -> Refused:
    """Another person of this school has that id, or this one has another id already."""
    return Refused("external_id_taken", _("This ID in the school's register belongs to someone else."))


def unknown_person() -> Refused:
    """No such person at this school, or they have left."""
    return Refused("unknown_person", _("We can't find that person."))
