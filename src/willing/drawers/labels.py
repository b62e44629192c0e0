"""What drawers and their movements are called."""

from django.utils.translation import gettext_lazy as _

from willing.drawers.rules import Moved

OFFICE = _("Office")

MOVED = {
    Moved.FLOAT: _("Change put in"),
    Moved.DROP: _("Taken to the safe"),
    Moved.PAY_IN: _("Paid in by families"),
    Moved.SALE: _("Cash sales"),
    Moved.REFUND: _("Refunds"),
    Moved.PAY_OUT: _("Paid out to families"),
    Moved.ROUNDING: _("Rounding"),
    Moved.DIFFERENCE: _("Difference of the count"),
    Moved.OTHER: _("Other"),
}
