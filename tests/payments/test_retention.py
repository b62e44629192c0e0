"""What the night deletes: who paid and to whom was paid out; sums, days and transfers stay."""

from datetime import timedelta
from uuid import uuid4

from tests.payments.samples import entry
from tests.payments.test_pay_outs import PAYEE

from willing.core import clock
from willing.core.clock import now
from willing.keys.actions import existing_keys
from willing.payments.matching import set_aside
from willing.payments.models import PayOut, StatementLine
from willing.payments.pay_outs import AskedBy, ask_pay_out, refuse
from willing.payments.queries import waiting_lines
from willing.payments.retention import purge_payees, purge_payers, purge_strangers
from willing.privacy.personal_data import personal_data_of
from willing.privacy.personal_data_document import access_document
from willing.privacy.readers import RecordReader
from willing.privacy.retention_job import purge_everything


def later(days):
    moment = now() + timedelta(days=days)
    return clock.running(lambda: moment)


def test_who_paid_is_deleted_after_a_year_and_what_is_not_for_lunch_after_a_week(bank):
    bank.load(bank.pays("Ada"), entry(text="rent of the hall", ref="BANK0000000002"))
    (stranger,) = waiting_lines(bank.school)
    booked = StatementLine.objects.get(state="booked")
    set_aside([stranger.id], bank.school, by=bank.office)
    assert existing_keys([booked.id, stranger.id]) == {booked.id, stranger.id}
    with later(8):
        purge_everything(bank.school)
    assert existing_keys([booked.id, stranger.id]) == {booked.id}
    stranger.refresh_from_db()
    assert (stranger.sealed, stranger.payer_digest, stranger.amount_minor) == (None, "", 2500)
    with later(367):
        purge_everything(bank.school)
    booked.refresh_from_db()
    assert (booked.sealed, booked.payer_digest, booked.state) == (None, "", "booked")
    assert existing_keys([booked.id]) == set()
    stored, _matched = bank.load(bank.pays("Ada"), entry(text="rent of the hall", ref="BANK0000000002"))
    assert stored.added == 0, "what is deleted is still known to have been there"


def test_nothing_is_deleted_before_its_time(bank):
    bank.load(bank.pays("Ada"))
    before = now() - timedelta(days=1)
    assert (purge_payers(before, 10), purge_strangers(before, 10), purge_payees(before, 10)) == (0, 0, 0)


def test_a_payee_s_account_is_deleted_a_year_after_the_pay_out_was_closed(bank):
    by = AskedBy(user=bank.office)
    row = ask_pay_out(bank.cast.person("Ada"), 100, asked_by=by, key=uuid4(), account=PAYEE)
    assert purge_payees(now() + timedelta(days=9), 10) == 0, "one that is open is kept"
    refuse(row.id, "Not yours", by=bank.office)
    assert purge_payees(now() + timedelta(days=9), 10) == 1
    row = PayOut.objects.get()
    assert (row.sealed, row.amount_minor) == (None, 100)
    assert existing_keys([row.id]) == set()


def test_gdpr_15_a_person_reads_what_the_bank_brought_and_no_payer(bank):
    bank.load(bank.pays("Ada"))
    ada, gus = bank.cast.person("Ada"), bank.cast.guardian("Gus")
    ask_pay_out(ada, 100, asked_by=AskedBy(guardian=gus), key=uuid4(), account=PAYEE)
    held = personal_data_of(ada)
    assert held["paid_by_bank"]["payment_reference"] == bank.reference("Ada")
    assert held["paid_by_bank"]["bookings"] == [
        {"amount_minor": 2500, "booked_on": "2026-11-25", "taken_back": False}
    ]
    assert "Petra" not in str(held)
    assert held["paid_out"][0]["account"] is None
    theirs = personal_data_of(ada, RecordReader(guardian=gus))
    assert theirs["paid_out"][0]["account"] == f"{PAYEE.holder}, {PAYEE.shown}"
    assert "Paid in by the bank" in str(access_document(theirs))
