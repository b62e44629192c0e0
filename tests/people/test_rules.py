"""How old a person is, by table."""

from datetime import date

import pytest

from willing.people.rules import age_on


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
