"""What an import would do, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from willing.payments.bookings import StatementFile
from willing.payments.matching import verdict_on
from willing.payments.models import StatementLine
from willing.payments.queries import references_of
from willing.payments.statements import (
    KnownBooking,
    name_bookings,
    new_bookings,
    payer_digest,
    require_own_account,
)
from willing.people.models import Person, School

LISTED = 200


@dataclass(frozen=True)
class PreviewLine:
    """A new booking, whose it would be, and why it would wait (a key of `labels.CAUSES`), "" where not."""

    booked_on: date
    amount_minor: int
    takes_back: bool
    payer: str
    text: str
    person: Person | None
    cause: str


@dataclass(frozen=True)
class Preview:
    """New bookings: how many would be booked and how many would wait; known: were imported before."""

    lines: Sequence[PreviewLine]
    known: int
    booked: int
    waiting: int

    @property
    def listed(self) -> Sequence[PreviewLine]:
        """The first lines, those that would wait before the others."""
        return sorted(self.lines, key=lambda one: one.cause == "")[:LISTED]


def preview_statement(school: School, read: StatementFile, *, large_minor: int) -> Preview:
    """Return what importing a file would do now. Raises Refused statement_other_account."""
    require_own_account(school, read)
    named = name_bookings(read.bookings)
    fresh, known = new_bookings(school, named), references_of(school)
    verdicts = [
        verdict_on(_line(school, one), _text_of(one), known, large_minor=large_minor) for one in fresh
    ]
    persons: dict[UUID, Person] = Person.objects.select_related("year_group").in_bulk(
        {one.person for one in verdicts if one.person}
    )
    lines = [
        PreviewLine(
            one.booking.booked_on,
            one.booking.amount_minor,
            one.booking.takes_back,
            one.booking.payer,
            one.booking.text,
            persons.get(verdict.person) if verdict.person else None,
            verdict.cause,
        )
        for one, verdict in zip(fresh, verdicts, strict=True)
    ]
    waiting = sum(bool(one.cause) for one in lines)
    return Preview(lines, len(named) - len(fresh), len(lines) - waiting, waiting)


def _line(school: School, one: KnownBooking) -> StatementLine:
    booking = one.booking
    return StatementLine(
        school=school,
        amount_minor=booking.amount_minor,
        takes_back=booking.takes_back,
        payer_digest=payer_digest(booking.payer_account),
    )


def _text_of(one: KnownBooking) -> dict[str, object]:
    booking = one.booking
    return {"text": booking.text, "is_return": booking.is_return, "is_batch": booking.is_batch}
