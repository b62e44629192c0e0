"""Refusals of a void. What can't be voided at the till any more, the office refunds."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def void_needs_sign_on() -> Refused:
    """Nobody is signed on at the till with their PIN."""
    return Refused("void_needs_sign_on", _("Please sign on with your PIN first."))


def void_not_yours() -> Refused:
    """Another cashier, or nobody, was signed on when it was sold."""
    return Refused("void_not_yours", _("Only the cashier who sold it can void it. The office can refund it."))


def void_not_last() -> Refused:
    """Something was sold at this till since."""
    return Refused("void_not_last", _("Something was sold here since. The office can refund it."))


def void_after_close() -> Refused:
    """The till's drawer was closed since."""
    return Refused("void_after_close", _("The drawer was closed since. The office can refund it."))


def void_too_late() -> Refused:
    """It was sold more than void_rules.VOID_MINUTES ago."""
    return Refused("void_too_late", _("It was sold more than five minutes ago. The office can refund it."))
