"""Cash in coins that exist: the table of places, rounding, what parts of a refund hand back, the keys."""

import pytest
from babel.core import get_global
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from willing.till.cash_rules import (
    EXACT,
    KEYS,
    Rounding,
    _table,
    cash_back_minor,
    round_cash,
    rounding_of,
    tender_keys,
)


@pytest.mark.parametrize(
    ("country", "currency", "step"),
    [
        ("CH", "CHF", 5),
        ("SE", "SEK", 100),
        ("HU", "HUF", 500),
        ("AU", "AUD", 5),
        ("NZ", "NZD", 10),
        ("CA", "CAD", 5),
        ("CZ", "CZK", 100),
        ("DK", "DKK", 50),
        ("NO", "NOK", 100),
        ("TW", "TWD", 100),
        ("KW", "KWD", 1),
        ("ZZ", "XTS", 1),
        ("FI", "EUR", 5),
        ("NL", "EUR", 5),
        ("DE", "EUR", 1),
        ("GB", "GBP", 1),
        ("CN", "CNY", 1),
        ("JP", "JPY", 1),
        ("CH", "EUR", 1),
    ],
)
def test_cash_is_rounded_by_currency_and_the_euro_by_country(country: str, currency: str, step: int) -> None:
    assert rounding_of(country, currency).step == step


def test_what_cldr_knows_of_cash_counts_wherever_no_other_source_is_named() -> None:
    """`currency_fractions`: digits, rounding, and the same in cash, rounding in units of the last digit."""
    named = {currency for country, currency in _table() if not country}
    for currency, (digits, _step, cash_digits, cash_step) in get_global("currency_fractions").items():
        if currency not in {"DEFAULT", *named}:
            found = rounding_of("", currency)
            assert digits == get_currency_precision(currency)
            assert found.step == max(1, cash_step) * 10**digits // 10**cash_digits
            assert found.is_half_up


def test_the_table_repeats_nothing_that_cldr_says() -> None:
    fractions = get_global("currency_fractions")
    for country, currency in _table():
        _digits, _step, cash_digits, cash_step = fractions.get(currency, fractions["DEFAULT"])
        assert country or (cash_step, cash_digits) in {(0, 2), (0, 0)}, currency


def test_one_and_two_cents_are_five_where_the_law_wants_it() -> None:
    assert [round_cash(one, rounding_of("SK", "EUR")) for one in (0, 1, 2, 6)] == [0, 5, 5, 5]
    assert [round_cash(one, rounding_of("FI", "EUR")) for one in (0, 1, 2, 6)] == [0, 0, 0, 5]


def test_the_table_names_places_and_steps_that_exist() -> None:
    for (country, currency), rounding in _table().items():
        assert len(currency) == 3
        assert country == "" or len(country) == 2
        assert 1 < rounding.step <= 5 * 10 ** get_currency_precision(currency)


@pytest.mark.parametrize(
    ("amount", "step", "is_half_up", "paid"),
    [
        (0, 5, True, 0),
        (1002, 5, True, 1000),
        (1003, 5, True, 1005),
        (1005, 5, True, 1005),
        (149, 100, True, 100),
        (150, 100, True, 200),
        (15, 10, False, 10),
        (16, 10, False, 20),
        (25, 50, True, 50),
        (24, 50, True, 0),
        (777, 1, True, 777),
    ],
)
def test_a_sum_is_rounded_to_coins_that_exist(amount: int, step: int, is_half_up: bool, paid: int) -> None:
    assert round_cash(amount, Rounding(step, is_half_up)) == paid


STEPS = st.builds(Rounding, st.sampled_from([1, 5, 10, 50, 100, 500]), st.booleans(), st.booleans())


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=8), STEPS)
def test_all_refunds_of_a_sale_hand_back_what_was_paid_in_coins_that_exist(
    parts: list[int], rounding: Rounding
) -> None:
    total = left = sum(parts)
    paid, handed = round_cash(total, rounding), 0
    for part in parts:
        left -= part
        now = cash_back_minor(paid, handed, left, rounding)
        assert now >= 0
        assert now % rounding.step == 0
        handed += now
    assert handed == paid


def test_what_was_paid_goes_back_also_where_the_rounding_has_changed_since() -> None:
    first = cash_back_minor(1000, 0, 501, Rounding(5))
    assert (first, cash_back_minor(1000, first, 0, EXACT)) == (500, 500)
    assert cash_back_minor(1000, 0, 1002, EXACT) == 0  # never less than nothing


def test_the_keys_begin_with_the_exact_sum_and_go_on_with_single_coins_and_notes() -> None:
    assert tender_keys(340) == [340, 500, 1000, 2000, 5000]
    assert tender_keys(500) == [500, 1000, 2000, 5000, 10000]
    assert tender_keys(1) == [1, 2, 5, 10, 20]
    assert tender_keys(0) == [0]


@given(st.integers(1, 10**9))
def test_no_key_is_less_than_what_is_due(due: int) -> None:
    keys = tender_keys(due)
    assert len(keys) == KEYS + 1
    assert keys == sorted(set(keys))
    assert keys[0] == due
