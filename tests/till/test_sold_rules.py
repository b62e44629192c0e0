"""Payments are counted by day, way, wait and class, however they are cut into parts."""

import json
from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from willing.till.sold_rules import CountedPayment, PaymentCounts, count_by_day

PAYMENTS = st.lists(
    st.builds(
        CountedPayment,
        day=st.dates(date(2026, 9, 1), date(2026, 9, 4)),
        way=st.sampled_from(["card", "pin", "face"]),
        class_name=st.sampled_from(["7A", "7B", ""]),
        waited_s=st.none() | st.integers(0, 90),
    )
)


@given(PAYMENTS)
def test_each_payment_counts_on_its_day_in_its_class_and_by_its_wait(payments: list[CountedPayment]) -> None:
    days = count_by_day(payments)
    assert days.keys() == {one.day for one in payments}
    for day, counts in days.items():
        of_day = [one for one in payments if one.day == day]
        for way in ("card", "pin", "face"):
            waits = Counter(one.waited_s for one in of_day if one.way == way and one.waited_s is not None)
            assert counts.waits.get(way, Counter()) == waits
        made = Counter((one.class_name, one.way) for one in of_day)
        assert {(name, way): n for name, ways in counts.classes.items() for way, n in ways.items()} == made


@given(PAYMENTS, PAYMENTS)
def test_what_was_kept_and_what_is_new_add_up_to_all(
    before: list[CountedPayment], new: list[CountedPayment]
) -> None:
    kept, added, whole = PaymentCounts(), PaymentCounts(), PaymentCounts()
    for payment in before:
        kept.add(payment)
    for payment in new:
        added.add(payment)
    for payment in [*before, *new]:
        whole.add(payment)
    waits, classes = json.loads(json.dumps([kept.waits, kept.classes]))
    assert added.with_kept(waits, classes) == whole
