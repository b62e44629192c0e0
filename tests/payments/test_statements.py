"""Statements: what is new is stored once and booked for whom it names; the rest waits for the office."""

import json
import threading
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from tests.payments.conftest import LARGE
from tests.payments.samples import camt, entry

from willing.audit.models import Entry
from willing.biometrics.retention import purge_faces
from willing.core.errors import Refused
from willing.keys.actions import key_ids
from willing.keys.errors import KeysUnavailable
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.payments.bank_lists import BankListFormat
from willing.payments.list_formats import find_format, remember_format
from willing.payments.matching import book_line, put_back, set_aside
from willing.payments.models import Statement, StatementLine
from willing.payments.queries import last_payer_account, require_line, waiting_lines
from willing.payments.sealing import open_sealed
from willing.people.persons import mark_left

IBAN = "DE89370400440532013000"


def bank_minor():
    """What statements have brought: the bank's account less what the cast began with."""
    row = Account.objects.filter(kind="bank").first()
    others = Transfer.objects.filter(reason="topup", debit__kind="bank").exclude(
        pk__in=StatementLine.objects.filter(transfer__isnull=False).values("transfer")
    )
    return (row.balance_minor if row else 0) - sum(others.values_list("amount_minor", flat=True))


def causes():
    return sorted(StatementLine.objects.filter(state="waiting").values_list("cause", flat=True))


def test_a_payment_with_a_reference_is_on_the_wallet_with_the_import(bank):
    ada = bank.cast.person("Ada")
    before = available_minor(ada)
    stored, matched = bank.load(bank.pays("Ada"))
    assert (stored.added, matched.booked, matched.waiting) == (1, 1, 0)
    assert (available_minor(ada), bank_minor()) == (before + 2500, 2500)
    line = StatementLine.objects.get()
    assert (line.state, line.person, line.transfer.reason) == ("booked", ada, "topup")
    assert Entry.objects.filter(event="bank_payment.received", subject=ada.id).count() == 1
    assert verify_ledger().ok


@pytest.mark.parametrize("kind", ["creditor", "digits"])
def test_either_form_of_a_reference_is_known_whatever_the_school_prints(bank, kind):
    text = bank.reference("Carl", kind).replace(" ", "").lower()
    _stored, matched = bank.load(entry(text=f"essen {text} danke"))
    assert matched.booked == 1
    assert StatementLine.objects.get().person == bank.cast.person("Carl")


def test_the_same_file_twice_adds_nothing(bank):
    content = camt(bank.pays("Ada"), entry("7.00", "thanks", ref=""), entry("7.00", "thanks", ref=""))
    bank.load(content=content)
    before = available_minor(bank.cast.person("Ada"))
    stored, matched = bank.load(content=content)
    assert (stored.number, stored.added, stored.known, matched.booked) == (0, 0, 3, 0)
    assert (StatementLine.objects.count(), Statement.objects.count()) == (3, 1)
    assert available_minor(bank.cast.person("Ada")) == before


@pytest.mark.parametrize("ref", ["BANK0000000001", ""])
def test_what_a_notification_brought_the_statement_of_the_day_adds_no_more(bank, ref):
    bank.load(bank.pays("Ada", ref=ref), kind="054")
    stored, _matched = bank.load(bank.pays("Ada", ref=ref), kind="053", version="02")
    assert stored.added == 0
    assert bank_minor() == 2500


def test_two_equal_payments_of_a_day_are_two(bank):
    bank.load(bank.pays("Ada", ref="BANK0000000001"), bank.pays("Ada", ref="BANK0000000002"))
    assert bank_minor() == 5000
    bank.load(bank.pays("Ada", ref=""), bank.pays("Ada", ref=""))
    assert bank_minor() == 10_000


def bare(amount, ref):
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-11-25</Dt></BookgDt><AcctSvcrRef>{ref}</AcctSvcrRef>"
        "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch></NtryDtls></Ntry>"
    )


@pytest.fixture
def batch(bank):
    parts = [("10.00", bank.reference("Ada"), "PART000001"), ("15.00", bank.reference("Carl"), "PART000002")]
    return entry("25.00", ref="BATCH000001", details=parts)


def test_a_sum_in_parts_is_booked_in_parts_and_once_whichever_file_comes_first(bank, batch):
    bank.load(bare("25.00", "BATCH000001"))
    assert causes() == ["batch"]
    _stored, matched = bank.load(batch, kind="054")
    assert (matched.booked, matched.waiting) == (2, 0)
    assert bank_minor() == 2500
    assert sorted(StatementLine.objects.values_list("state", flat=True)) == ["booked", "booked", "detailed"]
    again, _matched = bank.load(bare("25.00", "BATCH000001"), batch)
    assert again.added == 0


def test_a_sum_whose_parts_are_known_is_not_added_whole(bank, batch):
    bank.load(batch, kind="054")
    stored, _matched = bank.load(bare("25.00", "BATCH000001"))
    assert (stored.added, bank_minor()) == (0, 2500)


def test_parts_of_a_sum_that_the_office_has_booked_whole_add_nothing(bank, batch):
    bank.load(bare("25.00", "BATCH000001"))
    (line,) = waiting_lines(bank.school)
    book_line(line.id, bank.cast.person("Ada"), by=bank.office, confirmed=False, large_minor=LARGE)
    stored, _matched = bank.load(batch, kind="054")
    assert (stored.added, bank_minor()) == (0, 2500)


def test_what_is_not_sure_waits_with_its_cause(bank):
    mark_left([bank.cast.person("Wes").id])
    other = bank.reference("Ada") + " " + bank.reference("Carl")
    bank.load(
        entry(text="lunch", ref="BANK0000000001"),
        entry(text="RF58 8765 4321", ref="BANK0000000002"),
        entry(text=other, ref="BANK0000000003"),
        bank.pays("Wes", ref="BANK0000000004"),
        bank.pays("Ada", "100.01", ref="BANK0000000005"),
        bank.pays("Ada", "100.00", ref="BANK0000000006"),
    )
    assert causes() == [
        "large_sum",
        "person_left",
        "reference_missing",
        "reference_missing",
        "reference_several",
    ]
    assert bank_minor() == 10_000


def test_a_reference_that_nobody_has_is_told_from_none(bank):
    from willing.payments.reference_rules import write_reference

    bank.load(entry(text=write_reference(99_999_999, "creditor")))
    assert causes() == ["reference_unknown"]


def test_a_merged_record_s_reference_leads_to_the_one_that_goes_on(bank):
    from willing.people.models import Person

    text = bank.reference("Carl")
    Person.objects.filter(given_name="Carl").update(merged_into=bank.cast.person("Ada"))
    bank.load(entry(text=text))
    assert StatementLine.objects.get().person == bank.cast.person("Ada")


def waiting(bank, *entries, **how):
    bank.load(*(entries or (entry(text="for Ada"),)), **how)
    return waiting_lines(bank.school)[0]


def test_what_waits_stands_in_the_banks_own_order(bank):
    said = [f"for {name}" for name in ("Ida", "Ben", "Zoe", "Max", "Eva", "Kim")]
    bank.load(*(entry(text=text, ref=f"BANK{9 - n:010}") for n, text in enumerate(said)))
    assert [open_sealed(one.sealed, one.id)["text"] for one in waiting_lines(bank.school)] == said


def test_the_office_books_what_waits_and_a_second_press_is_refused(bank):
    line, ada = waiting(bank), bank.cast.person("Ada")
    before = available_minor(ada)
    book_line(line.id, ada, by=bank.office, confirmed=False, large_minor=LARGE)
    for other in (ada, bank.cast.person("Carl")):
        with pytest.raises(Refused, match="line_settled"):
            book_line(line.id, other, by=bank.office, confirmed=False, large_minor=LARGE)
    assert available_minor(ada) == before + 2500
    assert bank_minor() == 2500


def test_two_offices_that_book_one_line_at_once_book_it_once(bank):
    line = waiting(bank)
    people = [bank.cast.person("Ada"), bank.cast.person("Carl")]
    answers, start = [], threading.Barrier(2)

    def press(person):
        start.wait()
        try:
            book_line(line.id, person, by=bank.office, confirmed=False, large_minor=LARGE)
            answers.append("booked")
        except Refused as refused:
            answers.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(one,)) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == ["booked", "line_settled"]
    assert bank_minor() == 2500
    assert Transfer.objects.filter(reference=line.id).count() == 1


def test_the_same_file_imported_twice_at_once_is_booked_once(bank):
    content = camt(*(bank.pays("Ada", f"{n}.00", ref=f"BANK{n:010d}") for n in range(1, 6)))
    done, start = [], threading.Barrier(2)

    def press():
        start.wait()
        try:
            done.append(bank.load(content=content)[0].added)
        finally:
            connection.close()
            from django.db import connections

            connections["keys"].close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(done) == [0, 5]
    assert (StatementLine.objects.count(), bank_minor()) == (5, 1500)
    assert set(key_ids()) >= set(StatementLine.objects.values_list("pk", flat=True))


def test_an_import_that_was_killed_goes_on_with_the_next(bank):
    content = camt(bank.pays("Ada", ref="BANK0000000001"), bank.pays("Carl", ref="BANK0000000002"))
    bank.store(content=content)
    assert bank_minor() == 0
    stored, matched = bank.load(content=content)
    assert (stored.added, matched.booked, bank_minor()) == (0, 2, 5000)


def test_large_sums_and_people_who_left_are_asked_about_once(bank):
    line, ada = waiting(bank, entry("500.00", "for Ada")), bank.cast.person("Ada")
    with pytest.raises(Refused, match="line_sum_large"):
        book_line(line.id, ada, by=bank.office, confirmed=False, large_minor=LARGE)
    book_line(line.id, ada, by=bank.office, confirmed=True, large_minor=LARGE)
    assert bank_minor() == 50_000


def test_what_is_not_for_lunch_is_set_aside_and_can_come_back(bank):
    line = waiting(bank)
    assert set_aside([line.id], bank.school, by=bank.office) == 1
    assert set_aside([line.id], bank.school, by=bank.office) == 0
    assert (list(waiting_lines(bank.school)), bank_minor()) == ([], 0)
    with pytest.raises(Refused, match="line_settled"):
        book_line(line.id, bank.cast.person("Ada"), by=bank.office, confirmed=True, large_minor=LARGE)
    put_back(line.id, by=bank.office)
    book_line(line.id, bank.cast.person("Ada"), by=bank.office, confirmed=True, large_minor=LARGE)
    assert bank_minor() == 2500


def test_a_booking_of_nowhere_is_refused(bank):
    with pytest.raises(Refused, match="line_unknown"):
        require_line(bank.school, bank.school.id)
    with pytest.raises(Refused, match="line_unknown"):
        put_back(bank.school.id, by=bank.office)


REVERSED = {"way": "DBIT", "more": "<RvslInd>true</RvslInd>"}


def test_what_the_bank_takes_back_corrects_the_pay_in(bank):
    bank.load(bank.pays("Ada", ref="BANK0000000001"))
    paid = StatementLine.objects.get().transfer
    _stored, matched = bank.load(bank.pays("Ada", ref="BANK0000000002", day="2026-11-27", **REVERSED))
    assert (matched.booked, bank_minor()) == (1, 0)
    back = Transfer.objects.get(reason="reversal")
    assert (back.corrects, back.amount_minor) == (paid, 2500)
    assert Entry.objects.filter(event="bank_payment.reversed").count() == 1
    assert verify_ledger().ok


def test_what_is_taken_back_without_a_reference_is_known_by_its_payer(bank):
    bank.load(bank.pays("Ada", ref="BANK0000000001"))
    _stored, matched = bank.load(entry(text="RETOURE", ref="BANK0000000002", **REVERSED))
    assert (matched.booked, bank_minor()) == (1, 0)


def test_a_sum_is_taken_back_once_and_what_is_spent_waits(bank):
    bank.load(bank.pays("Bo", ref="BANK0000000001"))
    bo = bank.cast.person("Bo")
    wallet = Account.objects.get(person=bo)
    from willing.ledger.accounts import open_school_account
    from willing.ledger.actions import Order, post

    spent = open_school_account(bank.school, Account.Kind.GIFTS)
    amount = available_minor(bo) + bank.school.grace_minor
    post(Order(bo.id, wallet.id, spent.id, amount, Transfer.Reason.GIFT, bo.id))
    bank.load(bank.pays("Bo", ref="BANK0000000002", **REVERSED))
    assert causes() == ["spent"]
    bank.load(bank.pays("Bo", "40.00", ref="BANK0000000003"))
    assert causes() == []
    assert bank_minor() == 4000
    bank.load(bank.pays("Bo", ref="BANK0000000004", **REVERSED))
    assert causes() == ["nothing_to_take_back"]
    (line,) = waiting_lines(bank.school)
    with pytest.raises(Refused, match="nothing_to_take_back"):
        book_line(line.id, bo, by=bank.office, confirmed=True, large_minor=LARGE)


def test_a_statement_of_another_account_is_refused_by_name(bank):
    with pytest.raises(Refused, match="statement_other_account") as refused:
        bank.store(bank.pays("Ada"), iban=IBAN)
    assert refused.value.data == {"account": "…3000"}
    assert StatementLine.objects.count() == 0


def test_payer_account_and_text_lie_sealed_and_the_night_keeps_their_keys(bank):
    line = waiting(bank, entry(text="for Ada, from Petra"))
    assert b"Petra" not in bytes(line.sealed)
    assert IBAN not in json.dumps({key: str(value) for key, value in line.__dict__.items()})
    said = open_sealed(line.sealed, line.id)
    assert (said["payer"], said["account"], said["text"]) == ("Petra Agrees", IBAN, "for Ada, from Petra")
    from datetime import timedelta

    from willing.keys.models import PersonKey

    PersonKey.objects.filter(pk=line.id).update(created_at=line.statement.at - timedelta(days=2))
    purge_faces()
    assert open_sealed(line.sealed, line.id) == said


def test_without_the_keys_nothing_is_stored(bank, monkeypatch):
    def out_of_reach(_owners):
        raise KeysUnavailable("gone")

    monkeypatch.setattr("willing.payments.sealing.create_person_keys", out_of_reach)
    with pytest.raises(Refused, match="bank_keys_unavailable"):
        bank.store(bank.pays("Ada"))
    assert (StatementLine.objects.count(), Statement.objects.count()) == (0, 0)


def test_a_line_that_is_moved_to_another_row_does_not_open(bank):
    bank.load(entry(text="one", ref="BANK0000000001"), entry(text="two", ref="BANK0000000002"))
    first, second = waiting_lines(bank.school)
    with pytest.raises(Refused, match="sealed_gone"):
        open_sealed(first.sealed, second.id)


def test_the_database_keeps_what_the_bank_wrote_and_what_is_booked(bank):
    bank.load(bank.pays("Ada"))
    for change in (
        {"amount_minor": 1},
        {"state": "waiting", "transfer": None, "person": None},
        {"takes_back": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            StatementLine.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementLine.objects.all().delete()


def test_the_account_that_a_family_pays_from_is_where_a_pay_out_goes(bank):
    ada = bank.cast.person("Ada")
    assert last_payer_account(ada) is None
    bank.load(bank.pays("Ada"))
    found = last_payer_account(ada)
    assert (found.holder, found.number) == ("Petra Agrees", IBAN)
    bank.load(bank.pays("Carl", ref="BANK0000000009", account="somewhere else"))
    assert last_payer_account(bank.cast.person("Carl")) is None


def test_the_columns_of_a_bank_s_list_are_remembered(bank):
    columns = ["Datum", "Betrag"]
    assert find_format(bank.school, columns) is None
    chosen = BankListFormat({"date": "Datum", "amount": "Betrag"}, "dmy", ",")
    remember_format(bank.school, columns, chosen)
    remember_format(bank.school, columns, replace(chosen, decimal="."))
    assert find_format(bank.school, columns) == replace(chosen, decimal=".")
    assert find_format(bank.school, ["Datum", "Umsatz"]) is None
