"""Every movement of money in words that a family reads."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from willing.ledger.models import Account, Transfer
from willing.wallets.statement import Movement

Reason, Kind = Transfer.Reason, Account.Kind


def name_of(movement: Movement) -> str:
    """Return what a movement is called, in the reader's language."""
    name = _NAMES.get(movement.transfer.reason)
    return name(movement) if name else str(movement.transfer.get_reason_display())


def _sale(movement: Movement, text: str) -> str:
    sale = movement.sale
    assert sale is not None, "a transfer for a sale refers to it"
    lines = (
        [(one.line.label, one.quantity) for one in movement.refund.lines.all()]
        if movement.refund
        else [(one.label, one.quantity) for one in sale.basket.lines.all()]
    )
    what = ", ".join(f"{name} × {quantity}" if quantity > 1 else name for name, quantity in lines)
    return text % {"what": what, "number": sale.receipt_number}


def _refund_text(movement: Movement) -> str:
    if movement.sale is not None and movement.sale.is_voided:
        return _("Receipt %(number)s was voided at the till (%(what)s)")
    return _("Refund of receipt %(number)s (%(what)s)")


def _paid_in(movement: Movement) -> str:
    match movement.transfer.debit.kind:
        case Kind.BANK:
            return _("Paid in by bank transfer")
        case Kind.CHEQUES:
            return _("Paid in by cheque at the school office")
    return _("Paid in at the school office")


def _reversal(movement: Movement) -> str:
    corrects, words = movement.transfer.corrects, movement.words
    assert corrects is not None, "a reversal names what it corrects"
    if corrects.reason == Reason.PAY_OUT:
        return _("A pay-out came back")
    if words:
        return _("A pay-in was wrong and was taken back: %(words)s") % {"words": words}
    return _("A pay-in was taken back by the bank")


def _sibling(movement: Movement) -> str:
    text = _("From %(name)s's balance") if movement.amount_minor > 0 else _("To %(name)s's balance")
    return text % {"name": movement.other}


_NAMES: dict[str, Callable[[Movement], str]] = {
    Reason.SALE: lambda one: _sale(one, _("Bought: %(what)s (receipt %(number)s)")),
    Reason.REFUND: lambda one: _sale(one, _refund_text(one)),
    Reason.TOPUP: _paid_in,
    Reason.REVERSAL: _reversal,
    Reason.PAY_OUT: lambda _one: _("Paid out to the family"),
    Reason.SIBLING: _sibling,
    Reason.GIFT: lambda _one: _("Given to the school's meals"),
    Reason.WRITE_OFF: lambda one: _("The school gave up what was owed: %(words)s") % {"words": one.words},
    Reason.MERGE: lambda _one: _("Balance of an earlier record of the same person"),
}
