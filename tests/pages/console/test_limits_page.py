"""The page of the school's limits, and what is asked about because of them."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from babel.numbers import get_currency_precision
from django.test import Client
from tests.support.signing import sign_in

from willing.core.money import format_minor, write_minor
from willing.ledger.queries import available_minor
from willing.people.models import School
from willing.till.limit_models import SchoolLimits
from willing.till.limit_rules import NewLimits
from willing.till.limits import limits_of, set_limits
from willing.till.school_limits import default_limits, limits_in_force

PAGE = "/staff/limits/"
NOTHING = dict.fromkeys(
    ("grace", "purchase", "daily", "weekly", "face_daily", "unusual_price", "large_pay_in", "guardian_max"),
    "",
)


def field(text: str, name: str) -> str:
    """Return what the page says around a field."""
    return (
        re.split(r'<div class="field">', text.split(f'name="{name}"', maxsplit=1)[0])[-1]
        + text.split(f'name="{name}"')[1].split("</div>", maxsplit=1)[0]
    )


@pytest.mark.parametrize("currency", ["GBP", "JPY", "KRW", "HUF", "BHD"])
def test_each_limit_is_shown_beside_what_is_usual_for_the_currency(office: Client, currency: str) -> None:
    table = default_limits(currency)
    School.objects.update(currency=currency, grace_minor=7 * 10 ** get_currency_precision(currency))
    text = office.get(PAGE).content.decode()
    assert format_minor(table.grace_minor, currency) in field(text, "grace")
    assert 'value="7' in field(text, "grace")
    assert f'value="{write_minor(table.face_daily_minor, currency)}"' in field(text, "face_daily")
    assert "no limit" in field(text, "daily")
    assert office.post(PAGE, {**NOTHING, "daily": "1234"}).status_code == 302
    daily = limits_in_force(School.objects.get()).daily_minor
    assert daily == 1234 * 10 ** get_currency_precision(currency)


def test_what_is_left_empty_follows_the_table_again(browser: Any, cast: Any) -> None:
    administrator = browser("administrator")
    said = {
        "grace": "1",
        "purchase": "8",
        "daily": "20",
        "weekly": "60",
        "face_daily": "5",
        "unusual_price": "9",
    }
    assert administrator.post(PAGE, {**NOTHING, **said}).status_code == 302
    held = limits_in_force(cast.school)
    assert (held.grace_minor, held.daily_minor, held.face_daily_minor) == (100, 2000, 500)
    assert (held.purchase_minor, held.weekly_minor, held.unusual_price_minor) == (800, 6000, 900)
    administrator.post(PAGE, NOTHING)
    assert limits_in_force(cast.school) == default_limits("GBP")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"daily": "10", "face_daily": "10.01"}, "face_daily"),
        ({"weekly": "10", "face_daily": "10.01"}, "face_daily"),
        ({"grace": "-1"}, "grace"),
        ({"grace": "1.2345"}, "grace"),
        ({"large_pay_in": "30000000"}, "large_pay_in"),
        ({"guardian_max": "much"}, "guardian_max"),
    ],
)
def test_what_can_not_be_is_refused_beside_its_field(office: Client, said: Any, name: str) -> None:
    answer = office.post(PAGE, {**NOTHING, **said})
    assert answer.status_code == 422
    assert 'class="error"' in field(answer.content.decode(), name)
    assert not SchoolLimits.objects.exists()


def test_a_large_pay_in_is_asked_about_once(office: Client, cast: Any) -> None:
    carl = cast.person("Carl")
    before, page = available_minor(carl), f"/staff/people/{carl.id}/pay-in/"
    said = {"key": uuid4(), "amount": "2000"}
    answer = office.post(page, said)
    assert answer.status_code == 409
    assert "Yes, £2,000.00 is right" in answer.content.decode()
    assert available_minor(carl) == before
    assert office.post(page, {**said, "confirmed": "20000"}).status_code == 409, "another sum was confirmed"
    assert office.post(page, {**said, "confirmed": "200000"}).status_code == 302
    assert available_minor(carl) == before + 200_000
    assert office.post(page, {"key": uuid4(), "amount": "300"}).status_code == 302


def test_a_family_chooses_no_more_than_the_school_lets_it(cast: Any) -> None:
    client, ada = sign_in(Client(), cast.user("guardian")), cast.person("Ada")
    SchoolLimits.objects.create(school=cast.school, guardian_max_minor=5000, daily_minor=2000)
    page = f"/family/child/{ada.id}/"
    answer = client.get(page).content.decode()
    assert 'max="50' in answer
    assert "Leave empty for the school&#x27;s limit." in answer
    for said in ({"daily": "50.01"}, {"daily": "3", "face_daily": "3.01"}):
        refused = client.post(f"{page}limits/", said)
        assert refused.status_code == 422
        assert 'class="error"' in refused.content.decode()
    assert client.post(f"{page}limits/", {"daily": "50", "face_daily": "3"}).status_code == 302
    assert limits_of(ada).daily_minor == 2000
    assert Decimal(limits_of(ada).face_daily_minor) == 300


def test_the_office_limits_one_person_for_a_family_that_asks(office: Client, cast: Any) -> None:
    ada = cast.person("Ada")
    set_limits(ada, NewLimits(daily_minor=500), by=cast.guardian("Gus"))
    page = f"/staff/people/{ada.id}/limits/"
    assert page in office.get(f"/staff/people/{ada.id}/").content.decode()
    empty = {"purchase": "", "daily": "", "weekly": "", "face_daily": ""}
    for wrong in ({"daily": "3", "face_daily": "3.01"}, {"weekly": "-1"}, {"purchase": "30000000"}):
        refused = office.post(page, {**empty, **wrong})
        assert refused.status_code == 422
        assert 'class="error"' in refused.content.decode()
    assert office.post(page, {**empty, "purchase": "4", "daily": "6"}).status_code == 302
    held = limits_of(ada)
    assert (held.purchase_minor, held.daily_minor) == (400, 500)
    text = office.get(page).content.decode()
    assert "· Gus" in text
    assert "· the school" in text
    assert 'value="4.00"' in text
    assert 'value="5.00"' not in text, "a guardian's are theirs"
    assert office.post(page, empty).status_code == 302
    assert limits_of(ada).purchase_minor is None
