from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.core.codes import CODE_ALPHABET, new_code, normalise_code, show_code
from willing.till.rules import (
    Funding,
    Item,
    count_pin_try,
    decide_funding,
    is_pin,
    is_simple_pin,
    total_minor,
    wait_seconds,
)

MEAL, EXTRA = Item(250, 1, is_main_meal=True), Item(90, 1, is_main_meal=False)
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("items", "available", "grace", "expected"),
    [
        ([MEAL], 250, 1500, Funding(250, 0)),
        ([MEAL], 0, 1500, Funding(250, 0)),  # from the grace
        ([MEAL], -1400, 1500, Funding(100, 150)),  # the last of the grace, the rest from the school
        ([MEAL], -1500, 1500, Funding(0, 250)),  # beyond the grace the school carries it all
        ([MEAL], 0, 0, Funding(0, 250)),
        ([MEAL, EXTRA], 340, 1500, Funding(340, 0)),
        ([MEAL, EXTRA], 90, 1500, Funding(340, 0)),  # the extra is covered, the meal goes on the grace
        ([MEAL, EXTRA], 89, 1500, None),
        ([EXTRA], 89, 1500, None),
        ([EXTRA], -10, 1500, None),
        ([Item(250, 2, is_main_meal=True)], 0, 1500, None),  # one main meal, not two
        ([Item(250, 2, is_main_meal=True)], 250, 1500, Funding(500, 0)),
    ],
)
def test_who_pays_for_what(items, available, grace, expected):
    assert decide_funding(items, available, grace) == expected


@pytest.mark.parametrize(
    ("items", "available", "allowance", "expected"),
    [
        ([MEAL], 1000, 250, Funding(0, 250)),
        ([MEAL], 1000, 100, Funding(150, 100)),
        ([MEAL, EXTRA], 1000, 300, Funding(40, 300)),  # what is left of it goes into the extra
        ([MEAL, EXTRA], 90, 250, Funding(90, 250)),
        ([MEAL, EXTRA], 89, 250, None),
        ([EXTRA], 0, 90, Funding(0, 90)),
        ([MEAL], 0, 100, Funding(150, 100)),  # the rest on the grace, as for anybody
    ],
)
def test_the_allowance_is_spent_first(items, available, allowance, expected):
    assert decide_funding(items, available, 1500, allowance) == expected


items = st.lists(
    st.builds(Item, st.integers(1, 900), st.integers(1, 3), st.booleans()), min_size=1, max_size=5
)


@given(
    items=items,
    available=st.integers(-2000, 5000),
    grace=st.integers(0, 2000),
    allowance=st.integers(0, 1000),
)
def test_the_parts_make_the_whole_and_the_wallet_stays_within_the_grace(items, available, grace, allowance):
    funding = decide_funding(items, available, grace, allowance)
    if funding is not None:
        assert funding.wallet_minor + funding.meals_minor == total_minor(items)
        assert funding.wallet_minor >= 0
        assert funding.meals_minor >= 0
        assert funding.wallet_minor <= max(0, available + grace)


@given(
    price=st.integers(1, 900),
    available=st.integers(-2000, 5000),
    grace=st.integers(0, 2000),
    allowance=st.integers(0, 1000),
)
def test_no_balance_ever_refuses_one_main_meal(price, available, grace, allowance):
    assert decide_funding([Item(price, 1, is_main_meal=True)], available, grace, allowance) is not None


@pytest.mark.parametrize(
    ("minutes", "seconds"), [(0, 0), (2, 120), (-120, None), (5 * 365 * 1440, None)], ids=str
)
def test_a_wait_during_which_the_clock_was_set_is_none(minutes, seconds):
    assert wait_seconds(NOW, NOW + timedelta(minutes=minutes)) == seconds
    assert wait_seconds(NOW, None) is None


def test_five_wrong_tries_lock_for_five_minutes():
    wrong, until = 0, None
    for expected in (False, False, False, False, False, True):
        tried = count_pin_try(wrong, until, NOW)
        assert tried.is_locked is expected
        wrong, until = tried.wrong_tries, tried.locked_until
    assert until == NOW + timedelta(minutes=5)
    after = count_pin_try(wrong, until, NOW + timedelta(minutes=5))
    assert (after.is_locked, after.wrong_tries, after.locked_until) == (False, 1, None)


@pytest.mark.parametrize("pin", ["0000", "1234", "9876", "7777", "890123"])
def test_a_pin_that_everybody_tries_first_is_simple(pin):
    assert is_simple_pin(pin)


@pytest.mark.parametrize("pin", ["4711", "2580", "1379", "112233"])
def test_other_pins_are_not(pin):
    assert not is_simple_pin(pin)


@pytest.mark.parametrize("text", ["123", "1234567", "12a4", "", "１２３４", "12 4"])
def test_what_is_no_pin(text):
    assert not is_pin(text)


def test_codes_are_random_and_read_back_however_they_are_typed():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    for code in list(codes)[:50]:
        assert set(code) <= set(CODE_ALPHABET)
        assert normalise_code(show_code(code).lower()) == code
        assert normalise_code(f"  {show_code(code).replace('0', 'o').replace('1', 'l')} ") == code
