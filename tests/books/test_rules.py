"""Tax within prices, and kinds of meals: every branch, and the laws of rounding."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.books.rules import SetRate, decide_meal, divide_tax, find_rate, tax_of_part, tax_within_minor

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)
RATES = (
    SetRate("S", "", 2000, MONDAY),
    SetRate("S", "", 1000, WEDNESDAY),
    SetRate("S", "pupil", 0, MONDAY),
    SetRate("", "", 500, MONDAY),
)


@pytest.mark.parametrize(
    ("code", "buyer", "day", "rate"),
    [
        ("S", "staff", MONDAY, 2000),
        ("S", "staff", TUESDAY, 2000),
        ("S", "staff", WEDNESDAY, 1000),
        ("S", "pupil", WEDNESDAY, 0),
        ("S", "staff", date(2026, 11, 22), None),
        ("", "pupil", MONDAY, 500),
        ("Z", "pupil", MONDAY, None),
    ],
)
def test_the_newest_rate_that_has_begun_holds_and_that_of_the_buyers_group_goes_first(code, buyer, day, rate):
    assert find_rate(RATES, code, buyer, day) == rate


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [
        (120, 2000, 20),
        (100, 2000, 17),
        (3, 2000, 1),
        (2, 2000, 0),
        (250, 0, 0),
        (0, 2000, 0),
        (200, 10_000, 100),
    ],
)
def test_the_tax_within_a_sum_is_rounded_half_up(gross, rate, tax):
    assert tax_within_minor(gross, rate) == tax


def test_what_rounding_leaves_goes_to_the_largest_remainders():
    assert divide_tax([100, 100, 100], 2000) == [17, 17, 16]
    assert divide_tax([10, 95], 2000) == [2, 16], "1.67 and 15.83, together 17.5"
    assert divide_tax([], 2000) == []


@given(st.lists(st.integers(0, 10**7), max_size=12), st.integers(0, 10_000))
def test_the_lines_hold_exactly_the_tax_of_their_sum_and_none_is_a_whole_unit_off(gross, rate):
    taxes = divide_tax(gross, rate)
    assert sum(taxes) == tax_within_minor(sum(gross), rate)
    assert all(0 <= tax <= one for one, tax in zip(gross, taxes, strict=True))
    assert all(
        abs(tax * (10_000 + rate) - one * rate) < 10_000 + rate for one, tax in zip(gross, taxes, strict=True)
    )


@pytest.mark.parametrize("parts", [[1, 1, 1], [2, 1], [3], [1, 2]])
def test_the_parts_of_a_line_hold_exactly_its_tax(parts):
    before = [sum(parts[:place]) for place in range(len(parts))]
    assert sum(tax_of_part(50, 3, *one) for one in zip(before, parts, strict=True)) == 50
    assert tax_of_part(50, 3, 0, 1) == 17


@pytest.mark.parametrize(
    ("buyer", "meals", "entitled", "carried", "kind"),
    [
        ("pupil", 250, 0, 0, "paid"),
        ("pupil", 250, 250, 0, "free"),
        ("pupil", 250, 300, 0, "free"),
        ("pupil", 250, 100, 0, "reduced"),
        ("pupil", 250, 100, 50, "reduced"),
        ("pupil", 250, 0, 50, "carried"),
        ("pupil", 0, 0, 0, "paid"),
        ("staff", 250, 0, 0, "staff"),
        ("visitor", 250, 0, 0, "visitor"),
    ],
)
def test_how_a_meal_was_served_follows_from_who_paid_for_it(buyer, meals, entitled, carried, kind):
    assert decide_meal(buyer, meals, entitled, carried) == kind
