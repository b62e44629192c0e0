"""The menu's rules: days, weeks and prices. Pure."""

from datetime import date
from decimal import Decimal

import pytest

from willing.till.barcodes import BarcodeNotValid, read_barcode, scanned_as, show_barcode
from willing.till.menu_rules import (
    Availability,
    Priced,
    SoldWhen,
    decide_availability,
    decide_price,
    is_sold_on,
    menu_week,
    monday_of,
    round_price,
)

DAY = date(2026, 11, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("when", "week", "sold"),
    [
        (SoldWhen(), None, True),
        (SoldWhen(weekdays="2"), None, True),
        (SoldWhen(weekdays="1345"), None, False),
        (SoldWhen(menu_weeks="13"), 3, True),
        (SoldWhen(menu_weeks="13"), 2, False),
        (SoldWhen(menu_weeks="13"), None, True),
        (SoldWhen(first_day=DAY), None, True),
        (SoldWhen(first_day=date(2026, 11, 25)), None, False),
        (SoldWhen(last_day=DAY), None, True),
        (SoldWhen(last_day=date(2026, 11, 23)), None, False),
        (SoldWhen("2", "1", DAY, DAY), 1, True),
        (SoldWhen("2", "1", DAY, DAY), 2, False),
    ],
)
def test_a_product_is_sold_where_all_its_limits_allow_the_day(when, week, sold):
    assert is_sold_on(when, DAY, week) is sold


@pytest.mark.parametrize(
    ("day", "week"),
    [(date(2026, 11, 23), 1), (date(2026, 11, 29), 1), (date(2026, 11, 30), 2), (date(2026, 11, 22), 3)],
)
def test_weeks_are_counted_from_mondays_and_backwards_too(day, week):
    assert menu_week(day, date(2026, 11, 23), 3) == week
    assert monday_of(DAY) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"is_on_sale": False}, Availability.HIDDEN),
        ({"is_sold_today": False}, Availability.NOT_TODAY),
        ({"sold_out_on": DAY}, Availability.SOLD_OUT),
        ({"sold_out_on": date(2026, 11, 23)}, Availability.SOLD),
        ({}, Availability.SOLD),
    ],
)
def test_yesterdays_sold_out_is_forgotten(said, answer):
    plain = {"is_on_sale": True, "is_sold_today": True, "sold_out_on": None, "day": DAY}
    assert decide_availability(**plain | said) is answer


def test_a_class_pays_its_own_price_before_that_of_its_kind():
    special = [Priced(300, kind="staff"), Priced(0, year_group_id=7), Priced(220, kind="pupil")]
    assert decide_price(250, special, "pupil", 7) == 0
    assert decide_price(250, special, "staff", 7) == 0
    assert decide_price(250, special, "staff", None) == 300
    assert decide_price(250, special, "pupil", 8) == 220
    assert decide_price(250, [], "pupil", None) == 250


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_readable"),
        (" - ", "not_readable"),
        ("4006381333932", "check_digit"),
        ("96385075", "check_digit"),
        ("1" * 49, "too_long"),
    ],
)
def test_a_mistyped_code_is_refused_with_its_reason(text, reason):
    with pytest.raises(BarcodeNotValid) as wrong:
        read_barcode(text)
    assert wrong.value.reason == reason
    assert scanned_as(text) == []


@pytest.mark.parametrize("printed", ["4006381333931", "012345678905", "96385074", "14006381333938", "SOUP1"])
def test_a_code_is_shown_as_it_is_printed(printed):
    assert show_barcode(read_barcode(printed)) == printed
    assert show_barcode("12345678901234") == "12345678901234"


@pytest.mark.parametrize(
    ("minor", "rounded"),
    [("-3", 0), ("0", 0), ("7", 7), ("42.4", 42), ("1437", 1400), ("1462", 1500), ("99.6", 100)],
)
def test_a_price_is_set_with_two_digits_as_people_do(minor, rounded):
    assert round_price(Decimal(minor)) == rounded
