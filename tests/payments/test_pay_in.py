"""How families pay in: the page, the letter, and codes that banks read."""

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from django.test import Client
from tests.support.papers import pages_of, sheets_of, words_of
from tests.support.signing import sign_in

from willing.payments.account_rules import read_account
from willing.payments.bank_details import set_bank_details
from willing.payments.models import BankDetails, PaymentReference
from willing.payments.pay_in import pay_in_details
from willing.payments.payment_codes import epc_text, payment_code
from willing.payments.reference_rules import read_references, write_reference
from willing.payments.references import number_of
from willing.payments.swiss_bill import find_swiss_bill, is_qr_iban
from willing.people.models import School

GERMAN = read_account({"holder": "Test School", "number": "DE02120300000000202051", "bic": "BYLADEM1001"})
SWISS = read_account(
    {
        "holder": "Schule",
        "number": "CH9300762011623852957",
        "street": "Weg 1",
        "postcode": "8000",
        "town": "Zürich",
    }
)
QR_IBAN = "CH4431999123000889012"  # of the guidelines
RF = write_reference(12345678, "creditor")


def test_an_epc_code_carries_account_and_reference_and_no_sum():
    lines = epc_text(GERMAN, RF.replace(" ", "")).split("\n")
    assert lines == [
        "BCD",
        "002",
        "1",
        "SCT",
        "BYLADEM1001",
        "Test School",
        GERMAN.number,
        "",
        "",
        RF.replace(" ", ""),
    ]
    assert payment_code(GERMAN, RF, "EUR") is not None
    digits = epc_text(GERMAN, "1234567889").split("\n")
    assert digits[9:] == ["", "1234567889"]


def bill_of(account, reference, currency="CHF"):
    bill = find_swiss_bill(account, reference, currency)
    assert bill is not None
    return bill


def test_a_swiss_bill_has_every_line_in_its_place():
    lines = bill_of(SWISS, RF).data.split("\r\n")
    assert len(lines) == 31
    assert lines[:11] == [
        "SPC",
        "0200",
        "1",
        SWISS.number,
        "S",
        "Schule",
        "Weg 1",
        "",
        "8000",
        "Zürich",
        "CH",
    ]
    assert lines[18:20] == ["", "CHF"]
    assert lines[27:] == ["SCOR", RF.replace(" ", ""), "", "EPD"]
    digits = write_reference(12345678, "digits")
    assert bill_of(SWISS, digits).data.split("\r\n")[27:] == ["NON", "", digits.replace(" ", ""), "EPD"]


@pytest.mark.parametrize(
    ("number", "is_qr"),
    [
        (QR_IBAN, True),
        ("LI2130000000000000000", True),
        (SWISS.number, False),
        (GERMAN.number, False),
        ("CH0029999011623852957", False),
        ("CH0031999011623852957", True),
        ("CH0032000011623852957", False),
        ("CH00ABCDE011623852957", False),
    ],
)
def test_a_qr_iban_is_known_by_its_bank_s_number(number, is_qr):
    assert is_qr_iban(number) is is_qr


def test_a_qr_iban_takes_a_qr_reference_whatever_the_school_chose(cast):
    School.objects.update(currency="CHF")
    own = replace(SWISS, number=QR_IBAN)
    set_bank_details(School.objects.get(), own, BankDetails.References.CREDITOR, by=cast.user("office"))
    ada = cast.person("Ada")
    details = pay_in_details(School.objects.get(), [ada])[ada.pk]
    assert details.bill is not None
    assert details.code is None
    compact = details.reference.replace(" ", "")
    assert details.bill.data.split("\r\n")[27:29] == ["QRR", compact]
    assert len(compact) == 27
    assert list(read_references(f"Lunch {details.reference} Ada")) == [number_of(ada)]


def test_the_picture_of_a_swiss_bill_has_the_cross_in_its_middle():
    svg = unquote(bill_of(SWISS, RF).uri.partition(",")[2])
    side = int(re.findall(r'width="(\d+)"', svg)[0])
    rects = re.findall(
        r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="(#\w+)"', svg
    )
    assert [colour for *_, colour in rects] == ["#fff", "#000", "#fff", "#fff"]
    for x, y, wide, high in (map(float, one[:4]) for one in rects):
        assert abs(x + wide / 2 - side / 2) < 0.1
        assert abs(y + high / 2 - side / 2) < 0.1


def test_where_no_code_is_read_there_is_none():
    local = read_account({"holder": "School", "number": "31926819", "bank_code": "601613"})
    assert payment_code(local, RF, "GBP") is None
    assert payment_code(GERMAN, RF, "GBP") is None
    assert find_swiss_bill(read_account({"holder": "S", "number": SWISS.number}), RF, "CHF") is None
    assert find_swiss_bill(SWISS, RF, "GBP") is None
    assert find_swiss_bill(GERMAN, RF, "EUR") is None


@pytest.fixture
def account(cast):
    School.objects.update(currency="EUR")
    set_bank_details(cast.school, GERMAN, BankDetails.References.CREDITOR, by=cast.user("office"))


def test_a_family_reads_account_reference_and_code_and_that_it_is_free(cast, account):
    ada = cast.person("Ada")
    text = sign_in(Client(), cast.user("guardian")).get(f"/family/child/{ada.id}/pay-in/").content.decode()
    reference = pay_in_details(cast.school, [ada])[ada.pk].reference
    for said in (GERMAN.shown, reference, "free of charge", "data:image/svg+xml"):
        assert said in text
    assert f"/family/child/{ada.id}/pay-in/" in (
        sign_in(Client(), cast.user("guardian")).get(f"/family/child/{ada.id}/").content.decode()
    )


def test_a_pupil_has_the_page_too_and_another_family_s_child_is_refused(cast, account):
    assert sign_in(Client(), cast.user("pupil")).get("/family/me/pay-in/").status_code == 200
    other = f"/family/child/{cast.person('Nia').id}/pay-in/"
    assert sign_in(Client(), cast.user("guardian")).get(other).status_code != 200


def test_before_the_account_is_set_the_page_names_the_office(cast):
    client = sign_in(Client(), cast.user("guardian"))
    text = client.get(f"/family/child/{cast.person('Ada').id}/pay-in/").content.decode()
    assert "At the school office" in text
    assert "Payment reference" not in text
    assert PaymentReference.objects.count() == 0


def test_the_office_prints_letters_for_a_class(cast, account):
    office = sign_in(Client(), cast.user("office"))
    assert "7A" in office.get("/staff/money/bank/letters/").content.decode()
    chosen = cast.person("Ada").year_group_id
    pdf = office.get(f"/staff/money/bank/letters.pdf?class={chosen}")
    assert pdf.content.startswith(b"%PDF")
    assert len(pages_of(pdf.content)) == 5, "a page for each person"
    assert PaymentReference.objects.count() == 5


def test_the_letter_to_one_person_has_the_swiss_bill_at_its_foot(cast):
    School.objects.update(currency="CHF")
    set_bank_details(School.objects.get(), SWISS, BankDetails.References.CREDITOR, by=cast.user("office"))
    ada, office = cast.person("Ada"), sign_in(Client(), cast.user("office"))
    page = f"/staff/people/{ada.id}/pay-in-letter.pdf"
    assert page in office.get(f"/staff/people/{ada.id}/").content.decode()
    pdf = office.get(page)
    assert pdf.content.startswith(b"%PDF")
    [page_text] = pages_of(pdf.content)
    assert "Payment part" in page_text
    School.objects.update(country="US")
    assert sheets_of(office.get(page).content) == {(595, 842)}, (
        "a bill is as wide as A4, wherever the school is"
    )
    set_bank_details(School.objects.get(), GERMAN, BankDetails.References.CREDITOR, by=cast.user("office"))
    without = office.get(page).content
    assert "Payment part" not in words_of(without)
    assert sheets_of(without) == {(612, 792)}


def test_without_bank_details_no_letter_is_offered(cast):
    ada, office = cast.person("Ada"), sign_in(Client(), cast.user("office"))
    page = f"/staff/people/{ada.id}/pay-in-letter.pdf"
    assert page not in office.get(f"/staff/people/{ada.id}/").content.decode()
    assert office.get(page).status_code == 409


def test_without_an_account_there_is_no_letter(cast):
    office = sign_in(Client(), cast.user("office"))
    answer = office.get(f"/staff/money/bank/letters.pdf?class={cast.person('Ada').year_group_id}")
    assert answer.status_code == 409
    assert "bank details are not set" in answer.content.decode()
