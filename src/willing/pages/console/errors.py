"""Refusals of the staff pages."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def too_much_uploaded() -> Refused:
    """The uploaded photographs were too large together, and were not processed."""
    return Refused(
        "too_much_uploaded",
        _("These photographs are too big together (12 MB at the most). Please choose fewer at a time."),
    )
