"""Decisions of the register. Pure: values in, decision out.

Sources: SI 2024/208 (England), ATTENDANCE.md sections 1.1 to 1.5 and 1.9.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

REASON_CHARS_MAX = 400
OPEN_MINUTES_MIN = 1
# As far as the lists look back: no absence stays unanswered for a year without being seen.
LOOK_BACK_DAYS = 366


class Group(StrEnum):
    """What kind of word a code is."""

    PRESENT = "present"
    LATE = "late"
    ELSEWHERE = "elsewhere"
    LEAVE = "leave"
    AUTHORISED = "authorised"
    UNABLE = "unable"
    UNAUTHORISED = "unauthorised"
    ADMIN = "admin"


class CountsAs(StrEnum):
    """What a session with a code counts as in the statistics."""

    ATTENDING = "attending"
    AUTHORISED = "authorised"
    UNAUTHORISED = "unauthorised"
    # Not a session that the pupil could attend.
    NOT_POSSIBLE = "not_possible"
    NOT_COUNTED = "not_counted"


class Proposer(StrEnum):
    """What may propose a code; a person records it. There is no gate, no till and no camera among them."""

    REGISTER = "register"
    CLOSE = "close"
    LEAVE = "leave"
    ILLNESS = "illness"
    TRIP = "trip"
    # What people set for many at once, or ahead (set_code_rules.py).
    CALENDAR = "calendar"
    GROUP = "group"
    TIMETABLE = "timetable"
    ROLL = "roll"


@dataclass(frozen=True)
class Code:
    """A code of a register. slot: "am" or "pm" where it is for that half alone.

    is_here: whether the person is on the site although the code's group does not say so.
    """

    symbol: str
    group: Group
    counts: CountsAs
    proposed_from: frozenset[Proposer]
    labels: Mapping[str, str]
    slot: str = ""
    needs_reason: bool = False
    is_here: bool = False

    @property
    def means_here(self) -> bool:
        """Whether a person with this code has come."""
        return self.is_here or self.group in (Group.PRESENT, Group.LATE)


@dataclass(frozen=True)
class CodeSet:
    """The codes of a place, by symbol, and those with a part in taking a register.

    planned: the code for each kind of planned absence (room `leave`); a kind without one gets none proposed.
    slots: "halves" of a day or "periods". open_minutes_max: how long the taking may stay open.
    """

    name: str
    source: str
    labels: Mapping[str, str]
    slots: str
    open_minutes_max: int
    codes: Mapping[str, Code]
    present_am: str
    present_pm: str
    late: str
    late_after_close: str
    unexplained: str
    illness: str
    planned: Mapping[str, str] = field(default_factory=dict)

    def present(self, *, is_morning: bool) -> str:
        """Return the code of who is there as the taking begins."""
        return self.present_am if is_morning else self.present_pm

    def allows(self, symbol: str, *, is_morning: bool) -> bool:
        """Say whether a code of this set may be in a register of that half."""
        found = self.codes.get(symbol)
        return found is not None and found.slot in ("", "am" if is_morning else "pm")


def proposed_code(codes: CodeSet, proposer: Proposer, wanted: str) -> str:
    """Return a code that `proposer` may propose, or "" where the set does not let it."""
    found = codes.codes.get(wanted)
    return wanted if found is not None and proposer in found.proposed_from else ""


@dataclass(frozen=True)
class Arrival:
    """What an arrival is in a register, and how many minutes after its beginning; None where not late."""

    symbol: str
    minutes_late: int | None = None


def decide_arrival(
    codes: CodeSet, *, opens_at: datetime, closes_at: datetime, at: datetime, is_morning: bool
) -> Arrival:
    """Return the code of a person who comes at a moment. A part of a minute late is one minute."""
    if at <= opens_at:
        return Arrival(codes.present(is_morning=is_morning))
    minutes = -(-int((at - opens_at).total_seconds()) // 60) or 1
    return Arrival(codes.late if at < closes_at else codes.late_after_close, minutes)


def decide_scan(codes: CodeSet, *, held: str, arrival: Arrival, is_morning: bool) -> Arrival | None:
    """Return what a scanned card is in a register; None where its owner is marked as here already.

    held: the code that holds for them, or "". A class that passes its cards along at the beginning is
    present and not late: only who was marked away has come later.
    """
    if held in codes.codes and codes.codes[held].means_here:
        return None
    return arrival if held else Arrival(codes.present(is_morning=is_morning))


def device_time(stated: datetime | None, now: datetime) -> datetime | None:
    """Return when a device says that a mark was made; a clock that runs ahead knows nothing of what comes."""
    return None if stated is None else min(stated, now)


def is_correction(
    closed_at: datetime | None, closes_at: datetime, made_at: datetime | None, *, changes_past_day: bool
) -> bool:
    """Say whether a mark changes what a closed register says, or what is marked on a day that is over.

    made_at: when a device without connection made it, None for now. One that was made while the taking was
    open is part of it, whenever it arrives. changes_past_day: whether it is made after the day of the
    register, and a mark is there: one that nobody took stays open, with what was set for many in it.
    """
    if made_at is None and changes_past_day:
        return True
    return closed_at is not None and (made_at is None or made_at >= closes_at)


class MarkFault(StrEnum):
    """Why a mark can't be recorded."""

    NONE = ""
    CODE_UNKNOWN = "code_unknown"
    NOT_IN_REGISTER = "not_in_register"
    TOO_EARLY = "too_early"
    REASON_MISSING = "reason_missing"
    MINUTES_NOT_VALID = "minutes_not_valid"


@dataclass(frozen=True)
class WantedMark:
    """A mark that a person wants to record. minutes_late: for a code of those who came late, else None."""

    symbol: str
    minutes_late: int | None = None
    reason: str = ""


def decide_mark(
    codes: CodeSet,
    wanted: WantedMark,
    *,
    is_morning: bool,
    is_member: bool,
    has_begun: bool,
    is_correction: bool,
) -> MarkFault:
    """Return what is wrong with a mark.

    has_begun: whether the register has opened; before, only absences that are known already are recorded.
    is_correction: whether the day is over, or the register closed with another code: a reason is due.
    """
    if not codes.allows(wanted.symbol, is_morning=is_morning):
        return MarkFault.CODE_UNKNOWN
    code = codes.codes[wanted.symbol]
    if not is_member:
        return MarkFault.NOT_IN_REGISTER
    if not has_begun and not _is_known_before(codes, code):
        return MarkFault.TOO_EARLY
    if (is_correction or code.needs_reason) and not wanted.reason:
        return MarkFault.REASON_MISSING
    if wanted.minutes_late is not None and not (_is_late(codes, code) and 1 <= wanted.minutes_late <= 720):
        return MarkFault.MINUTES_NOT_VALID
    return MarkFault.NONE


def _is_known_before(codes: CodeSet, code: Code) -> bool:
    return not code.means_here and code.symbol != codes.unexplained


def _is_late(codes: CodeSet, code: Code) -> bool:
    return code.group is Group.LATE or code.symbol == codes.late_after_close


class MarkMerge(StrEnum):
    """What becomes of a mark beside what is there already."""

    # It is what holds from now on.
    CURRENT = "current"
    # The same is there already.
    SAME = "same"
    # Another person marked otherwise meanwhile: kept, shown to people, and the other goes on holding.
    DISPUTED = "disputed"


@dataclass(frozen=True)
class Held:
    """The mark that holds. number: its number in the register. by: who made it; None for the close."""

    symbol: str
    minutes_late: int | None
    number: int
    by: int | None


def decide_merge(
    held: Held | None, wanted: WantedMark, *, seen: int, by: int, is_late_news: bool
) -> MarkMerge:
    """Return what becomes of a mark.

    seen: the number that the person's device showed when they pressed; 0 where it showed none.
    is_late_news: whether a device brings it after its day. What it says may be right, but the day was closed
    and acted upon without it: a person answers it.
    Clocks decide nothing else here: each device has its own, and a wrong one must not win.
    """
    if held is None:
        return MarkMerge.CURRENT
    if (held.symbol, held.minutes_late) == (wanted.symbol, wanted.minutes_late):
        return MarkMerge.SAME
    if is_late_news:
        return MarkMerge.DISPUTED
    was_seen = seen >= held.number or held.by in (by, None)
    return MarkMerge.CURRENT if was_seen else MarkMerge.DISPUTED


def counted(codes: CodeSet, symbols: Mapping[str, int]) -> dict[CountsAs, int]:
    """Return how many sessions count as what. symbols: how often each code was recorded.

    Raises KeyError for a code that the set does not have.
    """
    found = dict.fromkeys(CountsAs, 0)
    for symbol, number in symbols.items():
        found[codes.codes[symbol].counts] += number
    return found


def attendance_rate(found: Mapping[CountsAs, int]) -> float | None:
    """Return the share of possible sessions that were attended, 0 to 1; None where none was possible."""
    possible = found[CountsAs.ATTENDING] + found[CountsAs.AUTHORISED] + found[CountsAs.UNAUTHORISED]
    return found[CountsAs.ATTENDING] / possible if possible else None


class DayValue(StrEnum):
    """What a day counts as where minutes decide (United States)."""

    FULL = "full"
    HALF = "half"
    NONE = "none"


def day_value(minutes: int, *, full_from: int, half_from: int) -> DayValue:
    """Return what a day counts as by the minutes that a pupil was present."""
    if minutes >= full_from:
        return DayValue.FULL
    return DayValue.HALF if minutes >= half_from else DayValue.NONE


class TimesFault(StrEnum):
    """Why the times of a day's registers can't be so."""

    NONE = ""
    EMPTY = "empty"
    NOT_HALVES = "not_halves"
    OVERLAP = "overlap"
    OPEN_TOO_LONG = "open_too_long"
    DAY_TOO_SHORT = "day_too_short"


def decide_times(
    codes: CodeSet,
    opens: Collection[int],
    *,
    open_minutes: int,
    day_minutes: int | None = None,
    full_from: int | None = None,
) -> TimesFault:
    """Return what is wrong with the times of a day's registers.

    opens: minutes after midnight of each. open_minutes: how long the taking stays open, the same for all.
    day_minutes: how long the day's periods are together, where minutes decide what a day counts as. If that
    is less than a full day asks for, nobody could ever be present for one.
    """
    if not opens:
        return TimesFault.EMPTY
    if codes.slots == "halves" and len(opens) != 2:  # morning and afternoon
        return TimesFault.NOT_HALVES
    if not OPEN_MINUTES_MIN <= open_minutes <= codes.open_minutes_max:
        return TimesFault.OPEN_TOO_LONG
    ordered = sorted(opens)
    if any(other - one < open_minutes for one, other in pairwise(ordered)):
        return TimesFault.OVERLAP
    if day_minutes is not None and full_from is not None and day_minutes < full_from:
        return TimesFault.DAY_TOO_SHORT
    return TimesFault.NONE


def may_open(day: date, today: date) -> bool:
    """Say whether a register of a day may be opened: on that day or later, as far as the lists look back."""
    return timedelta(0) <= today - day <= timedelta(days=LOOK_BACK_DAYS)


class RegisterCloseFault(StrEnum):
    """Why a register can't be closed."""

    NONE = ""
    NOT_DUE = "not_due"
    NOT_TAKEN = "not_taken"


def decide_close(*, is_due: bool, is_marked: bool) -> RegisterCloseFault:
    """Return what speaks against closing a register; the blanks in it become "reason not yet known".

    is_due: whether the taking has been open for its time, which is the same for every register. is_marked:
    whether a person has marked anyone. Where none has, it was not taken, and nobody's absence follows.
    """
    if not is_due:
        return RegisterCloseFault.NOT_DUE
    return RegisterCloseFault.NONE if is_marked else RegisterCloseFault.NOT_TAKEN
