"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def entitlement_unknown() -> Refused:
    """No such entitlement of this person."""
    return Refused("entitlement_unknown", _("This entitlement is not on this person's page any more."))


def entitlement_overlaps() -> Refused:
    """The person has one of the same source on a day of this one."""
    return Refused(
        "entitlement_overlaps",
        _("There is already one of this source on some of these days. Stop that one first."),
    )


def entitlement_without_a_day() -> Refused:
    """Its last day, or its next check, lies before its first day."""
    return Refused("entitlement_without_a_day", _("The last day can't be before the first day."))


def entitlement_not_valid() -> Refused:
    """Neither a meal with a share nor a sum above nothing, or another source without a name."""
    return Refused("entitlement_not_valid", _("Choose a meal or a sum, and name another source."))


def unspent_days_not_valid() -> Refused:
    """What is kept is bound to between one day's sum and sixty."""
    return Refused("unspent_days_not_valid", _("Please choose between 1 and 60 days."))
