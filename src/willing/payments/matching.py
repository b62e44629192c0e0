"""The writer of what becomes of a booking: booked for a person, taken back, set aside.

Each booking is a transaction of its own: an import that is killed leaves the rest waiting, and the next
import, of the same file too, goes on with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.transactions import atomic, lock
from willing.ledger.accounts import lock_accounts, open_school_account, open_wallet
from willing.ledger.actions import Order, post
from willing.ledger.models import Account, Transfer
from willing.payments import errors, match_rules
from willing.payments.labels import SENT_BACK
from willing.payments.match_rules import MatchVerdict, decide_owner
from willing.payments.models import PayOut, StatementLine
from willing.payments.pay_outs import mark_returned
from willing.payments.queries import pay_in_to_take_back, references_of
from willing.payments.sealing import open_sealed
from willing.people.models import Person, School

State = StatementLine.State
# Tried again at the next import: another booking may have brought what was missing.
TRIED_AGAIN = ("", match_rules.SPENT, match_rules.NOTHING_LEFT)


@dataclass(frozen=True)
class Matched:
    """How many waiting bookings were booked by themselves, and how many wait for the office."""

    booked: int
    waiting: int


def book_waiting(school: School, *, large_minor: int, by: User | None) -> Matched:
    """Book every waiting booking whose owner its text says for certain. Twice books nothing twice.

    large_minor: above it the office is asked.
    """
    known, booked = references_of(school), 0
    for line_id in _waiting(school):
        try:
            booked += _book_by_itself(line_id, known, large_minor, by)
        except Refused as refused:
            if refused.code not in ("line_settled", "sealed_gone"):
                raise
    return Matched(booked, StatementLine.objects.filter(school=school, state=State.WAITING).count())


def _waiting(school: School) -> Iterator[UUID]:
    rows = StatementLine.objects.filter(school=school, state=State.WAITING, cause__in=TRIED_AGAIN)
    # What came in goes first: the bank takes back what it booked a moment before. Otherwise the bank's order.
    ordered = rows.order_by("takes_back", "booked_on", "statement__number", "number")
    yield from list(ordered.values_list("pk", flat=True))


@atomic
def _book_by_itself(
    line_id: UUID, known: match_rules.FoundReferences, large_minor: int, by: User | None
) -> bool:
    line = _locked(line_id)
    said = open_sealed(line.sealed, line.id)
    if said["is_return"] and _book_return(line, said["end_to_end"], by):
        return True
    verdict = verdict_on(line, said, known, large_minor=large_minor)
    if verdict.person is None or verdict.cause:
        _wait(line, verdict.cause)
        return False
    person = Person.objects.select_related("school").get(pk=verdict.person)
    try:
        _book(line, person, by)
    except Refused as refused:
        if refused.code not in ("not_covered", "nothing_to_take_back"):
            raise
        _wait(line, match_rules.SPENT if refused.code == "not_covered" else match_rules.NOTHING_LEFT)
        return False
    return True


def verdict_on(
    line: StatementLine, text: dict[str, object], known: match_rules.FoundReferences, *, large_minor: int
) -> MatchVerdict:
    """Return whose a waiting booking is, by its text; what is taken back may name its payer only."""
    if text["is_batch"]:
        return MatchVerdict(None, match_rules.BATCH)
    if text["is_return"]:
        return MatchVerdict(None, match_rules.RETURN)
    bound = line.amount_minor if line.takes_back else large_minor
    verdict = decide_owner(str(text["text"]), line.amount_minor, known, large_minor=bound)
    if not line.takes_back:
        return verdict
    if verdict.person is None and (owner := _owner_by_payer(line)) is not None:
        return MatchVerdict(owner)
    return MatchVerdict(verdict.person, "" if verdict.cause == match_rules.LEFT else verdict.cause)


def _owner_by_payer(line: StatementLine) -> UUID | None:
    """Return for whom this payer has paid in exactly this sum, where that is one person."""
    if not line.payer_digest:
        return None
    rows = StatementLine.objects.filter(
        school_id=line.school_id,
        payer_digest=line.payer_digest,
        amount_minor=line.amount_minor,
        takes_back=False,
        state=State.BOOKED,
    )
    owners = set(rows.values_list("person_id", flat=True))
    return owners.pop() if len(owners) == 1 else None


def _wait(line: StatementLine, cause: str) -> None:
    if line.cause != cause:
        line.cause = cause
        line.save(update_fields=["cause"])


@atomic
def book_line(line_id: UUID, person: Person, *, by: User, confirmed: bool, large_minor: int) -> StatementLine:
    """Book a waiting booking for a person, as the office says.

    confirmed: a large sum, and one for a person who has left, were asked about once.
    Raises Refused line_unknown, line_settled, line_sum_large, not_covered, nothing_to_take_back.
    """
    line = _locked(line_id)
    if not confirmed and not line.takes_back and (line.amount_minor > large_minor or person.left_at):
        raise errors.line_sum_large()
    _book(line, person, by)
    return line


def _book(line: StatementLine, person: Person, by: User | None) -> None:
    order = _take_back(line, person) if line.takes_back else _pay_in(line, person)
    line.transfer = post(order)
    line.person, line.state, line.cause = person, State.BOOKED, ""
    line.settled_by, line.settled_at = by, now()
    line.save(update_fields=["transfer", "person", "state", "cause", "settled_by", "settled_at"])
    event = "bank_payment.reversed" if line.takes_back else "bank_payment.received"
    facts = {"line": str(line.id), "amount": line.amount_minor, "by": by.pk if by else None}
    record(event, subject=person.pk, facts=facts, personal={})


def _pay_in(line: StatementLine, person: Person) -> Order:
    wallet = open_wallet(person)
    bank = open_school_account(line.school, Account.Kind.BANK)
    return Order(line.id, bank.id, wallet.id, line.amount_minor, Transfer.Reason.TOPUP, line.id)


def _take_back(line: StatementLine, person: Person) -> Order:
    found = pay_in_to_take_back(person, line.amount_minor)
    if found is None:
        raise errors.nothing_to_take_back()
    lock_accounts([found.credit_id, found.debit_id])
    back = Transfer.Reason.REVERSAL
    return Order(line.id, found.credit_id, found.debit_id, line.amount_minor, back, line.id, found.id)


def _book_return(line: StatementLine, end_to_end: str, by: User | None) -> bool:
    """Record that a pay-out came back; False where the bank names none of ours."""
    try:
        wanted = UUID(hex=end_to_end)
    except ValueError:
        return False
    paid = PayOut.objects.filter(
        pk=wanted,
        person__school_id=line.school_id,
        amount_minor=line.amount_minor,
        state__in=(PayOut.State.FILED, PayOut.State.PAID),
    ).first()
    if paid is None:
        return False
    returned = mark_returned(paid.id, str(SENT_BACK), by=by)
    line.transfer = Transfer.objects.get(reference=returned.id, reason=Transfer.Reason.REVERSAL)
    line.person_id, line.state, line.cause = returned.person_id, State.BOOKED, ""
    line.settled_by, line.settled_at = by, now()
    line.save(update_fields=["transfer", "person", "state", "cause", "settled_by", "settled_at"])
    return True


@atomic
def set_aside(line_ids: Sequence[UUID], school: School, *, by: User) -> int:
    """Record that bookings are not for lunch. Return how many; what was settled meanwhile stays as it is.

    Who paid and what they wrote is deleted a week later.
    """
    rows = lock(StatementLine.objects).filter(school=school, pk__in=line_ids, state=State.WAITING)
    count = 0
    for line in rows.order_by("id"):
        line.state, line.settled_by, line.settled_at = State.ASIDE, by, now()
        line.save(update_fields=["state", "settled_by", "settled_at"])
        record("bank_payment.dismissed", subject=None, facts={"line": str(line.id), "by": by.pk}, personal={})
        count += 1
    return count


@atomic
def put_back(line_id: UUID, *, by: User) -> StatementLine:
    """Let a booking that was set aside wait again. Raises Refused line_unknown, line_settled."""
    line = _locked(line_id, State.ASIDE)
    line.state, line.settled_by, line.settled_at = State.WAITING, None, None
    line.save(update_fields=["state", "settled_by", "settled_at"])
    record("bank_payment.reopened", subject=None, facts={"line": str(line.id), "by": by.pk}, personal={})
    return line


def _locked(line_id: UUID, state: StatementLine.State = State.WAITING) -> StatementLine:
    line = lock(StatementLine.objects).select_related("school").filter(pk=line_id).first()
    if line is None:
        raise errors.line_unknown()
    if line.state != state:
        raise errors.line_settled()
    return line
