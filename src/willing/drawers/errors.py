"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def drawer_unknown() -> Refused:
    """No such drawer at this school."""
    return Refused("drawer_unknown", _("There is no such drawer."))


def drawer_name_taken() -> Refused:
    """Another drawer of this school has that name."""
    return Refused("drawer_name_taken", _("Another drawer already has this name."))


def till_has_a_drawer() -> Refused:
    """A second drawer for a till."""
    return Refused("till_has_a_drawer", _("This till already has a drawer."))


def drawer_closed() -> Refused:
    """Cash for, or from, a drawer that nobody has opened today."""
    return Refused("drawer_closed", _("This drawer is closed. Please open it first."))


def drawer_open() -> Refused:
    """A drawer that is open was to be opened."""
    return Refused("drawer_open", _("This drawer is open already. Close it first."))


def drawer_holds_less(holds_minor: int) -> Refused:
    """More was to be taken out of a drawer, or kept in it, than is there."""
    return Refused("drawer_holds_less", _("There is less than that in this drawer."), {"holds": holds_minor})


def drawer_not_counted() -> Refused:
    """A close without a count, or after something moved since the count."""
    return Refused("drawer_not_counted", _("Please count the drawer: something has moved since."))


def count_below_zero() -> Refused:
    """A count of less than nothing."""
    return Refused("count_below_zero", _("A drawer can't hold less than nothing. Please count again."))


def difference_needs_a_reason(difference_minor: int) -> Refused:
    """A count that differs, and no reason was chosen."""
    return Refused(
        "difference_needs_a_reason",
        _("The count differs. Please say why, or count again."),
        {"difference": difference_minor},
    )


def cheques_hold_less(holds_minor: int) -> Refused:
    """More cheques were to be taken to the bank than there are."""
    return Refused("cheques_hold_less", _("There are not that many cheques."), {"holds": holds_minor})


def receipt_unknown() -> Refused:
    """No such pay-in at this school."""
    return Refused("receipt_unknown", _("There is no such receipt."))
