"""A child's money for a family: live balance, statements in three shapes, siblings, leavers, low balance."""

import csv
import re
from datetime import UTC, datetime
from io import StringIO
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.support.money import pay_in
from tests.support.signing import sign_in
from tests.support.till import pay

from willing.core import clock
from willing.core.money import read_minor
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.payments.models import PayOut
from willing.payments.pay_outs import refuse
from willing.payments.queries import account_of
from willing.people.guardians import link_guardian
from willing.people.models import Person
from willing.wallets.models import LowBalance


@pytest.fixture
def family(cast):
    """Gus guards Ada and Bo, and is signed in."""
    link_guardian(cast.guardian("Gus"), cast.person("Bo"))
    return sign_in(Client(), cast.user("guardian"))


@pytest.fixture
def base(cast):
    return f"/family/child/{cast.person('Ada').id}/"


def text_of(answer):
    return answer.content.decode()


def found(pattern, text):
    match = re.search(pattern, text)
    assert match, text[:3000]
    return match[1]


def key_of(answer):
    return found(r'name="key" value="([\w-]+)"', text_of(answer))


def test_an_open_page_asks_for_the_balance_and_hears_nothing_while_it_is_the_same(cast, family, base):
    page = text_of(family.get(base))
    asks = found(r'data-hx-get="([^"]+/balance/[^"]*)"', page)
    assert asks == f"{base}balance/?known=2000"
    with CaptureQueriesContext(connection) as asked:
        answer = family.get(asks, headers={"X-Quiet": "1"})
    assert answer.status_code == 204
    assert len(asked) <= 9
    assert not [one for one in asked if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    pay_in(cast.person("Ada"), 500, key=uuid4())
    answer = family.get(asks)
    assert "£25.00" in text_of(answer)
    assert "known=2500" in text_of(answer)


def test_asking_quietly_keeps_no_session_alive(cast, family, base):
    begun = clock.now()
    limits = family.session["willing_session"]
    later = begun.timestamp() + limits["idle"] - 60
    with clock.running(lambda: datetime.fromtimestamp(later, UTC)):
        assert family.get(f"{base}balance/", headers={"X-Quiet": "1"}).status_code == 200
    with clock.running(lambda: datetime.fromtimestamp(later + 120, UTC)):
        assert family.get(f"{base}balance/", headers={"X-Quiet": "1"}).status_code == 302


def test_a_month_as_page_list_and_pdf_adds_up_to_the_ledger(cast, family, base):
    pay(cast, "Ada", cast.meal, cast.extra)
    pay_in(cast.person("Ada"), 1234, key=uuid4())
    page = text_of(family.get(f"{base}money/"))
    month = found(r"statement/(\d+-\d+)/", page)
    shown = text_of(family.get(f"{base}statement/{month}/"))
    assert "Bought: Pasta, Juice (receipt 1)" in shown
    assert "Paid in by bank transfer" in shown
    answer = family.get(f"{base}statement/{month}.csv")
    rows = list(csv.reader(StringIO(text_of(answer).removeprefix("\ufeff"))))
    assert rows[0] == ["When", "What", "Amount GBP", "Balance"]
    moved = [sign(row[2]) for row in rows[2:-1]]
    assert sorted(moved) == [-340, 1234, 2000]
    assert sign(rows[1][3]) + sum(moved) == sign(rows[-1][3]) == available_minor(cast.person("Ada")) == 2894
    pdf = family.get(f"{base}statement/{month}.pdf")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert family.get(f"{base}statement/1999-01/").status_code == 404
    assert family.get(f"{base}statement/2026-13/").status_code == 404


def sign(cell):
    return -read_minor(cell[1:], "GBP") if cell.startswith("-") else read_minor(cell, "GBP")


def test_a_guardian_moves_money_to_a_sibling_after_one_question(cast, family, base):
    page = family.get(f"{base}money/")
    form = {"key": key_of(page), "to": str(cast.person("Bo").id), "amount": "5.50"}
    asked = family.post(f"{base}money/sibling/", form)
    assert "Move £5.50 from Ada to Bo?" in text_of(asked)
    assert available_minor(cast.person("Bo")) == 0
    for _ in range(2):
        answer = family.post(f"{base}money/sibling/", {**form, "confirmed": "1"}, follow=True)
    assert "The money is on Bo&#x27;s balance now." in text_of(answer)
    assert (available_minor(cast.person("Ada")), available_minor(cast.person("Bo"))) == (1450, 550)
    month = found(r"statement/(\d+-\d+)/", text_of(page))
    assert "To Bo&#x27;s balance" in text_of(family.get(f"{base}statement/{month}/"))
    assert verify_ledger().ok


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "much", "1e9", "99999999999", ""])
def test_a_sum_that_is_none_moves_nothing(cast, family, base, amount):
    form = {"key": str(uuid4()), "to": str(cast.person("Bo").id), "amount": amount, "confirmed": "1"}
    assert family.post(f"{base}money/sibling/", form).status_code == 422
    assert not Transfer.objects.filter(reason="sibling").exists()


def test_more_than_is_there_and_a_child_of_another_family_are_refused(cast, family, base):
    form = {"key": str(uuid4()), "to": str(cast.person("Bo").id), "amount": "20.01", "confirmed": "1"}
    answer = family.post(f"{base}money/sibling/", form)
    assert answer.status_code == 409
    assert "There is less money in the account than that." in text_of(answer)
    for name in ("Carl", "Ada"):
        other = {**form, "to": str(cast.person(name).id), "amount": "1"}
        assert family.post(f"{base}money/sibling/", other).status_code == 404
    carl = f"/family/child/{cast.person('Carl').id}/money/"
    assert family.get(carl).status_code == 409
    assert not Transfer.objects.filter(reason="sibling").exists()


def test_the_family_of_a_leaver_chooses_and_may_give_it_to_the_schools_meals(cast, family, base):
    assert "What becomes of the money" not in text_of(family.get(f"{base}money/"))
    Person.objects.filter(given_name="Ada").update(left_at=clock.now())
    page = family.get(f"{base}money/")
    assert "Ada has left the school, and £20.00 is left." in text_of(page)
    give = r'name="key" value="([\w-]+)">\s*<button class="button" type="submit">Give'
    key = found(give, text_of(page))
    for _ in range(2):
        answer = family.post(f"{base}money/give/", {"key": key}, follow=True)
    assert available_minor(cast.person("Ada")) == 0
    assert Account.objects.get(kind="gifts").balance_minor == 2000
    assert "What becomes of the money" not in text_of(answer)


def test_a_guardian_chooses_below_which_balance_they_get_an_e_mail(cast, family, base):
    answer = family.post(f"{base}money/low/", {"amount": "7.50"}, follow=True)
    assert 'value="7.50"' in text_of(answer)
    assert LowBalance.objects.get().below_minor == 750
    assert family.post(f"{base}money/low/", {"amount": "-1"}).status_code == 422
    family.post(f"{base}money/low/", {"amount": ""})
    assert not LowBalance.objects.exists()


def test_a_pupil_reads_their_own_statement_and_moves_nothing(cast):
    carl = sign_in(Client(), cast.user("pupil"))
    page = text_of(carl.get("/family/me/"))
    statement = found(r'href="(/family/me/statement/[^"]+)"', page)
    assert "Paid in by bank transfer" in text_of(carl.get(statement))
    assert carl.get("/family/me/balance/?known=2000").status_code == 204
    assert carl.get(f"/family/child/{cast.person('Carl').id}/money/").status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_are_there_in_both_languages(cast, family, base, language):
    family.cookies["django_language"] = language
    pay(cast, "Ada")
    page = text_of(family.get(f"{base}money/"))
    month = found(r"statement/(\d+-\d+)/", page)
    assert ("Ada的余额" if language == "zh-hans" else "Ada's money") in page
    shown = text_of(family.get(f"{base}statement/{month}/"))
    assert ("购买：意面（小票 1）" if language == "zh-hans" else "Bought: Pasta (receipt 1)") in shown


def test_a_guardian_asks_for_money_back_and_sees_what_becomes_of_it(cast, family, base):
    address = f"{base}money/pay-out/"
    page = family.get(address)
    assert 'value="20.00"' in text_of(page)
    form = {"key": key_of(page), "amount": "12.50", "way": "transfer"}
    said = {"holder": "Gus Guardian", "number": "GB82 WEST 1234 5698 7654 32"}
    wrong = family.post(address, {**form, **said, "number": "GB83 WEST 1234 5698 7654 32"})
    assert wrong.status_code == 422
    assert "check digits do not fit" in text_of(wrong)
    assert family.post(address, {**form, **said, "holder": ""}).status_code == 422
    assert "There is less money" in text_of(family.post(address, {**form, **said, "amount": "20.01"}))
    for _ in range(2):
        answer = family.post(address, {**form, **said}, follow=True)
    assert "Your request is with the school office." in text_of(answer)
    asked = PayOut.objects.get()
    assert (asked.guardian, asked.amount_minor) == (cast.guardian("Gus"), 1250)
    assert account_of(asked).number == "GB82WEST12345698765432"
    assert "Asked for" in text_of(answer)
    assert 'value="7.50"' in text_of(family.get(address))  # what is asked for is not offered twice
    cash = {"key": str(uuid4()), "amount": "7.50", "way": "cash"}
    assert family.post(address, cash).status_code == 302
    refuse(asked.id, "please ask at the desk", by=cast.user("office"))
    assert "please ask at the desk" in text_of(family.get(address))
    assert available_minor(cast.person("Ada")) == 2000
