"""Bookings of the bank and pay-outs that do not agree with the money are named, row by row."""

from datetime import date
from uuid import uuid4

import pytest
from django.db.models import F
from tests.payments.samples import entry
from tests.support.spoiling import without_rules

from willing.payments.account_rules import read_account
from willing.payments.books import verify_payments
from willing.payments.models import PayOut, PayOutFile, StatementLine
from willing.payments.pay_outs import AskedBy, approve, ask_pay_out, make_file, mark_paid, mark_returned

PAYEE = read_account({"holder": "Petra Agrees", "number": "DE89370400440532013000"})
SEPA = PayOutFile.Format.SEPA


def found():
    return {(one.code, one.about) for one in verify_payments()}


def ask(bank, name, amount, account=PAYEE):
    by = AskedBy(user=bank.office)
    return ask_pay_out(bank.cast.person(name), amount, asked_by=by, key=uuid4(), account=account)


def paid_out(bank, name, amount):
    row = approve(ask(bank, name, amount).id, by=bank.office)
    file = make_file(bank.school, [row.id], SEPA, by=bank.office, pays_on=date(2026, 12, 1))
    mark_paid(file, by=bank.office)
    return row


@pytest.fixture
def rows(bank):
    """Bookings that came, were taken back and wait; pay-outs asked for, paid, returned, and in cash."""
    bank.load(bank.pays("Ada"), bank.pays("Carl", "12.00", ref="BANK0000000002"))
    bank.load(bank.pays("Ada", ref="BANK0000000003", way="DBIT", more="<RvslInd>true</RvslInd>"))
    bank.load(entry("5.00", "for lunch", ref="BANK0000000004"))
    made = {"paid": paid_out(bank, "Carl", 300), "returned": paid_out(bank, "Carl", 200)}
    mark_returned(made["returned"].id, "sent back", by=bank.office)
    made["cash"] = approve(ask(bank, "Ada", 100, account=None).id, by=bank.office)
    ask(bank, "Ada", 50)
    without_rules("payments_statementline", "payments_payout", "ledger_transfer")
    return made


def test_a_sound_school_has_nothing_wrong(rows):
    assert StatementLine.objects.filter(state="booked").count() >= 2
    assert found() == set()


@pytest.mark.parametrize("takes_back", [True, False])
def test_a_booking_that_says_another_sum_or_person_is_named(bank, rows, takes_back):
    line = StatementLine.objects.filter(state="booked", takes_back=takes_back).first()
    StatementLine.objects.filter(pk=line.pk).update(amount_minor=F("amount_minor") + 1)
    assert found() == {("booked_without_its_money", line.id)}
    nia = bank.cast.person("Nia")
    StatementLine.objects.filter(pk=line.pk).update(amount_minor=line.amount_minor, person=nia)
    assert found() == {("booked_without_its_money", line.id)}


def test_a_booking_that_came_and_says_it_was_taken_back_is_named(rows):
    line = StatementLine.objects.filter(state="booked", takes_back=False).first()
    StatementLine.objects.filter(pk=line.pk).update(takes_back=True)
    assert found() == {("booked_without_its_money", line.id)}


@pytest.mark.parametrize("change", [{"amount_minor": 301}, {"way": "cash", "file": None}])
def test_a_pay_out_that_is_not_what_left_is_named(rows, change):
    PayOut.objects.filter(pk=rows["paid"].pk).update(**change)
    assert found() == {("pay_out_is_not_its_money", rows["paid"].id)}


def test_a_pay_out_that_says_it_came_back_and_did_not_is_named_and_so_is_the_other_way(rows):
    PayOut.objects.filter(pk=rows["cash"].pk).update(state="returned")
    PayOut.objects.filter(pk=rows["returned"].pk).update(state="paid")
    assert found() == {("pay_out_returned_otherwise", rows[one].id) for one in ("cash", "returned")}


def test_money_that_left_for_no_pay_out_is_named(rows):
    transfer = rows["paid"].transfer_id
    PayOut.objects.filter(pk=rows["paid"].pk).update(state="asked", transfer=None)
    assert found() == {("paid_out_for_no_pay_out", transfer)}
