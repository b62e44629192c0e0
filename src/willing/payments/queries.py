"""Reads about money by the bank. What is sealed is opened in `sealing` only."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from willing.core.errors import Refused
from willing.ledger.models import Transfer
from willing.payments import errors
from willing.payments.account_rules import BankAccount, read_account
from willing.payments.match_rules import FoundReferences
from willing.payments.models import (
    BankDetails,
    PaymentReference,
    PayOut,
    PayOutFile,
    Statement,
    StatementLine,
)
from willing.payments.pay_out_files import Batch, OrderedPayment
from willing.payments.sealing import open_own, open_sealed
from willing.people.models import Person, School

PAY_OUTS_SHOWN, STATEMENTS_SHOWN = 200, 20


def keys_in_use() -> set[UUID]:
    """Return the keys under which rows of this room are sealed."""
    lines = StatementLine.objects.filter(sealed__isnull=False).values_list("pk", flat=True)
    pay_outs = PayOut.objects.filter(sealed__isnull=False).values_list("pk", flat=True)
    return {*lines, *pay_outs}


def own_account(school: School) -> BankAccount:
    """Return the school's own account. Raises Refused bank_details_missing."""
    found = find_bank_details(school)
    if found is None:
        raise errors.bank_details_missing()
    return found.account


@dataclass(frozen=True)
class OwnDetails:
    """The school's account, opened, and the kind of reference that families get."""

    account: BankAccount
    references: str


def find_bank_details(school: School) -> OwnDetails | None:
    """Return the school's bank details, or None before they are set."""
    row = BankDetails.objects.filter(school=school).first()
    return OwnDetails(open_own(row.sealed, school.pk), row.references) if row else None


def has_bank_details(school: School) -> bool:
    """Say whether the school has set its bank details."""
    return BankDetails.objects.filter(school=school).exists()


def account_of(pay_out: PayOut) -> BankAccount:
    """Return the payee's account of a pay-out. Raises Refused sealed_gone, bank_keys_unavailable."""
    return BankAccount(**open_sealed(pay_out.sealed, pay_out.id))


def pay_outs_of(person: Person) -> list[PayOut]:
    """Return the pay-outs of a person, newest first. Never the account: that is opened by `account_of`."""
    rows = PayOut.objects.filter(person=person).select_related("guardian", "file")
    return list(rows.defer("sealed").order_by("-asked_at", "id"))


def open_pay_outs(school: School) -> list[PayOut]:
    """Return the pay-outs that the office has yet to do something about, oldest first."""
    waiting = (PayOut.State.ASKED, PayOut.State.APPROVED, PayOut.State.FILED)
    rows = PayOut.objects.filter(person__school=school, state__in=waiting)
    return list(
        rows.select_related("person__year_group", "guardian", "user", "file").order_by("asked_at", "id")
    )


def closed_pay_outs(school: School) -> list[PayOut]:
    """Return the newest pay-outs that were paid, refused or sent back."""
    done = (PayOut.State.PAID, PayOut.State.RETURNED, PayOut.State.REFUSED)
    rows = PayOut.objects.filter(person__school=school, state__in=done)
    return list(rows.select_related("person", "file").order_by("-closed_at", "id")[:PAY_OUTS_SHOWN])


def pay_out_files(school: School) -> list[PayOutFile]:
    """Return the files for the bank, newest first."""
    return list(PayOutFile.objects.filter(school=school).order_by("-number")[:PAY_OUTS_SHOWN])


def require_file(school: School, number: int) -> PayOutFile:
    """Return a file of the school by its number. Raises Refused pay_out_unknown."""
    found = PayOutFile.objects.select_related("school").filter(school=school, number=number).first()
    if found is None:
        raise errors.pay_out_unknown()
    return found


def batch_of(file: PayOutFile) -> Batch:
    """Return what is in a file, accounts opened. Raises Refused sealed_gone, bank_details_missing."""
    rows = PayOut.objects.filter(file=file).order_by("id")
    text = f"{file.school.name}: lunch money"
    payments = [OrderedPayment(row.id.hex, account_of(row), row.amount_minor, text) for row in rows]
    own = own_account(file.school)
    return Batch(f"PO{file.id.hex}", own, file.school.currency, file.made_at, file.pays_on, payments)


def references_of(school: School) -> FoundReferences:
    """Return whose each reference is. The number of a merged record leads to the one that goes on."""
    rows = PaymentReference.objects.filter(school=school).values_list("number", "person_id")
    merged = Person.objects.filter(school=school, merged_into__isnull=False)
    kept = {gone: into for gone, into in merged.values_list("pk", "merged_into") if into}
    persons: dict[int, UUID] = {}
    for number, owner in rows:
        while owner in kept:
            owner = kept[owner]  # noqa: PLW2901
        persons[number] = owner
    gone = Person.objects.filter(pk__in=set(persons.values()), left_at__isnull=False)
    return FoundReferences(persons, set(gone.values_list("pk", flat=True)))


def pay_in_to_take_back(person: Person, amount_minor: int) -> Transfer | None:
    """Return the newest pay-in by the bank of exactly this sum of which nothing was taken back, or None."""
    rows = StatementLine.objects.filter(
        person=person,
        amount_minor=amount_minor,
        takes_back=False,
        state=StatementLine.State.BOOKED,
        transfer__reason=Transfer.Reason.TOPUP,
        transfer__corrections__isnull=True,
    )
    line = rows.select_related("transfer").order_by("-booked_on", "-statement__number", "-number").first()
    return line.transfer if line else None


def waiting_lines(school: School) -> QuerySet[StatementLine]:
    """Return the bookings that wait for the office, oldest day first."""
    rows = StatementLine.objects.filter(school=school, state=StatementLine.State.WAITING)
    return rows.order_by("booked_on", "statement__number", "number")


def aside_lines(school: School) -> QuerySet[StatementLine]:
    """Return the bookings that are not for lunch, newest day first."""
    rows = StatementLine.objects.filter(school=school, state=StatementLine.State.ASIDE)
    return rows.order_by("-booked_on", "-statement__number", "number")


def count_waiting(school: School) -> int:
    """Return how many bookings wait for the office."""
    return StatementLine.objects.filter(school=school, state=StatementLine.State.WAITING).count()


def count_pay_outs_to_do(school: School) -> int:
    """Return how many pay-outs the office has yet to decide about, or to put into a file for the bank."""
    to_do = (PayOut.State.ASKED, PayOut.State.APPROVED)
    return PayOut.objects.filter(person__school=school, state__in=to_do).count()


def statements_of(school: School) -> list[Statement]:
    """Return the newest imports."""
    return list(
        Statement.objects.filter(school=school).select_related("by").order_by("-number")[:STATEMENTS_SHOWN]
    )


def require_line(school: School, line_id: UUID) -> StatementLine:
    """Return a booking of the school. Raises Refused line_unknown."""
    found = StatementLine.objects.filter(school=school, pk=line_id).first()
    if found is None:
        raise errors.line_unknown()
    return found


def last_payer_account(person: Person) -> BankAccount | None:
    """Return the account from which the bank last brought money for a person, where it is still kept.

    A pay-out goes there without being asked for an account.
    """
    rows = StatementLine.objects.filter(
        person=person, takes_back=False, state=StatementLine.State.BOOKED, sealed__isnull=False
    ).exclude(payer_digest="")
    line = rows.order_by("-booked_on", "-statement__number", "-number").first()
    if line is None:
        return None
    said = open_sealed(line.sealed, line.id)
    try:
        account = read_account({"holder": said["payer"], "number": said["account"]})
    except Refused:
        return None
    return account if account.is_iban else None  # another number says nothing without its bank


def require_pay_out(school: School, pay_out_id: UUID) -> PayOut:
    """Return a pay-out of the school. Raises Refused pay_out_unknown."""
    found = PayOut.objects.filter(person__school=school, pk=pay_out_id).first()
    if found is None:
        raise errors.pay_out_unknown()
    return found
