"""Decisions about codes that are set for many at once, or ahead. Pure: values in, decision out.

Source: ATTENDANCE.md 1.1, "may the system propose it?": from the calendar, from the timetable, from the roll,
for a route, for a group, for all.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from willing.attendance.rules import Code, CodeSet, Proposer

# Whatever may be set for many; what says that someone is here never is.
PROPOSERS = frozenset({Proposer.CALENDAR, Proposer.GROUP, Proposer.TIMETABLE, Proposer.ROLL})
# How far back registers are changed for many: a slip in the month would rewrite a term. Ahead, a school year.
BACK_DAYS_MAX, AHEAD_DAYS_MAX = 31, 400


def settable(codes: CodeSet) -> list[Code]:
    """Return the codes that may be set for many at once, in the order of the set."""
    return [one for one in codes.codes.values() if one.proposed_from & PROPOSERS and not one.means_here]


def closing_code(codes: CodeSet) -> str:
    """Return the code that the calendar proposes for a day off; "" where the set has none."""
    return next((one.symbol for one in settable(codes) if Proposer.CALENDAR in one.proposed_from), "")


class SetFault(StrEnum):
    """Why a code can't be set for many."""

    NONE = ""
    CODE = "code"
    NOBODY = "nobody"
    DAYS = "days"
    REASON = "reason"


@dataclass(frozen=True)
class WantedSet:
    """A code that a person wants to set, and for which days, both included.

    weekdays: ISO; numbers: of the day's registers. None of them: each.
    """

    symbol: str
    first_day: date
    last_day: date
    reason: str = ""
    weekdays: frozenset[int] = frozenset()
    numbers: frozenset[int] = frozenset()

    def covers(self, day: date, weekday: int, number: int) -> bool:
        """Say whether a register is within. weekday: whose hours the day has, by the calendar."""
        return (
            self.first_day <= day <= self.last_day
            and (not self.weekdays or weekday in self.weekdays)
            and (not self.numbers or number in self.numbers)
        )


def decide_set(
    codes: CodeSet, wanted: WantedSet, *, is_for_anyone: bool, numbers: Collection[int], today: date
) -> SetFault:
    """Return what is wrong with a code that is to be set. numbers: of the registers that a day has."""
    if wanted.symbol not in {one.symbol for one in settable(codes)}:
        return SetFault.CODE
    if not is_for_anyone:
        return SetFault.NOBODY
    earliest, latest = today - timedelta(days=BACK_DAYS_MAX), today + timedelta(days=AHEAD_DAYS_MAX)
    if not earliest <= wanted.first_day <= wanted.last_day <= latest:
        return SetFault.DAYS
    if not wanted.weekdays <= set(range(1, 8)) or not wanted.numbers <= set(numbers):
        return SetFault.DAYS
    return SetFault.NONE if wanted.reason else SetFault.REASON


class SetMark(StrEnum):
    """What becomes of one mark as a code is set for many."""

    # There is none yet, or its reason was not known.
    RECORD = "record"
    # It says so already.
    SAME = "same"
    # A person marked otherwise, and that stays.
    LEFT = "left"


def decide_set_mark(held: str, symbol: str, *, unexplained: Collection[str], replaces: bool) -> SetMark:
    """Return what becomes of a pupil's mark. held: the code that holds, or "".

    replaces: whether marks that say otherwise are replaced too, as for a day off that was put in late.
    """
    if held == symbol:
        return SetMark.SAME
    return SetMark.RECORD if not held or held in unexplained or replaces else SetMark.LEFT
