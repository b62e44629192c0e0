"""The pages of sales and tax: what they show, which files they give, what they refuse."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from willing.books.models import TaxRate
from willing.people.queries import today

PAGE, TAX = "/staff/money/sales/", "/staff/money/tax/"


def test_the_page_shows_the_table_a_chart_and_the_files(office: Client, sell: Any) -> None:
    sell("Carl")
    text = office.get(PAGE).content.decode()
    assert "Pasta" in text
    assert "£2.50" in text
    assert '<title id="chart-title">' in text
    assert 'role="img" aria-labelledby="chart-title chart-desc"' in text
    assert "/staff/money/sales/file.csv?by=product" in text


@pytest.mark.parametrize("by", ["category", "way", "hour", "class", "meal", "tax", "refunded"])
def test_every_report_opens_with_sales_and_without(office: Client, sell: Any, by: str) -> None:
    assert "Nothing in this time" in office.get(f"{PAGE}?by={by}").content.decode()
    sell("Carl")
    answer = office.get(f"{PAGE}?by={by}")
    assert answer.status_code == 200
    assert ("Nothing in this time" in answer.content.decode()) == (by == "refunded")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("first=2026-11-30&last=2026-11-01", "The first day is after the last."),
        ("first=never&last=2026-11-01", "Enter both days as dates."),
        ("first=2024-01-01&last=2026-11-01", "At most 400 days"),
        ("first=0001-01-01&last=0001-02-01", "The first day is after the last."),
    ],
)
def test_a_time_that_can_not_be_is_said_and_a_month_is_shown(office: Client, asked: str, said: str) -> None:
    answer = office.get(f"{PAGE}?{asked}")
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_file_holds_what_the_page_shows(browser: Any, sell: Any, cast: Any) -> None:
    sell("Carl")
    day = today(cast.school).isoformat()
    answer = browser("canteen").get(f"{PAGE}file.csv?by=product&first={day}&last={day}")
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="willing-sales-product-{day}-{day}.csv"'
    )
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][0] == "Pasta"
    assert rows[-1] == ["Total", "", "3", "4.30", "0.00"]
    assert browser("canteen").get(f"{PAGE}file.exe").status_code == 404


def test_the_office_sets_a_rate_and_deletes_it(office: Client, cast: Any, logged: Any) -> None:
    assert "No rates are set" in office.get(TAX).content.decode()
    said = {"code": "S", "buyer": "staff", "percent": "5.5", "first_day": "2026-11-01"}
    assert office.post(TAX, said).status_code == 302
    rate = TaxRate.objects.get()
    assert (rate.code, rate.buyer, rate.rate) == ("S", "staff", 550)
    text = office.get(TAX).content.decode()
    assert "5.5%" in text
    assert "No rate is set for some codes." in text, "the products on sale have none"
    assert office.post(f"{TAX}{rate.id}/delete/").status_code == 302
    assert not TaxRate.objects.exists()
    assert len(logged("tax_rate.set")) == len(logged("tax_rate.deleted")) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"percent": "-1"},
        {"percent": "101"},
        {"percent": "1.234"},
        {"buyer": "cat"},
        {"first_day": "0001-01-01"},
    ],
)
def test_a_rate_that_can_not_be_is_refused_beside_its_field(office: Client, said: Any) -> None:
    answer = office.post(TAX, {"percent": "20", "first_day": "2026-11-01", **said})
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert not TaxRate.objects.exists()
