"""What came for a person by the bank, and what was paid out."""

from typing import Any

from willing.core.errors import Refused
from willing.payments.models import PaymentReference, PayOut, StatementLine
from willing.payments.queries import account_of, pay_outs_of
from willing.payments.reference_rules import CREDITOR, write_reference
from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso


def paid_by_bank(person: Person) -> dict[str, Any] | None:
    """Return a person's payment reference and each booking for them; None where there is neither.

    Never who paid, from which account and with which words: that is about the payer, who may be another.
    """
    reference = PaymentReference.objects.filter(person=person).first()
    rows = StatementLine.objects.filter(person=person, state=StatementLine.State.BOOKED)
    bookings = [
        {
            "amount_minor": row.amount_minor,
            "booked_on": row.booked_on.isoformat(),
            "taken_back": row.takes_back,
        }
        for row in rows.order_by("booked_on", "statement__number", "number")
    ]
    if reference is None and not bookings:
        return None
    number = write_reference(reference.number, CREDITOR) if reference else None
    return {"payment_reference": number, "bookings": bookings}


def paid_out(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return what was asked for, paid and sent back; an account only to the guardian who gave it."""
    return [
        {
            "amount_minor": one.amount_minor,
            "pay_out": one.state,
            "asked_at": iso(one.asked_at),
            "account": _account(one) if reader.guardian and one.guardian_id == reader.guardian.pk else None,
            "why": one.reason or None,
        }
        for one in pay_outs_of(person)
    ]


def _account(one: PayOut) -> str | None:
    if one.way == PayOut.Route.CASH:
        return None
    try:
        account = account_of(one)
    except Refused:  # deleted with its time, or the keys are out of reach
        return None
    return f"{account.holder}, {account.shown}"
