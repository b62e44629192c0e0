"""When a PIN is locked and what may be one, by table."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta

import pytest

from willing.credentials.rules import (
    CARD_NUMBER_CHARS_MAX,
    CARD_NUMBER_CHARS_MIN,
    LOCK_MINUTES,
    WRONG_PINS_UNTIL_LOCK,
    CardNumberFault,
    PinAttempt,
    count_pin_attempt,
    find_card_number_fault,
    fold_card_number,
    is_pin,
    is_simple_pin,
    other_forms,
)

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_five_wrong_tries_lock_for_five_minutes():
    wrong, until = 0, None
    for expected in (False, False, False, False, False, True):
        tried = count_pin_attempt(wrong, until, NOW)
        assert tried.is_locked is expected
        wrong, until = tried.wrong_attempts, tried.locked_until
    assert until == NOW + timedelta(minutes=5)
    after = count_pin_attempt(wrong, until, NOW + timedelta(minutes=5))
    assert (after.is_locked, after.wrong_attempts, after.locked_until) == (False, 1, None)


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("wrong", "locked_until", "last_try_at", "expected"),
    [
        (0, None, None, PinAttempt(False, 1, None)),
        (3, None, None, PinAttempt(False, 4, None)),
        (4, None, None, PinAttempt(False, 5, minutes(5))),
        (5, None, None, PinAttempt(False, 6, minutes(5))),
        (5, minutes(3), None, PinAttempt(True, 5, minutes(3))),
        (5, minutes(5), None, PinAttempt(True, 5, minutes(5))),
        (5, minutes(999), None, PinAttempt(True, 5, minutes(5))),  # set by a clock that ran ahead
        (5, minutes(0), None, PinAttempt(False, 1, None)),
        (5, minutes(-1), None, PinAttempt(False, 1, None)),
        (3, None, minutes(-4.9), PinAttempt(False, 4, None)),
        (3, None, minutes(-5), PinAttempt(False, 1, None)),
        (3, None, minutes(-60), PinAttempt(False, 1, None)),
        (4, None, minutes(-1), PinAttempt(False, 5, minutes(5))),
        (4, None, minutes(60), PinAttempt(False, 5, minutes(5))),  # the clock was put back: it still counts
        (5, minutes(3), minutes(-60), PinAttempt(True, 5, minutes(3))),
    ],
)
def test_a_try_is_counted_before_it_is_looked_at(wrong, locked_until, last_try_at, expected):
    assert count_pin_attempt(wrong, locked_until, NOW, last_try_at) == expected


@pytest.mark.parametrize("pin", ["0000", "1234", "9876", "7777", "890123", "3210", "1098"])
def test_a_pin_that_everybody_tries_first_is_simple(pin):
    assert is_simple_pin(pin)


@pytest.mark.parametrize("pin", ["4711", "2580", "1379", "112233", "2468", "8642", "3691", "1212"])
def test_other_pins_are_not(pin):
    assert not is_simple_pin(pin)


@pytest.mark.parametrize("text", ["0000", "12345", "123456"])
def test_four_to_six_digits_are_a_pin(text):
    assert is_pin(text)


@pytest.mark.parametrize("text", ["123", "1234567", "12a4", "", "１２３４", "12 4"])
def test_what_is_no_pin(text):
    assert not is_pin(text)


def test_what_was_counted_cannot_be_changed():
    counted = PinAttempt(False, 1, None)
    with pytest.raises(FrozenInstanceError):
        counted.is_locked = True  # type: ignore[misc]  # frozen for mypy as well


def test_the_bounds_that_the_documents_name():
    assert (WRONG_PINS_UNTIL_LOCK, LOCK_MINUTES) == (5, 5)


@pytest.mark.parametrize(
    ("number", "others"),
    [
        ("04A1B2C3", {"C3B2A104", "77705923", "3283263748"}),
        ("3283263748", {"C3B2A104", "04A1B2C3", "77705923"}),
        ("ABCDEFGHJ", set()),
        (str(1 << 80), set()),
    ],
)
def test_a_chips_number_has_other_forms(number, others):
    assert other_forms(number) == others


def test_a_numbers_leading_zeros_count_for_nothing_where_it_is_one():
    assert fold_card_number("00-77 70:3875") == "77703875"
    assert fold_card_number("0a1b2c3d") == "0A1B2C3D"
    assert find_card_number_fault("0a1b2c3d") is None


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("1" * CARD_NUMBER_CHARS_MIN, None),
        ("1" * CARD_NUMBER_CHARS_MAX, None),
        ("1" * (CARD_NUMBER_CHARS_MIN - 1), CardNumberFault.TOO_SHORT),
        ("000" + "1" * (CARD_NUMBER_CHARS_MIN - 1), CardNumberFault.TOO_SHORT),
        ("1" * (CARD_NUMBER_CHARS_MAX + 1), CardNumberFault.NOT_VALID),
        ("0a1b2c3d!", CardNumberFault.NOT_VALID),
        ("Ж2345678", CardNumberFault.NOT_VALID),
        ("", CardNumberFault.NOT_VALID),
        ("0123-4567-89AB", CardNumberFault.LIKE_OURS),
    ],
)
def test_which_numbers_a_school_s_own_card_may_have(number, fault):
    assert find_card_number_fault(number) == fault
