"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def not_the_operator() -> Refused:
    """Only the operator vouches for the computer."""
    return Refused("not_the_operator", _("Only the operator can do this."))
