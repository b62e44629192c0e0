"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def no_census() -> Refused:
    """The school is in a country that counts no meals on census days."""
    return Refused("no_census", _("Census days are for schools in England only."))
