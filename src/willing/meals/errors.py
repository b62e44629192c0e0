"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def no_census() -> Refused:
    """The school is in a country that counts no meals on census days."""
    return Refused("no_census", _("Census days are for schools in England only."))


def duplicate_unknown() -> Refused:
    """No such pair of purchases at this school."""
    return Refused("duplicate_unknown", _("This pair of purchases is not on the list any more."))


def duplicate_decided() -> Refused:
    """A pair about which somebody has decided already."""
    return Refused("duplicate_decided", _("Someone has decided about this pair already."))
