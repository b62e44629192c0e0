"""Sums, as people in different places write them."""

import pytest

from willing.core.money import AmountNotValid, format_minor, read_minor, write_minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("2.60", "GBP", 260),
        ("2,60", "EUR", 260),
        ("2.6", "GBP", 260),
        ("2", "GBP", 200),
        ("0", "GBP", 0),
        (".50", "GBP", 50),
        ("£2.60", "GBP", 260),
        ("2,60 €", "EUR", 260),
        ("EUR 2,60", "EUR", 260),
        ("2.60 gbp", "GBP", 260),
        ("12元", "CNY", 1200),
        ("¥12.50", "CNY", 1250),
        ("￥12.50", "CNY", 1250),
        ("２．６０", "GBP", 260),
        ("1,250.00", "GBP", 125000),
        ("1.250,00", "EUR", 125000),
        ("1 250,50", "EUR", 125050),
        ("1\u202f250,50", "EUR", 125050),
        ("1'250.50", "CHF", 125050),
        ("1’250.50", "CHF", 125050),
        ("2.600", "EUR", 260000),
        ("5000", "KRW", 5000),
        ("5,000", "KRW", 5000),
        ("5,000원", "KRW", 5000),
        ("2.600", "KWD", 2600),
        ("2,5", "KWD", 2500),
        ("1,234,567.89", "USD", 123456789),
    ],
)
def test_a_sum_is_read_as_its_currency_writes_it(text, currency, minor):
    assert read_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "GBP"),
        (".", "GBP"),
        ("2.", "GBP"),
        ("-2.60", "GBP"),
        ("2,60,00", "EUR"),
        ("1,25,000", "INR"),
        ("1,250,00", "EUR"),
        ("5000.5", "KRW"),
        ("two", "GBP"),
        ("2.6.0", "GBP"),
        ("1e3", "GBP"),
        ("0x10", "GBP"),
        ("٢٫٦٠", "GBP"),
        ("9" * 40, "GBP"),
    ],
)
def test_what_is_no_sum_of_the_currency_is_refused(text, currency):
    with pytest.raises(AmountNotValid):
        read_minor(text, currency)


@pytest.mark.parametrize(("minor", "currency"), [(260, "GBP"), (0, "GBP"), (5000, "KRW"), (2605, "KWD")])
def test_what_a_field_shows_is_read_as_the_same_sum(minor, currency):
    assert read_minor(write_minor(minor, currency), currency) == minor
    assert read_minor(format_minor(minor, currency), currency) == minor
