"""What accounts and transfers are called in reports, for a school's office and its accountant."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.ledger.models import Account, Transfer

# By kind of account, in the order in which a report lists them.
ACCOUNTS: Mapping[str, Promise] = {
    Account.Kind.DRAWER: _("Cash in drawers"),
    Account.Kind.SAFE: _("Safe"),
    Account.Kind.CHEQUES: _("Cheques"),
    Account.Kind.BANK: _("Bank"),
    Account.Kind.WALLET: _("Owed to families"),
    Account.Kind.SALES: _("Sales"),
    Account.Kind.ENTITLEMENTS: _("Free and reduced meals"),
    Account.Kind.MEALS: _("Carried by the school"),
    Account.Kind.WRITE_OFF: _("Debts given up"),
    Account.Kind.ROUNDING: _("Rounding of cash"),
    Account.Kind.DIFFERENCES: _("Differences of counted cash"),
    Account.Kind.GIFTS: _("Gifts of families"),
}
REASONS: Mapping[str, Promise] = {
    Transfer.Reason.TOPUP: _("Pay-in"),
    Transfer.Reason.SALE: _("Sale"),
    Transfer.Reason.REFUND: _("Refund"),
    Transfer.Reason.REVERSAL: _("Reversal"),
    Transfer.Reason.PAY_OUT: _("Pay-out"),
    Transfer.Reason.SIBLING: _("Between siblings"),
    Transfer.Reason.GIFT: _("Gift"),
    Transfer.Reason.WRITE_OFF: _("Debt given up"),
    Transfer.Reason.MERGE: _("Two records of one person"),
    Transfer.Reason.FLOAT: _("Float"),
    Transfer.Reason.BANKING: _("Taken to the bank"),
    Transfer.Reason.DIFFERENCE: _("Difference of counted cash"),
    Transfer.Reason.ROUNDING: _("Rounding"),
}
