"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def not_the_administrator() -> Refused:
    """Only an administrator vouches for the computer."""
    return Refused("not_the_administrator", _("Only an administrator can do this."))
