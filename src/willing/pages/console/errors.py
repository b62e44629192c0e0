"""Refusals of the staff pages."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def too_much_uploaded() -> Refused:
    """The uploaded photographs were too big together, and were not looked at."""
    return Refused(
        "too_much_uploaded",
        _("These photographs are too big together (12 MB at the most). Please choose fewer at a time."),
    )
