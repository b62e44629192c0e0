"""Decisions about money across. Pure."""

from datetime import UTC, date, datetime, timedelta

import pytest

from willing.wallets.rules import Leaver, choose_until, decide_leaver, left_to_reverse_minor

LEFT = datetime(2026, 7, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("paid", "taken", "available", "grace", "left"),
    [
        (2000, 0, 5000, 0, 2000),
        (2000, 1800, 5000, 0, 200),
        (2000, 0, 500, 1500, 2000),
        (2000, 0, 400, 1500, 1900),
        (2000, 0, -1500, 1500, 0),
        (2000, 0, -1600, 1500, 0),
    ],
)
def test_a_pay_in_is_taken_back_down_to_the_grace(paid, taken, available, grace, left):
    assert left_to_reverse_minor(paid, taken, available, grace) == left


@pytest.mark.parametrize(
    ("balance", "days", "is_asked", "state"),
    [
        (0, 90, False, None),
        (-1, 1, False, Leaver.OWES),
        (1, 59, False, Leaver.CHOOSING),
        (1, 60, False, Leaver.DUE),
        (1, 60, True, Leaver.ASKED),
    ],
)
def test_a_leavers_money_waits_sixty_days_for_the_family(balance, days, is_asked, state):
    assert decide_leaver(balance, LEFT, LEFT + timedelta(days=days), is_asked=is_asked) is state


def test_the_last_day_to_choose_is_sixty_days_on():
    assert choose_until(date(2026, 7, 20)) == date(2026, 9, 18)
