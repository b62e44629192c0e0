"""The day: sales by way, waits side by side, and giving a payment back."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from willing.core import clock
from willing.ledger.queries import available_minor, verify_ledger
from willing.till.baskets import add_product
from willing.till.menu_models import Product
from willing.till.parking import park_basket
from willing.till.products import mark_sold_out
from willing.till.refund_models import Refund


def refund(client: Client, sale: Any, key: str, reason: str = "Wrong dish") -> Any:
    return client.post(reverse("console:refund", args=[sale.id]), {"key": key, "reason": reason})


@pytest.mark.parametrize("role", ["office", "canteen", "cashier"])
def test_the_day_shows_every_way_with_its_wait(browser: Any, sell: Any, role: str) -> None:
    sell("Carl", "card")
    sell("Ada", "pin")
    text = browser(role).get("/staff/today/").content.decode()
    for label in ("Card or code", "PIN", "Face", "Staff look-up", "Typical wait"):
        assert label in text
    assert text.count("£4.30") >= 4
    assert "No. 1" in text
    assert "No. 2" in text
    assert "Pasta" in text
    assert "Juice&nbsp;×&nbsp;2" in text
    assert "Carl" not in text  # who bought what is not for this page


def test_a_product_bears_its_name_in_the_language_of_the_page(office: Client, cast: Any, sell: Any) -> None:
    Product.objects.filter(pk=cast.extra.pk).update(name_zh_hans="")
    sell()
    text = office.get("/staff/today/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "意面" in text
    assert "Pasta" not in text
    assert "Juice" in text  # what has no Chinese name keeps its own


def test_a_day_without_sales_is_a_calm_page(office: Client) -> None:
    text = office.get("/staff/today/", {"day": "2020-02-02"}).content.decode()
    assert "Nothing sold on this day" in text
    assert "2 February 2020" in text


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "9999-12-31", ""])
def test_a_day_that_is_none_shows_today(office: Client, sell: Any, day: str) -> None:
    sell()
    assert "No. 1" in office.get("/staff/today/", {"day": day}).content.decode()


def test_one_goes_from_day_to_day(office: Client, sell: Any) -> None:
    sell()
    text = office.get("/staff/today/").content.decode()
    assert "Day after" not in text
    before = re.search(r'href="(\?day=[\d-]+)"', text)
    assert before
    earlier = office.get("/staff/today/" + before[1]).content.decode()
    assert "Nothing sold on this day" in earlier
    assert "Day after" in earlier


def test_a_receipt_is_found_by_its_number(office: Client, sell: Any) -> None:
    sell()
    sell("Ada", "pin")
    text = office.get("/staff/today/", {"receipt": "2"}).content.decode()
    assert "No. 2" in text
    assert "No. 1<" not in text
    assert "No such receipt" in office.get("/staff/today/", {"receipt": "77"}).content.decode()


@pytest.mark.parametrize("role", ["office", "canteen"])
def test_giving_back_asks_first_and_happens_once(browser: Any, cast: Any, sell: Any, role: str) -> None:
    client, sale = browser(role), sell()
    before = available_minor(cast.person("Carl"))
    page = client.get(reverse("console:refund", args=[sale.id])).content.decode()
    assert "Give £4.30 back?" in page
    found = re.search(r'name="key" value="([\w-]+)"', page)
    assert found
    for _ in range(2):
        answer = refund(client, sale, found[1])
        assert answer.status_code == 302
    assert available_minor(cast.person("Carl")) == before + sale.total_minor
    assert Refund.objects.get().refunded_by == cast.user(role)
    assert verify_ledger().ok
    text = client.get(answer.headers["Location"]).content.decode()
    assert text.count("Receipt 1: the money was refunded.") == 1
    assert "Refunded" in text


def test_some_of_a_payment_is_given_back_and_the_rest_may_be_later(
    office: Client, cast: Any, sell: Any
) -> None:
    sale, before = sell(), available_minor(cast.person("Carl"))
    meal, juice = (f"line-{one.pk}" for one in sale.basket.lines.all())
    address = reverse("console:refund", args=[sale.id])
    answer = office.post(address, {"key": str(uuid4()), juice: "3", meal: "0"})
    assert answer.status_code == 422
    answer = office.post(address, {"key": str(uuid4()), juice: "", meal: "0"})
    assert "Please say what to refund first." in answer.content.decode()
    answer = office.post(address, {"key": str(uuid4()), juice: "1", meal: "0"}, follow=True)
    text = answer.content.decode()
    assert "£0.90 refunded" in text
    assert "(1 refunded)" in text
    assert available_minor(cast.person("Carl")) == before + 90
    page = office.get(address).content.decode()
    assert "Give £3.40 back?" in page
    assert "£0.90 was refunded on" in page
    person = office.get(reverse("console:person", args=[sale.person_id])).content.decode()
    assert "£0.90 refunded" in person
    assert address in person


def test_the_cashier_sees_no_button_and_gets_no_refund(browser: Any, sell: Any) -> None:
    sale, cashier = sell(), browser("cashier")
    assert "Refund</a>" not in cashier.get("/staff/today/").content.decode()
    assert reverse("console:refund", args=[sale.id]) not in cashier.get("/staff/today/").content.decode()
    assert refund(cashier, sale, str(uuid4())).status_code == 403
    assert Refund.objects.count() == 0


def test_a_second_refund_is_refused_in_words(office: Client, sell: Any) -> None:
    sale = sell()
    refund(office, sale, str(uuid4()))
    answer = refund(office, sale, str(uuid4()))
    assert answer.status_code == 409
    assert "This was already refunded." in answer.content.decode()


def test_a_receipt_that_is_not_there_is_said_kindly(office: Client) -> None:
    answer = office.get(reverse("console:refund", args=[uuid4()]))
    assert answer.status_code == 409
    assert "sale_unknown" in answer.content.decode()


def test_a_refund_without_a_key_or_with_too_many_words_is_asked_for_again(office: Client, sell: Any) -> None:
    sale = sell()
    assert refund(office, sale, "not-a-key").status_code == 422
    assert refund(office, sale, str(uuid4()), "x" * 201).status_code == 422
    assert Refund.objects.count() == 0


def test_after_a_refund_one_is_back_on_the_day_of_the_sale(office: Client, sell: Any) -> None:
    yesterday = clock.now() - timedelta(days=1)
    with clock.running(lambda: yesterday):
        sale = sell()
    answer = refund(office, sale, str(uuid4()))
    assert f"?day={yesterday.date().isoformat()[:4]}" in answer.headers["Location"]
    assert "No. 1" in office.get(answer.headers["Location"]).content.decode()


def test_many_sales_come_in_pages(office: Client, sell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("willing.pages.console.daily_sales.SALES_A_PAGE", 2)
    for _ in range(3):
        sell()
    text = office.get("/staff/today/").content.decode()
    assert "Page 1 of 2" in text
    assert "No. 1<" not in text
    assert "No. 1<" in office.get("/staff/today/", {"page": "2"}).content.decode()
    assert office.get("/staff/today/", {"page": "nonsense"}).status_code == 200


def test_a_payment_that_a_wrong_clock_dated_ahead_is_found_from_today(office: Client, sell: Any) -> None:
    with clock.running(lambda: datetime(2031, 3, 3, 12, tzinfo=UTC)):
        sell()
    text = office.get("/staff/today/").content.decode()
    assert "Nothing sold on this day" in text
    assert "?day=2031-03-03" in text
    ahead = office.get("/staff/today/", {"day": "2031-03-03"}).content.decode()
    assert "No. 1" in ahead
    assert "A future day" in ahead
    assert 'href="/staff/today/"' in ahead
    assert "3 March 2031" in office.get("/staff/today/", {"day": "9999-12-31"}).content.decode()


def test_a_receipt_goes_on_naming_what_was_sold_with_its_tax_code(
    office: Client, cast: Any, sell: Any
) -> None:
    Product.objects.filter(pk=cast.meal.pk).update(tax_code="A <b>")
    sale = sell()
    Product.objects.update(name="Renamed", name_zh_hans="改名", tax_code="B")
    for where in ("/staff/today/", f"/staff/people/{sale.person_id}/", f"/staff/today/refund/{sale.id}/"):
        text = office.get(where).content.decode()
        assert "Pasta" in text
        assert "(A &lt;b&gt;)" in text
        assert "Renamed" not in text


def test_the_office_reads_what_each_till_has_put_aside_and_what_is_sold_out(
    office: Client, cast: Any
) -> None:
    assert "Before the tills close" not in office.get("/staff/today/").content.decode()
    add_product(cast.till, cast.meal)
    park_basket(cast.till)
    mark_sold_out(cast.extra)
    text = office.get("/staff/today/").content.decode()
    assert "Till 1: put aside and not paid" in text
    assert "Sold out today: Juice" in " ".join(text.split())
    assert "Before the tills close" not in office.get("/staff/today/?day=2026-01-01").content.decode()
