"""A month for the accountant: what each account held, what moved for which reason, what it held then.

Balances are counted from the debit side, in minor units: what families are owed is below zero. All wallets
are one account here, so that the books name nobody.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import rfc8785

from willing.books.models import MonthEnd
from willing.books.totals import balances_until, movements_by_day
from willing.people.models import School

# An account in reports: its kind and part.
Name = tuple[str, str]
# Rows that bear a day of a month that was closed before they were written: the next month has them.
LATE = "late"


@dataclass(frozen=True)
class DayPosting:
    """What one day posted on one account for one reason."""

    day: date
    reason: str
    account: Name
    debits_minor: int
    credits_minor: int


@dataclass(frozen=True)
class AccountMonth:
    """One account's month."""

    account: Name
    opening_minor: int
    debits_minor: int
    credits_minor: int

    @property
    def closing_minor(self) -> int:
        """What it holds at the end."""
        return self.opening_minor + self.debits_minor - self.credits_minor


@dataclass(frozen=True)
class Month:
    """A month's books. opening: by account, without those that hold nothing."""

    first: date
    currency: str
    opening: Mapping[Name, int]
    entries: tuple[DayPosting, ...]

    @property
    def last(self) -> date:
        """The last day."""
        return next_month(self.first) - timedelta(days=1)

    @property
    def accounts(self) -> list[AccountMonth]:
        """Every account that held something or moved, by kind and part."""
        moved: dict[Name, list[int]] = defaultdict(lambda: [0, 0])
        for one in self.entries:
            moved[one.account][0] += one.debits_minor
            moved[one.account][1] += one.credits_minor
        names = sorted({*self.opening, *moved})
        return [AccountMonth(name, self.opening.get(name, 0), *moved[name]) for name in names]

    @property
    def closing(self) -> dict[Name, int]:
        """What each account holds at the end, without those that hold nothing."""
        return {one.account: one.closing_minor for one in self.accounts if one.closing_minor}

    @property
    def is_balanced(self) -> bool:
        """True where everything together is nothing, before and after."""
        return sum(self.opening.values()) == sum(self.closing.values()) == 0

    def as_bytes(self) -> bytes:
        """Return it as canonical JSON."""
        entries: list[Any] = [
            [one.day.isoformat(), one.reason, *one.account, one.debits_minor, one.credits_minor]
            for one in self.entries
        ]
        opening: list[Any] = [[*name, minor] for name, minor in sorted(self.opening.items())]
        content = {
            "month": self.first.isoformat(),
            "currency": self.currency,
            "opening": opening,
            "entries": entries,
        }
        return rfc8785.dumps(content)

    @property
    def sha256(self) -> str:
        """The digest of its canonical JSON."""
        return sha256(self.as_bytes()).hexdigest()


def read_month(content: bytes) -> Month:
    """Return what `Month.as_bytes` wrote."""
    said = json.loads(content)
    return Month(
        date.fromisoformat(said["month"]),
        said["currency"],
        {(kind, part): minor for kind, part, minor in said["opening"]},
        tuple(
            DayPosting(date.fromisoformat(day), reason, (kind, part), debits, credits_)
            for day, reason, kind, part, debits, credits_ in said["entries"]
        ),
    )


def next_month(first: date) -> date:
    """Return the first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


def find_month_end(school: School, first: date) -> MonthEnd | None:
    """Return how a month was closed, or None where it was not."""
    return MonthEnd.objects.select_related("closed_by").filter(school=school, first_day=first).first()


def month_of(school: School, first: date) -> Month:
    """Return a month's books: of a closed one as they were closed, else as they are now."""
    closed = find_month_end(school, first)
    return read_month(bytes(closed.content)) if closed is not None else open_month(school, first)


def open_month(school: School, first: date) -> Month:
    """Return a month's books from what is posted now.

    A month begins with what the one before was closed with. What was posted into that one since, by a clock
    that was put back, is the first entry of this one.
    """
    day_before = first - timedelta(days=1)
    held = balances_until(school, day_before)
    before = find_month_end(school, day_before.replace(day=1))
    opening = read_month(bytes(before.content)).closing if before is not None else held
    late = {name: held.get(name, 0) - opening.get(name, 0) for name in {*held, *opening}}
    entries = [_late(first, name, minor) for name, minor in sorted(late.items()) if minor]
    last = next_month(first) - timedelta(days=1)
    for day, (kind, part, reason), moved in movements_by_day(school, first, last):
        entries.append(DayPosting(day, reason, (kind, part), moved.debits_minor, moved.credits_minor))
    return Month(first, school.currency, opening, tuple(entries))


def _late(day: date, name: Name, minor: int) -> DayPosting:
    return DayPosting(day, LATE, name, max(minor, 0), max(-minor, 0))
