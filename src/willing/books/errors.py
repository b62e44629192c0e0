"""What the books refuse."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def tax_rate_not_valid() -> Refused:
    """A rate below nothing or above a hundred percent."""
    return Refused("tax_rate_not_valid", _("A rate is between 0 and 100 percent."), {"field": "rate"})


def tax_rate_unknown() -> Refused:
    """No such rate at this school."""
    return Refused("tax_rate_unknown", _("There is no such rate of tax."), {})
