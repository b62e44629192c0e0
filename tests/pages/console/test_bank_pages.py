"""Statements on a page, payments that wait, the school's account, and pay-outs."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.payments.samples import camt, entry, mt940

from willing.ledger.queries import available_minor
from willing.payments.account_rules import read_account
from willing.payments.bank_details import set_bank_details
from willing.payments.models import BankDetails, PayOut, PayOutFile, StatementLine
from willing.payments.pay_outs import AskedBy, ask_pay_out
from willing.payments.reference_rules import write_reference
from willing.payments.references import number_of
from willing.people.models import School

BANK, IMPORT, OUT = "/staff/money/bank/", "/staff/money/bank/import/", "/staff/money/pay-outs/"
DETAILS = "/staff/money/bank/details/"
PAYEE = read_account({"holder": "Petra Agrees", "number": "DE89370400440532013000"})
OWN = {
    "holder": "Test School",
    "number": "DE02 1203 0000 0000 2020 51",
    "references": "creditor",
}


@pytest.fixture(autouse=True)
def euros(db: Any) -> None:
    School.objects.update(currency="EUR")


@pytest.fixture
def account(cast: Any) -> None:
    own = read_account({"holder": "Test School", "number": OWN["number"]})
    set_bank_details(cast.school, own, BankDetails.References.CREDITOR, by=cast.user("office"))


def send(office: Client, content: bytes, name: str = "statement.xml") -> Any:
    return office.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def load(office: Client, content: bytes) -> None:
    where = send(office, content).headers["Location"]
    assert office.get(where).status_code == 200
    assert office.post(where.replace("preview/", "run/")).status_code == 302


def reference(cast: Any, name: str) -> str:
    return write_reference(number_of(cast.person(name)), "creditor")


def test_a_statement_is_previewed_imported_and_booked_and_twice_adds_nothing(
    cast: Any, office: Client, account: None
) -> None:
    ada = cast.person("Ada")
    before, content = available_minor(ada), camt(entry(text=reference(cast, "Ada")))
    where = send(office, content).headers["Location"]
    seen = office.get(where).content.decode()
    assert "Ada Agrees" in seen
    assert available_minor(ada) == before, "a preview writes nothing"
    office.post(where.replace("preview/", "run/"))
    assert available_minor(ada) == before + 2500
    load(office, content)
    assert available_minor(ada) == before + 2500
    assert "had been imported before" in office.get(BANK).content.decode()


def test_a_payment_without_a_reference_is_booked_with_one_press(
    cast: Any, office: Client, account: None
) -> None:
    load(office, camt(entry(text="lunch for Ada Agrees", payer="Gus")))
    text = office.get(BANK).content.decode()
    assert "No payment reference" in text
    assert "Book for Ada Agrees, 7A" in text
    line, ada = StatementLine.objects.get(), cast.person("Ada")
    before = available_minor(ada)
    for _press in range(2):
        office.post(f"{BANK}{line.id}/assign/", {"person": ada.id})
    assert available_minor(ada) == before + 2500
    assert office.post(f"{BANK}{line.id}/assign/", {"person": ada.id}).status_code == 409
    assert office.post(f"{BANK}{line.id}/assign/", {"person": "x"}).status_code == 400


def test_a_payer_is_known_again_and_suggested_first(cast: Any, office: Client, account: None) -> None:
    load(office, camt(entry(text=reference(cast, "Carl"))))
    load(office, camt(entry(text="thanks", ref="BANK0000000002")))
    text = office.get(BANK).content.decode()
    assert "Book for Carl Cardholder, 7A" in text
    assert "paid from this account before" in text


def test_a_large_sum_is_asked_about_once(cast: Any, office: Client, account: None) -> None:
    load(office, camt(entry("999.00", "for Ada Agrees")))
    line, ada = StatementLine.objects.get(), cast.person("Ada")
    before = available_minor(ada)
    asked = office.post(f"{BANK}{line.id}/assign/", {"person": ada.id})
    assert asked.status_code == 409
    assert "unusually large sum" in asked.content.decode()
    office.post(f"{BANK}{line.id}/assign/", {"person": ada.id, "confirmed": line.amount_minor})
    assert available_minor(ada) == before + 99900


def test_the_person_is_found_by_name_and_what_is_not_for_lunch_goes_aside(
    cast: Any, office: Client, account: None
) -> None:
    load(office, camt(entry(text="rent of the hall")))
    line = StatementLine.objects.get()
    assert "Ada Agrees" in office.get(f"{BANK}{line.id}/?q=ada").content.decode()
    assert "Nobody has this name" in office.get(f"{BANK}{line.id}/?q=zzz").content.decode()
    office.post(f"{BANK}{line.id}/aside/")
    assert "Nothing waits" in office.get(BANK).content.decode()
    office.post(f"{BANK}{line.id}/back/")
    assert "No payment reference" in office.get(BANK).content.decode()
    assert office.post(f"{BANK}{line.id}/back/").status_code == 409


def test_of_many_bookings_the_number_is_true_and_each_can_be_put_back(
    cast: Any, office: Client, account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("willing.pages.console.bank.LINES_A_PAGE", 2)
    monkeypatch.setattr("willing.pages.console.bank.ASIDE_SHOWN", 1)
    load(office, camt(*[entry(text="rent of the hall", ref=f"BANK{count}") for count in range(5)]))
    page = office.get(BANK)
    assert page.context["page"].paginator.count == 5
    assert "?page=2" in page.content.decode()
    for line in StatementLine.objects.all()[:3]:
        office.post(f"{BANK}{line.id}/aside/")
    text = office.get(BANK).content.decode()
    assert "The newest 1 of 3 are shown." in text
    assert text.count("Put it back") == 1
    assert office.get(f"{BANK}?aside=all").content.decode().count("Put it back") == 3


LIST = "Buchungstag;Betrag;Zweck;Wer\n25.11.2026;1.025,00;{};Petra\n26.11.2026;-3,00;Gebühr;Bank\n"


def test_the_columns_of_a_list_are_chosen_once_and_remembered(
    cast: Any, office: Client, account: None
) -> None:
    content = LIST.format(reference(cast, "Ada")).encode("cp1252")
    where = send(office, content, "umsatz.csv").headers["Location"]
    assert "can&#x27;t be read" in office.get(where).content.decode()
    where += "?encoding=cp1252&header_line=1"
    assert "Gebühr" in office.get(where).content.decode()
    wrong = office.post(where, {"date": "Buchungstag"})
    assert wrong.status_code == 422
    assert "column of the amount" in wrong.content.decode()
    chosen = {"date": "Buchungstag", "amount": "Betrag", "text": "Zweck", "payer": "Wer", "decimal": ","}
    preview = office.post(where, chosen).headers["Location"]
    seen = office.get(preview).content.decode()
    assert "€1,025.00" in seen
    assert "money that left the account" in seen
    office.post(preview.replace("preview/", "run/"))
    assert StatementLine.objects.get().amount_minor == 102_500
    again = send(office, content.replace(b"1.025", b"1.026"), "umsatz.csv").headers["Location"]
    shown = office.get(again).content.decode()
    assert '<option value="Zweck" selected>' in shown, "as it was chosen for the last list"


def test_mt940_needs_no_columns(cast: Any, office: Client, account: None) -> None:
    content = mt940(":61:2611251125CR25,00NTRFNONREF//BANK0000000001", f":86:{reference(cast, 'Ada')}")
    load(office, content)
    assert StatementLine.objects.get().person == cast.person("Ada")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (camt(entry())[:-30], "damaged or not complete"),
        (camt(entry(), iban="DE89370400440532013000"), "another account"),
        (camt(entry(), kind="052"), "interim report"),
        (b"<html></html>", "not a statement"),
    ],
)
def test_a_file_that_is_none_is_told_so_and_nothing_is_imported(
    office: Client, account: None, content: bytes, said: str
) -> None:
    where = send(office, content).headers["Location"]
    answer = office.get(where)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert office.post(where.replace("preview/", "run/")).status_code == 409
    office.post(where.replace("preview/", "cancel/"))
    assert StatementLine.objects.count() == 0


def test_what_is_left_out_is_named_with_its_reason(office: Client, account: None) -> None:
    where = send(office, camt(entry(currency="USD"), entry(way="DBIT", ref="BANK0000000002"))).headers[
        "Location"
    ]
    text = office.get(where).content.decode()
    assert "in another currency" in text
    assert "money that left the account" in text


def test_an_empty_file_is_refused_beside_its_field(office: Client) -> None:
    assert send(office, b"").status_code == 422


def test_bank_details_are_the_administrators_and_each_mistake_is_beside_its_field(browser: Any) -> None:
    administrator, office = browser("administrator"), browser("office")
    assert office.post(DETAILS, OWN).status_code == 403
    assert "Not set yet" in office.get(DETAILS).content.decode()
    wrong = administrator.post(DETAILS, {**OWN, "number": "DE02 1203 0000 0000 2020 52"})
    assert wrong.status_code == 422
    assert "typing mistake" in wrong.content.decode()
    assert administrator.post(DETAILS, OWN).status_code == 302
    assert "DE02 1203 0000 0000 2020 51" in office.get(DETAILS).content.decode()
    administrator.post(DETAILS, {"remove": "1"})
    assert BankDetails.objects.count() == 0


@pytest.fixture
def asked(cast: Any, account: None) -> PayOut:
    by = AskedBy(user=cast.user("office"))
    return ask_pay_out(cast.person("Ada"), 1500, asked_by=by, key=uuid4(), account=PAYEE)


def test_a_pay_out_goes_from_the_question_to_the_bank(cast: Any, office: Client, asked: PayOut) -> None:
    before = available_minor(cast.person("Ada"))
    assert "DE89 3704 0044 0532 0130 00" in office.get(OUT).content.decode()
    office.post(f"{OUT}{asked.id}/", {"approve": "1"})
    assert available_minor(cast.person("Ada")) == before - 1500
    refused = office.post(f"{OUT}file/", {"format": "bacs18", "pays_on": "2026-12-01"})
    assert refused.status_code == 409
    office.post(f"{OUT}file/", {"format": "pain001", "pays_on": "2026-12-01"})
    file = office.get(f"{OUT}1/")
    assert b"Petra Agrees" in file.content
    assert file.headers["Cache-Control"] == "no-store"
    office.post(f"{OUT}1/paid/")
    assert PayOut.objects.get().state == "paid"
    office.post(f"{OUT}{asked.id}/", {"returned": "1", "reason": "Account closed"})
    assert available_minor(cast.person("Ada")) == before
    assert "Account closed" in office.get(OUT).content.decode()


def test_a_refusal_needs_its_reason_and_an_unknown_press_is_none(office: Client, asked: PayOut) -> None:
    assert office.post(f"{OUT}{asked.id}/", {"refuse": "1", "reason": ""}).status_code == 409
    assert office.post(f"{OUT}{asked.id}/", {}).status_code == 400
    office.post(f"{OUT}{asked.id}/", {"refuse": "1", "reason": "Please name your own account."})
    assert PayOut.objects.get().state == "refused"
    assert office.post(f"{OUT}file/", {"format": "pain001", "pays_on": "x"}).status_code == 422
    assert PayOutFile.objects.count() == 0


def test_the_pages_of_an_empty_school_open(office: Client) -> None:
    for page in (BANK, IMPORT, OUT, DETAILS):
        assert office.get(page).status_code == 200
    assert office.get(f"{OUT}9/").status_code in (404, 409)
    assert office.get(f"{BANK}{UUID(int=1)}/").status_code in (404, 409)
