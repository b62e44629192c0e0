"""What the books refuse."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def tax_rate_not_valid() -> Refused:
    """A rate below nothing or above a hundred percent."""
    return Refused("tax_rate_not_valid", _("A rate is between 0 and 100 percent."), {"field": "rate"})


def month_not_over() -> Refused:
    """A month of which days are still to come."""
    return Refused("month_not_over", _("This month is not over yet."), {})


def month_closed() -> Refused:
    """A month that was closed already."""
    return Refused("month_closed", _("This month is closed already."), {})


def month_out_of_order(first: str) -> Refused:
    """Another month comes before. first: of the month that is closed next."""
    return Refused(
        "month_out_of_order", _("Months are closed one after the other, without a gap."), {"next": first}
    )


def drawers_open() -> Refused:
    """A drawer's day of this month is still open."""
    return Refused("drawers_open", _("A drawer of this month is still open: count and close it first."), {})


def tax_rate_unknown() -> Refused:
    """No such rate at this school."""
    return Refused("tax_rate_unknown", _("There is no such rate of tax."), {})
