"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def not_covered() -> Refused:
    """The account's balance and the school's grace do not cover a transfer."""
    return Refused("not_covered", _("There is not enough money on this account."))


def hold_already_closed() -> Refused:
    """A hold was settled or voided before, in the other way."""
    return Refused("hold_already_closed", _("This payment was already completed."))


def key_reused() -> Refused:
    """The same idempotency key came with different content."""
    return Refused("idempotency_key_reused", _("This request was already used for another action."))


def amount_not_positive() -> Refused:
    """A transfer of nothing, or of less than nothing."""
    return Refused("amount_not_positive", _("The amount must be more than zero."))


def correction_too_large() -> Refused:
    """More was to be taken back than is left of a transfer."""
    return Refused("correction_too_large", _("This was already taken back, in whole or in part."))
