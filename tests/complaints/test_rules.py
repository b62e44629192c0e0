"""What a complaint needs, and by when it is answered, by table."""

from datetime import UTC, datetime

import pytest

from willing.complaints.rules import ABOUT_A_LINE, OPEN_MAX, PAUSING, due_at, needs_words


@pytest.mark.parametrize(
    ("kind", "needs"),
    [
        ("wrong_charge", False),
        ("wrong_recognition", False),
        ("objection", False),
        ("restriction", False),
        ("rectification", True),
        ("other", True),
    ],
)
def test_what_a_line_says_by_itself_needs_no_words(kind, needs):
    assert needs_words(kind) is needs


@pytest.mark.parametrize(
    ("raised", "due"),
    [
        ((2026, 1, 31), (2026, 2, 28)),
        ((2028, 1, 31), (2028, 2, 29)),
        ((2026, 3, 31), (2026, 4, 30)),
        ((2026, 2, 28), (2026, 3, 28)),
        ((2026, 11, 30), (2026, 12, 30)),
        ((2026, 12, 1), (2027, 1, 1)),
        ((2026, 12, 31), (2027, 1, 31)),
        ((2026, 9, 5), (2026, 10, 5)),
    ],
)
def test_an_answer_is_due_within_a_month(raised, due):
    assert due_at(morning(*raised)) == morning(*due)


def morning(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 9, 30, tzinfo=UTC)


def test_the_bounds_that_the_documents_name():
    assert OPEN_MAX == 20
    assert ABOUT_A_LINE == ("wrong_charge", "wrong_recognition")
    assert PAUSING == ("objection", "restriction")
