"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def pay_in_unknown() -> Refused:
    """No pay-in of this school has this id."""
    return Refused("pay_in_unknown", _("There is no such pay-in."))


def reason_missing() -> Refused:
    """A reversal or a write-off without words that the family can read."""
    return Refused("money_reason_missing", _("Please say why. The family reads it."))


def reversal_too_large(left_minor: int) -> Refused:
    """More than is left of a pay-in, or than the wallet can bear down to the school's grace."""
    return Refused(
        "reversal_too_large",
        _("So much can't be taken back: it was spent, or taken back before."),
        {"left_minor": left_minor},
    )


def balance_too_small(available_minor: int) -> Refused:
    """More than is in the wallet; the school's grace is for meals and is not given away."""
    return Refused(
        "balance_too_small",
        _("There is less money in the account than that."),
        {"available_minor": available_minor},
    )


def not_siblings() -> Refused:
    """Two people whom no guardian has in common, or the same one twice."""
    return Refused("not_siblings", _("Money moves only between children of the same guardian."))


def not_a_leaver() -> Refused:
    """What is for people who have left only."""
    return Refused("not_a_leaver", _("This is for people who have left the school."))


def no_debt() -> Refused:
    """A write-off of a wallet that owes nothing."""
    return Refused("no_debt", _("There is no debt to write off."))


def write_off_too_large(max_minor: int) -> Refused:
    """A debt that only an administrator may write off."""
    return Refused(
        "write_off_too_large",
        _("A debt of this size is written off by an administrator."),
        {"max_minor": max_minor},
    )
