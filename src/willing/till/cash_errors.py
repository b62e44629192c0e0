"""Refusals of cash at a till."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def till_takes_no_cash() -> Refused:
    """No drawer is tied to the till."""
    return Refused("till_takes_no_cash", _("This till has no drawer, so it takes no cash."))


def cash_buyer_unknown() -> Refused:
    """Cash of someone who is neither a visitor nor staff: pupils never pay in cash."""
    return Refused("cash_buyer_unknown", _("Please choose whether a visitor or a colleague pays."))


def tender_too_small(missing_minor: int) -> Refused:
    """Less was handed over than is due."""
    return Refused("tender_too_small", _("That is less than the sum to pay."), {"missing": missing_minor})


def refund_needs_a_drawer() -> Refused:
    """What was paid in cash goes back in cash, and no open drawer was named that it could come from."""
    return Refused(
        "refund_needs_a_drawer",
        _("This was paid in cash. It goes back in cash, from an open drawer."),
    )


def count_needs_sign_on() -> Refused:
    """Nobody is signed on at the till with their PIN, so that nobody would have counted."""
    return Refused("count_needs_sign_on", _("Please sign on with your PIN before you count."))


def report_needs_sign_on() -> Refused:
    """A report is read by the cashier who is signed on at the till."""
    return Refused("report_needs_sign_on", _("Please sign on with your PIN before you read the report."))
