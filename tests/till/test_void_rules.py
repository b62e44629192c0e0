"""Which sales a cashier may void: every cause, in the order in which it is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from willing.core.clock import STEP
from willing.till.void_rules import VOID_MINUTES, VoidFault, VoidSituation, decide_void

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
FINE = VoidSituation(
    cashier=7, seller=7, is_refunded=False, is_last=True, is_closed=False, settled_at=AT, now=AT
)
LATE = timedelta(minutes=VOID_MINUTES)


def test_the_cashier_who_sold_it_may_void_the_last_sale_within_five_minutes() -> None:
    assert decide_void(FINE) is VoidFault.NONE
    assert decide_void(replace(FINE, now=AT + LATE - timedelta(microseconds=1))) is VoidFault.NONE


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"cashier": None}, VoidFault.NOT_SIGNED_ON),
        ({"cashier": None, "seller": None}, VoidFault.NOT_SIGNED_ON),
        ({"cashier": 8}, VoidFault.NOT_YOURS),
        ({"seller": None}, VoidFault.NOT_YOURS),
        ({"is_refunded": True}, VoidFault.REFUNDED),
        ({"is_last": False}, VoidFault.NOT_LAST),
        ({"is_closed": True}, VoidFault.CLOSED),
        ({"now": AT + LATE}, VoidFault.TOO_LATE),
        ({"is_last": False, "is_closed": True, "now": AT + LATE}, VoidFault.NOT_LAST),
    ],
)
def test_all_else_is_a_refund_and_says_why(change: dict[str, object], fault: VoidFault) -> None:
    assert decide_void(replace(FINE, **change)) is fault  # type: ignore[arg-type]


def test_a_clock_that_was_put_back_far_says_nothing_about_how_long_ago_it_was() -> None:
    assert decide_void(replace(FINE, now=AT - STEP)) is VoidFault.NONE
    assert decide_void(replace(FINE, now=AT - STEP - timedelta(seconds=1))) is VoidFault.TOO_LATE
