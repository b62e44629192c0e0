"""Pay-outs: asked for, approved, in a file, paid, sent back; and the files that banks read."""

import threading
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection, connections
from tests.payments.samples import entry
from tests.support.money import office_drawer

from willing.core.errors import Refused
from willing.drawers.pay_ins import Paying, take_pay_in
from willing.drawers.queries import holds_minor
from willing.drawers.sessions import Close, close_session, count_drawer, open_session
from willing.keys.actions import key_exists
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.payments.account_rules import BankAccount, read_account
from willing.payments.bank_details import remove_bank_details, set_bank_details
from willing.payments.models import BankDetails, PayOut, PayOutFile
from willing.payments.pay_out_files import Batch, OrderedPayment, name_of, to_latin, write_file
from willing.payments.pay_outs import (
    AskedBy,
    approve,
    ask_pay_out,
    make_file,
    mark_paid,
    mark_returned,
    refuse,
)
from willing.payments.queries import (
    account_of,
    batch_of,
    closed_pay_outs,
    find_bank_details,
    open_pay_outs,
    own_account,
    pay_out_files,
    pay_outs_of,
    require_file,
)

PAYEE = read_account({"holder": "Jörg Müller-Groß", "number": "DE89370400440532013000"})
DAY = date(2026, 12, 1)
SEPA, BACS, CSV = PayOutFile.Format.SEPA, PayOutFile.Format.BACS, PayOutFile.Format.CSV


def ask(bank, name="Ada", amount=1500, account=PAYEE, key=None):
    by = AskedBy(user=bank.office)
    return ask_pay_out(bank.cast.person(name), amount, asked_by=by, key=key or uuid4(), account=account)


def approved(bank, *args, **kwargs):
    return approve(ask(bank, *args, **kwargs).id, by=bank.office)


def filed(bank, format_=SEPA, *args, **kwargs):
    row = approved(bank, *args, **kwargs)
    return row, make_file(bank.school, [row.id], format_, by=bank.office, pays_on=DAY)


def test_a_question_moves_nothing_and_asked_twice_is_one(bank):
    key, before = uuid4(), available_minor(bank.cast.person("Ada"))
    first = ask(bank, key=key)
    assert ask(bank, key=key) == first
    assert (PayOut.objects.count(), first.state) == (1, "asked")
    assert available_minor(bank.cast.person("Ada")) == before
    with pytest.raises(Refused, match="idempotency_key_reused"):
        ask(bank, amount=1, key=key)


def test_a_guardian_s_question_names_them(bank):
    gus = bank.cast.guardian("Gus")
    made = ask_pay_out(
        bank.cast.person("Ada"), 100, asked_by=AskedBy(guardian=gus), key=uuid4(), account=PAYEE
    )
    assert (made.guardian, made.user) == (gus, None)
    assert pay_outs_of(bank.cast.person("Ada")) == [made]


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_is_not_paid_out(bank, amount):
    with pytest.raises(Refused, match="amount_not_positive"):
        ask(bank, amount=amount)


def test_the_money_leaves_the_wallet_with_the_approval_and_once(bank):
    ada = bank.cast.person("Ada")
    before, row = available_minor(ada), ask(bank)
    held = Account.objects.get(kind="bank").balance_minor
    for _press in range(2):
        assert approve(row.id, by=bank.office).state == "approved"
    assert available_minor(ada) == before - 1500
    assert Account.objects.get(kind="bank").balance_minor == held - 1500
    moved = Transfer.objects.get(reason="pay_out")
    assert (moved.reference, moved.credit.kind) == (row.id, "bank")
    assert verify_ledger().ok


def test_two_offices_that_approve_at_once_move_the_money_once(bank):
    row, start, done = ask(bank), threading.Barrier(2), []

    def press():
        start.wait()
        try:
            done.append(approve(row.id, by=bank.office).state)
        finally:
            connection.close()
            connections["keys"].close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert done == ["approved", "approved"]
    assert Transfer.objects.filter(reason="pay_out").count() == 1


def test_no_more_than_there_is_is_paid_out_and_the_grace_is_not_money(bank):
    row = ask(bank, amount=available_minor(bank.cast.person("Ada")) + 1)
    with pytest.raises(Refused, match="not_covered"):
        approve(row.id, by=bank.office)
    row.refresh_from_db()
    assert row.state == "asked"


def test_in_cash_it_is_paid_with_the_approval_from_the_safe(bank):
    row = approved(bank, account=None)
    assert (row.way, row.state, row.transfer.credit.kind) == ("cash", "paid", "safe")
    assert row.sealed is None
    with pytest.raises(Refused, match="sealed_gone"):
        account_of(row)


def test_a_refusal_has_a_reason_and_moves_nothing(bank):
    row, before = ask(bank), available_minor(bank.cast.person("Ada"))
    with pytest.raises(Refused, match="pay_out_reason_missing"):
        refuse(row.id, "  ", by=bank.office)
    assert (
        refuse(row.id, "Please name your own account.", by=bank.office).reason
        == "Please name your own account."
    )
    for act in (lambda: approve(row.id, by=bank.office), lambda: refuse(row.id, "x", by=bank.office)):
        with pytest.raises(Refused, match="pay_out_not_open"):
            act()
    with pytest.raises(Refused, match="pay_out_not_open"):
        mark_returned(row.id, "x", by=bank.office)
    assert available_minor(bank.cast.person("Ada")) == before


def test_what_the_bank_sends_back_is_on_the_wallet_again_once(bank):
    ada = bank.cast.person("Ada")
    before = available_minor(ada)
    row, _file = filed(bank)
    for _press in range(2):
        assert mark_returned(row.id, "Account closed", by=bank.office).state == "returned"
    assert available_minor(ada) == before
    back = Transfer.objects.get(reason="reversal")
    assert back.corrects == Transfer.objects.get(reason="pay_out")
    assert verify_ledger().ok


def test_a_statement_says_what_was_paid_and_what_came_back(bank):
    ada = bank.cast.person("Ada")
    before = available_minor(ada)
    row, file = filed(bank)
    bank.load(entry("15.00", way="DBIT", end_to_end=f"PO{file.id.hex}"))
    row.refresh_from_db()
    assert row.state == "paid"
    _stored, matched = bank.load(
        entry("15.00", ref="BANK0000000002", end_to_end=row.id.hex, more="<RvslInd>true</RvslInd>")
    )
    row.refresh_from_db()
    assert (row.state, matched.booked, available_minor(ada)) == ("returned", 1, before)


def test_a_return_that_is_none_of_ours_waits(bank):
    bank.load(entry(more="<RvslInd>true</RvslInd>", end_to_end="not ours at all"))
    bank.load(entry(ref="BANK0000000002", more="<RvslInd>true</RvslInd>", end_to_end=uuid4().hex))
    from willing.payments.models import StatementLine

    assert set(StatementLine.objects.values_list("cause", flat=True)) == {"return_unknown"}


def test_the_payee_s_account_lies_sealed_and_opens_for_the_file(bank):
    row = ask(bank)
    assert b"DE89" not in bytes(row.sealed)
    assert key_exists(row.id)
    assert account_of(row) == PAYEE


def test_a_file_takes_what_is_approved_once(bank):
    row, file = filed(bank)
    assert (file.number, row.id) == (1, PayOut.objects.get(state="filed").id)
    with pytest.raises(Refused, match="pay_out_not_open"):
        make_file(bank.school, [row.id], SEPA, by=bank.office, pays_on=DAY)
    with pytest.raises(Refused, match="pay_out_not_open"):
        make_file(bank.school, [ask(bank).id], SEPA, by=bank.office, pays_on=DAY)
    with pytest.raises(Refused, match="no_pay_outs"):
        make_file(bank.school, [], SEPA, by=bank.office, pays_on=DAY)
    assert mark_paid(file, by=bank.office) == 1
    assert mark_paid(file, by=bank.office) == 0
    assert [one.state for one in closed_pay_outs(bank.school)] == ["paid"]
    assert [one.state for one in open_pay_outs(bank.school)] == ["asked"]
    assert pay_out_files(bank.school) == [file] == [require_file(bank.school, 1)]


def test_a_file_that_can_t_name_an_account_is_refused(bank):
    uk = read_account({"holder": "Ann", "number": "31926819", "bank_code": "601613"})
    row = approved(bank, account=uk)
    for format_ in (SEPA, BACS):
        with pytest.raises(Refused, match="pay_out_account_missing"):
            make_file(bank.school, [row.id], format_, by=bank.office, pays_on=DAY)
    assert make_file(bank.school, [row.id], CSV, by=bank.office, pays_on=DAY).format == "csv"


def test_without_bank_details_there_is_no_file(bank):
    row = approved(bank)
    remove_bank_details(bank.school, by=bank.office)
    remove_bank_details(bank.school, by=bank.office)
    assert find_bank_details(bank.school) is None
    with pytest.raises(Refused, match="bank_details_missing"):
        own_account(bank.school)
    with pytest.raises(Refused, match="bank_details_missing"):
        make_file(bank.school, [row.id], SEPA, by=bank.office, pays_on=DAY)


def test_a_pay_out_of_nowhere_is_refused(bank):
    for act in (lambda: approve(uuid4(), by=bank.office), lambda: require_file(bank.school, 9)):
        with pytest.raises(Refused, match="pay_out_unknown"):
            act()


def schema():
    from importlib import resources

    import xmlschema

    return xmlschema.XMLSchema(str(resources.files("sepaxml") / "schemas" / "pain.001.001.09.xsd"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_file_for_sepa_is_what_its_schema_wants_and_the_same_each_time(bank):
    from sepaxml.validation import try_valid_xml

    row, file = filed(bank)
    made = write_file(file.format, batch_of(file))
    assert write_file(file.format, batch_of(require_file(bank.school, 1))) == made
    try_valid_xml(made, "pain.001.001.09")
    text = made.decode()
    for said in (
        "Joerg Mueller-Gross",
        ">15.00<",
        'Ccy="EUR"',
        row.id.hex,
        "DE89370400440532013000",
        "2026-12-01",
        "SEPA",
    ):
        assert said in text
    assert "BYLADEM1001" in text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_file_without_bic_and_in_another_currency_is_valid_too(bank):
    from sepaxml.validation import try_valid_xml

    own = BankAccount("Schule 学校", "CH9300762011623852957")
    batch = Batch(
        "PO1", own, "CHF", datetime(2026, 11, 25, tzinfo=UTC), DAY, [OrderedPayment("a", PAYEE, 5, "x & <y>")]
    )
    made = write_file(SEPA, batch)
    try_valid_xml(made, "pain.001.001.09")
    assert b"NOTPROVIDED" in made
    assert b">0.05<" in made
    assert b"SvcLvl" not in made


def test_bacs_standard_18_has_records_of_a_hundred_signs_and_a_contra(bank):
    own = BankAccount("Test School", "12345678", "203040")
    ann = BankAccount("Ann O'Neil-Smythe the Third", "31926819", "601613")
    batch = Batch(
        "PO1",
        own,
        "GBP",
        datetime(2026, 11, 25, tzinfo=UTC),
        DAY,
        [OrderedPayment("ab" * 16, ann, 1550, "x")],
    )
    lines = write_file(BACS, batch).decode("ascii").split("\r\n")
    assert [len(line) for line in lines] == [100, 100, 0]
    assert lines[0] == (
        "6016133192681909920304012345678    00000001550TEST SCHOOL       LUNCH ABABABABABABANN O NEIL-SMYTHE "
    )
    assert lines[1].startswith("2030401234567801720304012345678")
    assert "00000001550CONTRA" in lines[1]


def test_the_list_for_other_banks_is_a_table_that_no_spreadsheet_runs(bank):
    row = approved(bank, account=BankAccount("=cmd()", "DE89370400440532013000"))
    file = make_file(bank.school, [row.id], CSV, by=bank.office, pays_on=DAY)
    text = write_file(file.format, batch_of(file)).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("'=cmd(),,DE89370400440532013000,,15.00,EUR,2026-12-01,")
    assert name_of("csv", 1)[0] == "pay-outs-1.csv"
    assert name_of("pain001", 2) == ("pay-outs-2.xml", "application/xml")


def test_names_are_written_in_letters_that_every_bank_reads():
    assert to_latin("Łukasz Żółć Ærø", 70) == "Lukasz Zolc AEro"
    assert to_latin("王", 70) == "."
    assert to_latin("a" * 80, 70) == "a" * 70


def test_bank_details_are_sealed_and_replaced(bank):
    row = BankDetails.objects.get()
    assert b"DE02" not in bytes(row.sealed)
    set_bank_details(bank.school, PAYEE, BankDetails.References.DIGITS, by=bank.office)
    details = find_bank_details(bank.school)
    assert (details.account, details.references) == (PAYEE, "digits")


def test_references_never_run_into_each_other(bank, monkeypatch):
    from willing.payments.references import number_of

    monkeypatch.setattr("willing.payments.references.secrets.randbelow", lambda _count: 0)
    number_of(bank.cast.person("Ada"))
    assert number_of(bank.cast.person("Ada")) == 10_000_000
    with pytest.raises(Refused, match="references_used_up"):
        number_of(bank.cast.person("Carl"))


def test_cash_out_of_a_drawer_is_in_its_day_and_refused_in_words_while_it_is_closed(bank):
    drawer = office_drawer(bank.school)
    take_pay_in(bank.cast.person("Ada"), drawer, Paying(3000), key=uuid4(), by=bank.office)
    row = ask(bank, account=None)
    approve(row.id, by=bank.office, out_of=drawer)
    assert holds_minor(drawer) == 1500
    count_drawer(drawer, 1500, by=bank.office)
    close_session(drawer, Close(), by=bank.office)
    other = ask(bank, amount=100, account=None)
    for deed in (
        lambda: approve(other.id, by=bank.office, out_of=drawer),
        lambda: mark_returned(row.id, "not collected", by=bank.office),
    ):
        with pytest.raises(Refused, match="drawer_closed"):
            deed()
    open_session(drawer, 1500, key=uuid4(), by=bank.office)
    mark_returned(row.id, "not collected", by=bank.office)
    assert holds_minor(drawer) == 3000
    assert approve(other.id, by=bank.office).transfer.credit.kind == Account.Kind.SAFE
    assert verify_ledger().ok
