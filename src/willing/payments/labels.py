"""What the office reads of bookings: why one waits, what is left out of a file, why someone is suggested."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.payments import match_rules

CAUSES: Mapping[str, Promise] = {
    "": _("Not read yet"),
    match_rules.BATCH: _("Several payments in one sum, without their parts"),
    match_rules.LARGE: _("A large sum: please check"),
    match_rules.LEFT: _("The reference of someone who has left"),
    match_rules.MISSING: _("No payment reference"),
    match_rules.SEVERAL: _("References of several people"),
    match_rules.UNKNOWN: _("A reference that nobody here has"),
    match_rules.NOTHING_LEFT: _("Taken back by the bank, but no such payment was booked"),
    match_rules.RETURN: _("Sent back to the school, but no such pay-out is known"),
    match_rules.SPENT: _("Taken back by the bank, but the money is spent already"),
}
# Entries of a file that are not imported. The first two are as they should be.
LEFT_OUT: Mapping[str, Promise] = {
    "debit": _("money that left the account"),
    "pending": _("not booked yet"),
    "other_currency": _("in another currency"),
    "amount_unreadable": _("the amount can't be read"),
    "amount_not_positive": _("the amount is zero or less"),
    "amount_too_large": _("the amount is impossibly large"),
    "date_unreadable": _("the date can't be read"),
    "row_width": _("more cells than the list has columns"),
    "parts_differ": _("the parts are not the sum"),
}
EXPECTED = ("debit", "pending")
REASONS: Mapping[str, Promise] = {
    "reference": _("the reference"),
    "payer": _("paid from this account before"),
    "name": _("the name is in the text"),
    "guardian": _("a guardian's name"),
    "amount": _("the same sum as last time"),
}
# How a person reads the reason when a statement says that a pay-out came back.
SENT_BACK = _("The bank has sent the money back.")
