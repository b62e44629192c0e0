"""What a drawer's day follows from, without a database."""

import pytest

from willing.drawers.rules import (
    DrawerCloseFault,
    DrawerLine,
    Moved,
    add_up,
    decide_close,
    moved_as,
)


@pytest.mark.parametrize(
    ("reason", "amount", "moved"),
    [
        ("float", 1, Moved.FLOAT),
        ("float", -1, Moved.DROP),
        ("topup", 1, Moved.PAY_IN),
        ("sale", 1, Moved.SALE),
        ("refund", -1, Moved.REFUND),
        ("reversal", -1, Moved.REFUND),
        ("pay_out", -1, Moved.PAY_OUT),
        ("rounding", 1, Moved.ROUNDING),
        ("difference", -1, Moved.DIFFERENCE),
        ("merge", 1, Moved.OTHER),
    ],
)
def test_each_transfer_has_its_line_in_the_report(reason, amount, moved):
    assert moved_as(reason, amount) is moved


def test_a_report_adds_up_each_kind_in_one_order():
    moves = [("sale", 250), ("float", 5000), ("sale", 90), ("float", -5000), ("refund", -90)]
    assert add_up(moves) == [
        DrawerLine(Moved.FLOAT, 1, 5000),
        DrawerLine(Moved.DROP, 1, -5000),
        DrawerLine(Moved.SALE, 2, 340),
        DrawerLine(Moved.REFUND, 1, -90),
    ]
    assert add_up([]) == []


@pytest.mark.parametrize(
    ("counted", "expected", "kept", "why", "fault"),
    [
        (None, 0, 0, "", DrawerCloseFault.NOT_COUNTED),
        (100, 100, 0, "", DrawerCloseFault.NONE),
        (90, 100, 0, "", DrawerCloseFault.NO_REASON),
        (90, 100, 90, "change", DrawerCloseFault.NONE),
        (100, 100, 101, "", DrawerCloseFault.TOO_MUCH_KEPT),
        (100, 100, -1, "", DrawerCloseFault.TOO_MUCH_KEPT),
    ],
)
def test_a_drawer_closes_once_it_is_counted_and_a_difference_has_a_reason(
    counted, expected, kept, why, fault
):
    assert decide_close(counted, expected, kept, why) is fault
