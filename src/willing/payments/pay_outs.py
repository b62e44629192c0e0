"""The writers of pay-outs: asked for, approved or refused, in a file, paid, sent back.

The money leaves the wallet with the approval: from then on it can't be spent before the bank has it, and a
file holds only what has left. What a bank sends back, and what is taken back before it is in a file, returns
by a reversal of that transfer.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.numbers import next_number
from willing.core.transactions import atomic, lock
from willing.drawers.models import Drawer
from willing.drawers.queries import lock_open_session
from willing.ledger.accounts import lock_accounts, open_school_account, open_wallet
from willing.ledger.actions import Order, post
from willing.ledger.errors import amount_not_positive, key_reused, not_covered
from willing.ledger.models import Account, Transfer
from willing.payments import errors
from willing.payments.account_rules import BankAccount
from willing.payments.models import PayOut, PayOutFile
from willing.payments.pay_out_files import require_payable
from willing.payments.queries import account_of, own_account
from willing.payments.sealing import create_keys, destroy_keys, seal
from willing.people.models import Guardian, Person, School

State = PayOut.State
# Where the money goes to: out of the bank, or out of the school's cash.
GOES_TO = {PayOut.Route.TRANSFER: Account.Kind.BANK, PayOut.Route.CASH: Account.Kind.SAFE}


@dataclass(frozen=True)
class AskedBy:
    """Who asks for a pay-out: a guardian, or a member of staff; nobody where a leaver's time is over."""

    guardian: Guardian | None = None
    user: User | None = None


def ask_pay_out(
    person: Person, amount_minor: int, *, asked_by: AskedBy, key: UUID, account: BankAccount | None
) -> PayOut:
    """Record that a family wants money back from a wallet. The same key again adds nothing.

    account: whose and where; None to be paid in cash, against a signature. Nothing moves before `approve`,
    and whether the wallet covers it is asked then. People who have left are paid out like any other.
    Raises Refused amount_not_positive, idempotency_key_reused, bank_keys_unavailable.
    """
    if amount_minor <= 0:
        raise amount_not_positive()
    pay_out_id = derive_id(key, "pay-out")
    earlier = _find_same(pay_out_id, person, amount_minor)
    if earlier is not None:
        return earlier
    keys = create_keys({pay_out_id: person.id}) if account else {}
    sealed = seal(account.as_facts(), pay_out_id, keys[pay_out_id]) if account else None
    new = PayOut(
        id=pay_out_id,
        person=person,
        amount_minor=amount_minor,
        way=PayOut.Route.TRANSFER if account else PayOut.Route.CASH,
        sealed=sealed,
        guardian=asked_by.guardian,
        user=None if asked_by.guardian else asked_by.user,
        asked_at=now(),
    )
    try:
        return _store(new)
    except BaseException:
        if account and not PayOut.objects.filter(pk=pay_out_id).exists():
            destroy_keys([pay_out_id])  # a key without its row must not outlive the attempt
        raise


def _find_same(pay_out_id: UUID, person: Person, amount_minor: int) -> PayOut | None:
    found = PayOut.objects.filter(pk=pay_out_id).first()
    if found is not None and (found.person_id, found.amount_minor) != (person.pk, amount_minor):
        raise key_reused()
    return found


@atomic
def _store(new: PayOut) -> PayOut:
    lock(Person.objects).get(pk=new.person_id)  # two presses at once are one
    earlier = _find_same(new.id, new.person, new.amount_minor)
    if earlier is not None:
        return earlier
    new.save(force_insert=True)
    by_user = new.user.pk if new.user else None
    facts = {"pay_out": str(new.id), "amount": new.amount_minor, "way": new.way, "by": by_user}
    facts["guardian"] = str(new.guardian_id) if new.guardian_id else None
    record("pay_out.requested", subject=new.person_id, facts=facts, personal={})
    return new


@atomic
def approve(pay_out_id: UUID, *, by: User, out_of: Drawer | None = None) -> PayOut:
    """Take the sum out of the wallet. In cash it is paid with that: the office has the signature.

    out_of: the drawer from which cash was handed over; None: the safe. A second press finds it approved.
    Raises Refused pay_out_unknown, pay_out_not_open, not_covered, drawer_closed.
    """
    found = _locked(pay_out_id)
    if found.state in (State.APPROVED, State.FILED, State.PAID):
        return found
    _require_state(found, State.ASKED)
    wallet = open_wallet(found.person)
    is_cash = found.way == PayOut.Route.CASH
    outside = out_of.account if is_cash and out_of else _outside(found)
    reason = Transfer.Reason.PAY_OUT
    order = Order(found.id, wallet.id, outside.id, found.amount_minor, reason, found.id)
    # The school's grace is for meals: nothing below zero is paid out.
    if lock_accounts([wallet.id])[wallet.id].available_minor < found.amount_minor:
        raise not_covered()
    if is_cash and out_of:
        lock_open_session(out_of)
    found.transfer = post(order)
    found.state = State.PAID if is_cash else State.APPROVED
    found.decided_by, found.decided_at = by, now()
    found.closed_at = now() if is_cash else None
    found.save(update_fields=["transfer", "state", "decided_by", "decided_at", "closed_at"])
    _record("pay_out.approved", found, by)
    return found


def _outside(found: PayOut) -> Account:
    return open_school_account(found.person.school, GOES_TO[PayOut.Route(found.way)])


@atomic
def refuse(pay_out_id: UUID, reason: str, *, by: User) -> PayOut:
    """Refuse a pay-out that is asked for, with a reason that the family reads. Nothing has moved.

    Raises Refused pay_out_unknown, pay_out_not_open, pay_out_reason_missing.
    """
    found = _locked(pay_out_id)
    _require_state(found, State.ASKED)
    found.reason = _require_reason(reason)
    found.state, found.decided_by, found.decided_at = State.REFUSED, by, now()
    found.closed_at = now()
    found.save(update_fields=["state", "reason", "decided_by", "decided_at", "closed_at"])
    _record("pay_out.refused", found, by)
    return found


@atomic
def make_file(
    school: School, pay_out_ids: Collection[UUID], format_: PayOutFile.Format, *, by: User, pays_on: date
) -> PayOutFile:
    """Put approved pay-outs into a file for the bank. Its text is made whenever it is asked for.

    Raises Refused no_pay_outs, pay_out_not_open, pay_out_account_missing, bank_details_missing, sealed_gone.
    """
    lock(School.objects).get(pk=school.pk)
    rows = list(_of(school).filter(pk__in=pay_out_ids, way=PayOut.Route.TRANSFER).order_by("id"))
    if not rows:
        raise errors.no_pay_outs()
    for row in rows:
        _require_state(row, State.APPROVED)
    require_payable(format_, own_account(school), [account_of(row) for row in rows], school.currency)
    number = next_number(PayOutFile.objects.filter(school=school))
    made = PayOutFile.objects.create(
        school=school, number=number, format=format_, by=by, made_at=now(), pays_on=pays_on
    )
    PayOut.objects.filter(pk__in=[row.pk for row in rows]).update(file=made, state=State.FILED)
    facts = {"file": number, "format": format_, "count": len(rows), "by": by.pk}
    facts["amount"] = sum(row.amount_minor for row in rows)
    record("pay_out_file.made", subject=school.id, facts=facts, personal={})
    return made


@atomic
def mark_paid(file: PayOutFile, *, by: User) -> int:
    """Record that the bank has carried out a file. Return how many pay-outs it paid; again, none."""
    rows = list(_of(file.school).filter(file=file, state=State.FILED).order_by("id"))
    PayOut.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.PAID, closed_at=now())
    for row in rows:
        _record("pay_out.paid", row, by)
    return len(rows)


@atomic
def mark_returned(pay_out_id: UUID, reason: str, *, by: User | None) -> PayOut:
    """Put the sum of a pay-out back into the wallet: the bank has sent it back, or it is not sent after all.

    by: None where a statement says so. A second press finds it returned. Cash of a drawer goes back into it.
    Raises Refused pay_out_unknown, pay_out_not_open, pay_out_reason_missing, drawer_closed.
    """
    found = _locked(pay_out_id)
    if found.state == State.RETURNED:
        return found
    if found.state not in (State.APPROVED, State.FILED, State.PAID):
        raise errors.pay_out_not_open(found.state)
    found.reason = _require_reason(reason)
    taken = found.transfer
    assert taken is not None, "the database holds to it"
    if (drawer := Drawer.objects.filter(account=taken.credit_id).first()) is not None:
        lock_accounts([taken.debit_id])
        lock_open_session(drawer)
    back = Transfer.Reason.REVERSAL
    post(Order(found.id, taken.credit_id, taken.debit_id, taken.amount_minor, back, found.id, taken.id))
    found.state, found.closed_at = State.RETURNED, now()
    found.save(update_fields=["state", "reason", "closed_at"])
    _record("pay_out.returned", found, by)
    return found


def _of(school: School) -> QuerySet[PayOut]:
    return lock(PayOut.objects).filter(person__school=school).select_related("person__school", "transfer")


def _locked(pay_out_id: UUID) -> PayOut:
    found = lock(PayOut.objects).select_related("person__school").filter(pk=pay_out_id).first()
    if found is None:
        raise errors.pay_out_unknown()
    return found


def _require_state(found: PayOut, state: PayOut.State) -> None:
    if found.state != state:
        raise errors.pay_out_not_open(found.state)


def _require_reason(reason: str) -> str:
    text = " ".join(reason.split())[:200]
    if not text:
        raise errors.pay_out_reason_missing()
    return text


def _record(event: str, found: PayOut, by: User | None) -> None:
    facts = {"pay_out": str(found.id), "amount": found.amount_minor, "by": by.pk if by else None}
    record(event, subject=found.person_id, facts=facts, personal={})


@atomic
def move_guardian_pay_outs(gone: Guardian, kept: Guardian) -> None:
    """Let what one record of a guardian asked for be the other's: both are one."""
    PayOut.objects.filter(guardian=gone).update(guardian=kept)
