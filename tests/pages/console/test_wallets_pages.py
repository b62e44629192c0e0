"""The office takes wrong pay-ins back, moves money between siblings, and settles what leavers have left."""

import re
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from tests.support.money import office_drawer, pay_in
from tests.support.till import pay

from willing.audit.models import Entry
from willing.core.clock import now
from willing.drawers.actions import require_office_drawer
from willing.drawers.pay_ins import Paying, take_pay_in
from willing.drawers.queries import holds_minor
from willing.ledger.models import Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.payments.models import PayOut
from willing.payments.pay_outs import AskedBy, ask_pay_out
from willing.people.models import Person
from willing.people.persons import mark_left
from willing.wallets.moves import reverse_pay_in


def text_of(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def test_a_wrong_pay_in_is_taken_back_with_a_reason_and_listed_with_the_day(
    office: Client, cast: Any
) -> None:
    carl = cast.person("Carl")
    paid = pay_in(carl, 2000, key=uuid4())
    page = text_of(office.get(reverse("console:person", args=[carl.id])))
    address = reverse("console:reverse-pay-in", args=[paid.id])
    assert address in page
    form = {"key": str(uuid4()), "amount": "18", "words": "2 was meant"}
    assert office.post(address, {**form, "words": ""}).status_code == 422
    refused = office.post(address, {**form, "amount": "20.01"})
    assert refused.status_code == 409
    assert "At most: £20.00." in text_of(refused)
    for _ in range(2):
        answer = office.post(address, form)
        assert answer.status_code == 302
    assert available_minor(carl) == 2200
    assert "£18.00 taken back" in text_of(office.get(answer.headers["Location"]))
    today = text_of(office.get(reverse("console:today")))
    assert "Taken back on this day" in today
    assert "2 was meant" in today
    assert "£2.00" in text_of(office.get(address))  # what can still be taken back
    assert verify_ledger().ok
    assert "pay_in_unknown" in text_of(office.get(reverse("console:reverse-pay-in", args=[uuid4()])))


def test_the_office_moves_money_for_a_family(office: Client, cast: Any) -> None:
    nia, wes = cast.person("Nia"), cast.person("Wes")
    address = reverse("console:to-sibling", args=[nia.id])
    assert address in text_of(office.get(reverse("console:person", args=[nia.id])))
    form = {"key": str(uuid4()), "to": str(wes.id), "amount": "21"}
    assert "At most: £20.00." in text_of(office.post(address, form))
    assert office.post(address, {**form, "to": str(cast.person("Ada").id)}).status_code == 422
    answer = office.post(address, {**form, "amount": "3"})
    assert answer.status_code == 302
    assert (available_minor(nia), available_minor(wes)) == (1700, 2300)
    alone = reverse("console:to-sibling", args=[cast.person("Carl").id])
    assert "No brother or sister here" in text_of(office.get(alone))


def test_leavers_are_listed_until_their_money_is_gone_and_a_debt_is_written_off(
    office: Client, browser: Any, cast: Any
) -> None:
    address = reverse("console:leavers")
    assert "No leaver has money or a debt" in text_of(office.get(address))
    pay(cast, "Bo")
    Person.objects.filter(given_name__in=["Bo", "Nia"]).update(left_at=now())
    listed = text_of(office.get(address))
    assert "Nia Nay" in listed
    assert "The family may choose until" in listed
    debt = reverse("console:write-off", args=[cast.person("Bo").id])
    assert debt in listed
    assert office.get(reverse("console:write-off", args=[cast.person("Nia").id])).status_code == 404
    assert office.post(debt, {"key": str(uuid4()), "words": " "}).status_code == 422
    key = re.search(r'name="key" value="([\w-]+)"', text_of(office.get(debt)))
    assert key
    for _ in range(2):
        assert office.post(debt, {"key": key[1], "words": "moved abroad"}).status_code == 302
    assert Transfer.objects.get(reason="write_off").amount_minor == 250
    assert "Bo Broke" not in text_of(office.get(address))
    assert text_of(browser("administrator").get(address)).count('row">Nia Nay') == 1
    assert browser("cashier").get(address).status_code == 403


def test_the_office_asks_for_a_pay_out_on_a_persons_page_and_pays_it_in_cash(
    office: Client, cast: Any
) -> None:
    carl, drawer = cast.person("Carl"), office_drawer(cast.school)
    take_pay_in(carl, drawer, Paying(3000), key=uuid4(), by=cast.user("office"))
    page, before = f"/staff/people/{carl.id}/pay-out/", available_minor(carl)
    assert page in office.get(f"/staff/people/{carl.id}/").content.decode()
    assert f'value="{before / 100:.2f}"' in office.get(page).content.decode()
    said = {"key": uuid4(), "amount": "12.50", "way": "transfer", "holder": "Cy", "number": "DE00"}
    refused = office.post(page, said)
    assert refused.status_code == 422
    assert 'class="error"' in refused.content.decode()
    said = {"key": uuid4(), "amount": "12.50", "way": "cash"}
    for _press in range(2):
        assert office.post(page, said).headers["Location"] == "/staff/money/pay-outs/"
    asked = PayOut.objects.get()
    assert (asked.amount_minor, asked.state, asked.user) == (1250, "asked", cast.user("office"))
    text = office.get("/staff/money/pay-outs/").content.decode()
    assert "Cash, to sign" in text
    assert office.get("/staff/money/pay-outs/cash.pdf").content.startswith(b"%PDF")
    assert "12.50 is asked for already" in office.get(page).content.decode()
    decide = f"/staff/money/pay-outs/{asked.id}/"
    assert decide in text
    wrong = office.post(decide, {"approve": "1", "out_of": "none"})
    assert wrong.status_code == 409
    assert office.post(decide, {"approve": "1", "out_of": str(drawer.id)}).status_code == 302
    assert (available_minor(carl), holds_minor(drawer)) == (before - 1250, 1750)


def test_a_closed_drawer_pays_nothing_out_and_the_page_says_so(office: Client, cast: Any) -> None:
    carl, drawer = cast.person("Carl"), require_office_drawer(cast.school, by=None)
    ask_pay_out(carl, 100, asked_by=AskedBy(user=cast.user("office")), key=uuid4(), account=None)
    answer = office.post(
        f"/staff/money/pay-outs/{PayOut.objects.get().id}/", {"approve": "1", "out_of": str(drawer.id)}
    )
    assert answer.status_code == 409
    assert "drawer is closed" in answer.content.decode()
    assert PayOut.objects.get().state == "asked"


def test_each_leaver_with_money_has_a_letter_and_one_who_owes_the_one_about_debts(
    office: Client, cast: Any
) -> None:
    carl, bo = cast.person("Carl"), cast.person("Bo")
    mark_left([carl.id])
    text = office.get("/staff/money/leavers/").content.decode()
    assert "All letters (PDF)" in text
    letter = office.post("/staff/money/leavers/letters/", {"person": str(carl.id)})
    assert letter.content.startswith(b"%PDF")
    assert Entry.objects.get(event="leaver.letter_printed").subject == carl.id
    assert office.post("/staff/money/leavers/letters/", {"person": str(bo.id)}).status_code == 409


def test_a_pay_in_is_on_a_persons_page_once_with_its_receipt_and_its_way_back(
    office: Client, cast: Any
) -> None:
    carl, drawer = cast.person("Carl"), office_drawer(cast.school)
    paid = take_pay_in(carl, drawer, Paying(1234), key=uuid4(), by=cast.user("office"))
    page = f"/staff/people/{carl.id}/"
    text = office.get(page).content.decode()
    assert text.count("£12.34") == 1
    assert f"/staff/pay-ins/{paid.pk}/" in text
    assert f"/staff/money/pay-ins/{paid.transfer_id}/reverse/" in text
    reverse_pay_in(cast.school, paid.transfer_id, 1234, words="twice", key=uuid4(), by=cast.user("office"))
    text = office.get(page).content.decode()
    assert "£12.34 taken back" in text
    assert f"/staff/money/pay-ins/{paid.transfer_id}/reverse/" not in text
