"""The office takes wrong pay-ins back, moves money between siblings, and settles what leavers have left."""

import re
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from tests.support.money import pay_in
from tests.support.till import pay

from willing.core.clock import now
from willing.ledger.models import Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.models import Person


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
    assert text_of(browser("administrator").get(address)).count("Nia Nay") == 1
    assert browser("cashier").get(address).status_code == 403
