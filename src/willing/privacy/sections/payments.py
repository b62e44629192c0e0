"""What a person pays with, their limits and balance, and what they bought."""

from typing import Any

from willing.credentials.models import Card, Pin
from willing.credentials.queries import pin_attempts_of
from willing.entitlements.queries import entitlements_of
from willing.gate.card_numbers import number_of as knows_doors
from willing.ledger.models import Transfer
from willing.ledger.queries import wallet_of
from willing.people.models import Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso
from willing.till.limit_models import SpendingLimits
from willing.till.limit_rules import PersonLimits
from willing.till.limits import limits_of
from willing.till.models import Basket, Sale
from willing.till.queries import refunds_of


def cards(person: Person) -> list[dict[str, Any]]:
    """Return a person's cards: when each was issued, revoked and reported lost."""
    rows = Card.objects.filter(person=person).order_by("issued_at")
    return [
        {
            "issued_at": iso(card.issued_at),
            "ended_at": iso(card.revoked_at),
            "reported_lost_at": iso(card.lost_at),
            "pin_asked_for_at": iso(card.pin_asked_at),
            "printed_here": not card.is_foreign,
            "door_number": knows_doors(card),
        }
        for card in rows
    ]


def pin_state(person: Person) -> dict[str, Any]:
    """Return whether there is a PIN, and whether it is locked."""
    pin = Pin.objects.filter(person=person).first()
    if pin is None:
        return {"is_set": False, "wrong_attempts": 0, "locked_until": None}
    tries = pin_attempts_of(person)
    return {"is_set": True, "wrong_attempts": tries.wrong_attempts, "locked_until": iso(tries.locked_until)}


def limits(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return how much a person may spend, then what each of those who limit it set and when."""
    rows = SpendingLimits.objects.filter(person=person).select_related("guardian").order_by("set_at", "id")
    held = {"by": "what counts", **_sums(limits_of(person)), "set_at": None}
    own = [{"by": _setter(row, reader), **_sums(row), "set_at": iso(row.set_at)} for row in rows]
    return [held, *own]


def _sums(of: PersonLimits | SpendingLimits) -> dict[str, int | None]:
    names = ("purchase_minor", "daily_minor", "weekly_minor", "face_daily_minor")
    return {name: getattr(of, name) for name in names}


def _setter(row: SpendingLimits, reader: RecordReader) -> str:
    if row.guardian is None:
        return "the office"
    return row.guardian.name if not reader.is_person and reader.sees_of(row.guardian_id) else "a guardian"


def entitlements(person: Person) -> list[dict[str, Any]]:
    """Return what the school pays for a person's food: why, from when to when, how much."""
    return [
        {
            "kind": str(row.get_kind_display()),
            "source": row.source_label,
            "family_minor": row.family_minor,
            "day_minor": row.daily_minor,
            "first_day": row.first_day.isoformat(),
            "last_day": row.last_day.isoformat() if row.last_day else None,
            "check_on": row.check_on.isoformat() if row.check_on else None,
            "set_at": iso(row.set_at),
        }
        for row in entitlements_of(person)
    ]


def payments_in(person: Person, newest: int | None = None) -> list[dict[str, Any]]:
    """Return what was paid in for a person, the oldest first: all, or the `newest` few."""
    rows = Transfer.objects.filter(credit=wallet_of(person), reason=Transfer.Reason.TOPUP)
    shown = rows.select_related("pay_in").order_by("-at")[:newest]
    return [
        {
            "amount_minor": row.amount_minor,
            "at": iso(row.at),
            "method": row.pay_in.method if hasattr(row, "pay_in") else None,
            "receipt_number": row.pay_in.number if hasattr(row, "pay_in") else None,
        }
        for row in reversed(shown)
    ]


def charge(sale: Sale) -> dict[str, Any]:
    """Return one sale: what was bought, how it was paid, and what of it was refunded."""
    return {
        "receipt_number": sale.receipt_number,
        "place": sale.basket.terminal.name,
        "way": sale.way,
        "confirmed_by_face_after": sale.basket.claim or None,
        "total_minor": sale.total_minor,
        "items": [
            {
                "name": line.name,
                "quantity": line.quantity,
                "total_minor": line.total_minor,
                "tax_code": line.tax_code or None,
            }
            for line in sale.basket.lines.all()
        ],
        "at": iso(sale.settled_at),
        "refunds": [
            {
                "charged_twice": hasattr(sale, "duplicate"),
                "voided_at_the_till": sale.is_voided,
                "refunded_at": iso(refund.at),
                "total_minor": refund.total_minor,
                "refund_reason": refund.reason or None,
                "items": [{"name": one.line.name, "quantity": one.quantity} for one in refund.lines.all()],
            }
            for refund in refunds_of(sale)
        ],
    }


def unpaid_baskets(person: Person, newest: int | None = None) -> list[dict[str, Any]]:
    """Return baskets that the person was shown at and did not pay for: all, or the `newest` few."""
    rows = Basket.objects.filter(person=person).exclude(state=Basket.State.PAID).prefetch_related("terminal")
    return [
        {"place": row.terminal.name, "way": row.way, "outcome": row.state, "at": iso(row.opened_at)}
        for row in reversed(rows.order_by("-opened_at")[:newest])
    ]
