"""What a complaint needs, and by when it is answered, by table."""

from datetime import UTC, datetime

import pytest

from willing.complaints.rules import (
    ABOUT_A_LINE,
    OPEN_MAX,
    PAUSING,
    due_at,
    may_extend,
    needs_identity,
    needs_words,
)


@pytest.mark.parametrize(
    ("kind", "needs"),
    [
        ("wrong_charge", False),
        ("wrong_recognition", False),
        ("objection", False),
        ("restriction", False),
        ("access", False),
        ("erasure", False),
        ("correction", True),
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


@pytest.mark.parametrize(
    ("raised", "period", "extension", "due"),
    [
        ((2026, 1, 31), "1 month", "2 months", (2026, 4, 28)),
        ((2026, 11, 26), "45 days", "", (2027, 1, 10)),
        ((2026, 11, 26), "15 working days", "", (2026, 12, 17)),  # a Thursday
        ((2026, 11, 28), "1 working day", "", (2026, 11, 30)),  # a Saturday
    ],
)
def test_a_law_counts_in_months_in_days_or_in_working_days(raised, period, extension, due):
    assert due_at(morning(*raised), period, extension) == morning(*due)


@pytest.mark.parametrize(
    ("kind", "raised_by", "needs"),
    [
        ("access", "office", True),
        ("correction", "office", True),
        ("objection", "office", False),
        ("erasure", "guardian", False),
    ],
)
def test_who_asks_is_checked_where_they_were_not_signed_in(kind, raised_by, needs):
    assert needs_identity(kind, raised_by) is needs


@pytest.mark.parametrize(
    ("extension", "is_open", "is_extended", "is_overdue", "may"),
    [
        ("2 months", True, False, False, True),
        ("", True, False, False, False),
        ("2 months", False, False, False, False),
        ("2 months", True, True, False, False),
        ("2 months", True, False, True, False),
    ],
)
def test_the_time_is_extended_once_in_time_where_the_law_lets_it(
    extension, is_open, is_extended, is_overdue, may
):
    said = may_extend(extension, is_open=is_open, is_extended=is_extended, is_overdue=is_overdue)
    assert said is may
