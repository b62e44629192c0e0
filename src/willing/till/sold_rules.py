"""Payments as counts: how many waited how long by each way, how many each class made by it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

# How many payments by each way took each number of seconds; how many each class made by each way.
Waits = dict[str, Counter[int]]
Classes = dict[str, Counter[str]]


@dataclass(frozen=True)
class CountedPayment:
    """What of a payment is counted. class_name: "" for who is in none; waited_s: None where nobody knows."""

    day: date
    way: str
    class_name: str
    waited_s: int | None


@dataclass
class PaymentCounts:
    """Counted payments."""

    waits: Waits = field(default_factory=dict)
    classes: Classes = field(default_factory=dict)

    def add(self, payment: CountedPayment) -> None:
        """Count one more."""
        if payment.waited_s is not None:
            self.waits.setdefault(payment.way, Counter())[payment.waited_s] += 1
        self.classes.setdefault(payment.class_name, Counter())[payment.way] += 1

    def with_kept(
        self, waits: Mapping[str, Mapping[str, int]], classes: Mapping[str, Mapping[str, int]]
    ) -> PaymentCounts:
        """Return these and those of a kept day together; neither changes."""
        total = PaymentCounts(
            {way: Counter(counts) for way, counts in self.waits.items()},
            {name: Counter(counts) for name, counts in self.classes.items()},
        )
        total.add_waits(waits)
        total.add_classes(classes)
        return total

    def add_waits(self, kept: Mapping[str, Mapping[str, int]]) -> None:
        """Count those of a kept day: JSON, whose keys are text."""
        for way, counts in kept.items():
            self.waits.setdefault(way, Counter()).update({int(one): count for one, count in counts.items()})

    def add_classes(self, kept: Mapping[str, Mapping[str, int]]) -> None:
        """Count those of a kept day."""
        for name, counts in kept.items():
            self.classes.setdefault(name, Counter()).update(counts)


def count_by_day(payments: Iterable[CountedPayment]) -> dict[date, PaymentCounts]:
    """Return the counts of each day on which anything was paid."""
    days: dict[date, PaymentCounts] = {}
    for payment in payments:
        days.setdefault(payment.day, PaymentCounts()).add(payment)
    return days
