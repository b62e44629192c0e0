"""How old a person is and how a name is read, by table."""

from datetime import date

import pytest

from willing.people.rules import TILL_NUMBER_DIGITS_MAX, age_on, read_name


@pytest.mark.parametrize(
    ("day", "born", "years"),
    [
        (date(2026, 9, 1), date(2010, 9, 1), 16),
        (date(2026, 8, 31), date(2010, 9, 1), 15),
        (date(2026, 9, 2), date(2010, 9, 1), 16),
        (date(2026, 8, 2), date(2010, 9, 1), 15),
        (date(2026, 10, 1), date(2010, 9, 2), 16),
        (date(2026, 2, 28), date(2008, 2, 29), 17),
        (date(2026, 3, 1), date(2008, 2, 29), 18),
        (date(2010, 9, 1), date(2010, 9, 1), 0),
    ],
)
def test_age_is_counted_in_whole_years(day, born, years):
    assert age_on(day, born) == years


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Una", "Una"),
        ("  Una \t Urban\n", "Una Urban"),
        ("Zoe\u0308", "Zo\u00eb"),  # two characters on a Mac's keyboard, one in every register
        ("  ", ""),
    ],
    ids=ascii,
)
def test_a_name_is_read_as_it_would_be_written(typed, name):
    assert read_name(typed) == name


def test_a_till_number_is_as_long_as_anybody_types():
    assert TILL_NUMBER_DIGITS_MAX == 9
