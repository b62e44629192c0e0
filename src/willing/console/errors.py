"""Refusals of the staff pages."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def too_many_sign_ins() -> Refused:
    """Ten wrong sign-ins for one user name or from one address within five minutes."""
    return Refused("too_many_sign_ins", _("Too many tries. Please wait five minutes and try again."))


def too_much_uploaded() -> Refused:
    """The uploaded photographs were too big together, and were not looked at."""
    return Refused(
        "too_much_uploaded",
        _("These photographs are too big together (12 MB at the most). Please choose fewer at a time."),
    )
