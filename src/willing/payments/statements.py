"""The writer of imported statements: which bookings are new, and storing those.

A booking is known by the bank's own number with its day and sum; without a number by day, sum, text and a
running number among its likes in one file. So the same file twice adds nothing, and what a notification
(camt.054) said is not added by the statement (camt.053) of the day.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.numbers import next_number
from willing.core.transactions import atomic, lock
from willing.keys.master import keyed_digest
from willing.payments import errors
from willing.payments.account_rules import is_same_account
from willing.payments.bookings import Booking, StatementFile
from willing.payments.models import PayOut, Statement, StatementLine
from willing.payments.queries import find_bank_details
from willing.payments.sealing import create_keys, destroy_keys, seal
from willing.people.models import School

State = StatementLine.State


@dataclass(frozen=True)
class KnownBooking:
    """A booking with what tells it from all others. whole: of the sum that it is a part of, or ""."""

    booking: Booking
    identity: str
    whole: str = ""


def name_bookings(bookings: Sequence[Booking]) -> list[KnownBooking]:
    """Return the bookings of a file with their identities, digests under a key of this installation."""
    seen: Counter[tuple[str, ...]] = Counter()
    named = []
    for one in bookings:
        amount = one.whole_minor if one.part else one.amount_minor
        way = "out" if one.takes_back else "in"
        parts: tuple[str, ...] = ("whole", one.bank_number, one.booked_on.isoformat(), str(amount), way)
        if not one.bank_number:
            parts = (*parts, one.payer, one.text)
        whole = _digest(parts) if one.part and one.bank_number else ""
        if one.part:
            own = one.part if one.part != "part " else one.part + one.payer + one.text
            parts = ("part", *parts[1:], own, str(one.amount_minor))
        seen[parts] += 1
        # The bank's number is one booking's alone; without one, the second of two likes is another booking.
        is_numbered = bool(one.bank_number) and not one.part
        named.append(KnownBooking(one, _digest(parts if is_numbered else (*parts, str(seen[parts]))), whole))
    return named


def _digest(parts: Sequence[str]) -> str:
    return keyed_digest("bank booking", "".join(f"{len(part)}:{part}" for part in parts))


def payer_digest(account: str) -> str:
    """Return what tells one payer's account from others without telling which it is; "" for none."""
    return keyed_digest("payer account", account) if account else ""


def require_own_account(school: School, read: StatementFile) -> None:
    """Raise Refused statement_other_account where a file is about another account than the school's."""
    details = find_bank_details(school)
    for other in read.accounts if details else ():
        assert details is not None
        if not is_same_account(details.account, other):
            raise errors.statement_other_account(f"…{other[-4:]}")


@dataclass(frozen=True)
class StoredStatement:
    """What an import stored. number: 0 where nothing was new, so that there is no record of it."""

    number: int
    added: int
    known: int


def store_statement(school: School, read: StatementFile, *, by: User | None) -> StoredStatement:
    """Store the bookings of a file that are new, all of them waiting; `matching.book_waiting` books them.

    Raises Refused statement_other_account, bank_keys_unavailable.
    """
    require_own_account(school, read)
    named = new_bookings(school, name_bookings(read.bookings))
    ids = {one.identity: new_id() for one in named}
    keys = create_keys({line_id: line_id for line_id in ids.values()}) if ids else {}
    stored: list[UUID] = []
    try:
        done = _store(school, read, (named, ids, keys, stored), by)
    finally:
        if unused := sorted(keys.keys() - set(stored)):
            destroy_keys(unused)  # another import of the same file was first, or this one broke off
    return done


def new_bookings(school: School, named: Sequence[KnownBooking]) -> list[KnownBooking]:
    """Return those that are new, each once; a part of a sum that was dealt with as a whole is old."""
    wanted = {one.identity for one in named} | {one.whole for one in named}
    rows = StatementLine.objects.filter(school=school, identity__in=wanted).values_list("identity", "state")
    states = dict(rows)
    of_parts = StatementLine.objects.filter(school=school, batch_identity__in=wanted - {""})
    detailed = set(of_parts.values_list("batch_identity", flat=True))
    fresh: dict[str, KnownBooking] = {}
    for one in named:
        is_old = one.identity in states or one.identity in detailed
        was_whole = states.get(one.whole) in (State.BOOKED, State.ASIDE)
        if not is_old and not was_whole:
            fresh.setdefault(one.identity, one)
    return list(fresh.values())


Prepared = tuple[Sequence[KnownBooking], dict[str, UUID], dict[UUID, bytes], list[UUID]]


@atomic
def _store(school: School, read: StatementFile, prepared: Prepared, by: User | None) -> StoredStatement:
    named, ids, keys, stored = prepared
    lock(School.objects).get(pk=school.pk)  # one import after the other: each sees what the last one stored
    fresh = new_bookings(school, named)
    stored[:] = [ids[one.identity] for one in fresh]
    _mark_paid_files(school, read, by)
    if not fresh:
        return StoredStatement(0, 0, len(read.bookings))
    statement = Statement.objects.create(
        school=school,
        number=next_number(Statement.objects.filter(school=school)),
        format=read.format,
        added=len(fresh),
        known=len(read.bookings) - len(fresh),
        left_out=sum(read.left_out.values()),
        by=by,
        at=now(),
    )
    StatementLine.objects.filter(
        school=school, state=State.WAITING, identity__in={one.whole for one in fresh} - {""}
    ).update(state=State.DETAILED, settled_at=now())
    StatementLine.objects.bulk_create(
        [
            _line(one, ids[one.identity], keys[ids[one.identity]], statement, number)
            for number, one in enumerate(fresh, start=1)
        ]
    )
    facts = {"statement": statement.number, "added": len(fresh), "by": by.pk if by else None}
    record("statement.imported", subject=school.id, facts=facts, personal={})
    return StoredStatement(statement.number, len(fresh), statement.known)


def _line(one: KnownBooking, line_id: UUID, key: bytes, statement: Statement, number: int) -> StatementLine:
    booking = one.booking
    facts = {
        "payer": booking.payer,
        "account": booking.payer_account,
        "text": booking.text,
        "end_to_end": booking.end_to_end,
        "is_return": booking.is_return,
        "is_batch": booking.is_batch,
    }
    return StatementLine(
        id=line_id,
        school_id=statement.school_id,
        statement=statement,
        number=number,
        identity=one.identity,
        batch_identity=one.whole,
        booked_on=booking.booked_on,
        amount_minor=booking.amount_minor,
        takes_back=booking.takes_back,
        sealed=seal(facts, line_id, key),
        payer_digest=payer_digest(booking.payer_account),
    )


def _mark_paid_files(school: School, read: StatementFile, by: User | None) -> None:
    """Record which of the school's own payments the bank has carried out, by the numbers we gave them."""
    made = {one.upper() for one in read.payments_made}
    for row in lock(PayOut.objects).filter(person__school=school, state=PayOut.State.FILED).order_by("id"):
        assert row.file_id is not None, "only what is in a file is filed"
        if made & {row.id.hex.upper(), f"PO{row.file_id.hex}".upper()}:
            row.state, row.closed_at = PayOut.State.PAID, now()
            row.save(update_fields=["state", "closed_at"])
            facts = {"pay_out": str(row.id), "amount": row.amount_minor, "by": by.pk if by else None}
            record("pay_out.paid", subject=row.person_id, facts=facts, personal={})
