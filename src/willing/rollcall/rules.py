"""Decisions of a roll call. Pure: values in, decision out.

Sources: ATTENDANCE.md sections 1.7 and 1.9.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

NAME_CHARS_MAX = 60
MEDICAL_CHARS_MAX = 120
REASON_CHARS_MAX = 200
RED_AFTER_MINUTES, RED_AFTER_MINUTES_MAX = 5, 60
POINTS_MAX = 40
PRINT_QUEUE_CHARS_MAX = 60
# A class closes its register within a minute of the next: the sheets wait for the last one.
PRINT_AFTER = timedelta(seconds=60)
# Of one message; a phone sends the next ones in another.
TICKS_MAX = 500
# A phone that was cut off may say so late when it began a roll call; later it is a record of its own.
LATE_START_MAX = timedelta(hours=24)
# Ticks that phones bring late are taken for so long after the start; then the record is closed.
LATE_TICKS_MAX = timedelta(days=7)
# As far a phone's clock may be ahead, as ticks.js has it.
AHEAD_MAX = timedelta(seconds=60)
# Where a person was last seen is shown for so long after the start, and deleted after as long.
LAST_SEEN_KEPT = timedelta(hours=24)


# --- who is expected


class ExpectedCause(StrEnum):
    """Why a person is expected, or not."""

    PRESENT = "present"
    # A leave has begun, and nobody signed the pupil out.
    NOT_OUT = "not_out"
    BACK = "back"
    # Marked absent without a reason, and came in through a gate.
    CAME_IN = "came_in"
    UNMARKED = "unmarked"
    # Lives in a house, and nobody has marked them since.
    BOARDER = "boarder"
    IN_HOUSE = "in_house"
    # Missing on the evening list: they may have come in since.
    NOT_IN_HOUSE = "not_in_house"
    # At night: they sleep where the boarders do.
    HOUSE_WARDEN = "house_warden"
    SIGNED_IN = "signed_in"
    NO_SIGN_IN = "no_sign_in"
    VISITOR = "visitor"
    # Not expected.
    SIGNED_OUT = "signed_out"
    TRIP = "trip"
    LEAVE = "leave"
    ELSEWHERE = "elsewhere"
    ABSENT = "absent"
    NO_SCHOOL = "no_school"
    # Lives in no house, and it is night: they have gone home.
    DAY_PUPIL = "day_pupil"
    STAFF_OUT = "staff_out"


EXPECTED = frozenset(
    {
        ExpectedCause.PRESENT,
        ExpectedCause.NOT_OUT,
        ExpectedCause.BACK,
        ExpectedCause.CAME_IN,
        ExpectedCause.UNMARKED,
        ExpectedCause.BOARDER,
        ExpectedCause.IN_HOUSE,
        ExpectedCause.NOT_IN_HOUSE,
        ExpectedCause.HOUSE_WARDEN,
        ExpectedCause.SIGNED_IN,
        ExpectedCause.NO_SIGN_IN,
        ExpectedCause.VISITOR,
    }
)


class MarkMeaning(StrEnum):
    """What the latest mark of the day says."""

    NOTHING = "nothing"
    HERE = "here"
    ELSEWHERE = "elsewhere"
    ABSENT = "absent"
    # Absent at the close, and nobody knows why.
    UNEXPLAINED = "unexplained"
    # What an evening list says, where it was taken after the last register.
    IN_HOUSE = "in_house"
    NOT_IN_HOUSE = "not_in_house"
    ON_LEAVE = "on_leave"


_SEEN = frozenset({MarkMeaning.HERE, MarkMeaning.IN_HOUSE})
_OF_THE_NIGHT = frozenset({MarkMeaning.IN_HOUSE, MarkMeaning.NOT_IN_HOUSE, MarkMeaning.ON_LEAVE})


@dataclass(frozen=True)
class KnownOfPupil:
    """What is known of a pupil at a moment. marked_at: when the latest mark of the day was recorded.

    away_since: since when an explained absence lasts, from whose kind is_trip comes; None without one.
    out_at, back_at: the desk's latest. came_in: a gate, today, without a time. night_since: when the night
    began, in a school where boarders sleep; None by day.
    """

    mark: MarkMeaning = MarkMeaning.NOTHING
    marked_at: datetime | None = None
    away_since: datetime | None = None
    is_trip: bool = False
    out_at: datetime | None = None
    back_at: datetime | None = None
    came_in: bool = False
    is_school_day: bool = True
    is_boarder: bool = False
    night_since: datetime | None = None


def decide_pupil(known: KnownOfPupil) -> ExpectedCause:
    """Return whether and why a pupil is expected. In doubt they are: somebody looks for them.

    At night nobody is away because a register of the day said so: boarders are looked for. Who goes home is
    not, unless they were seen since.
    """
    if known.night_since is not None and not _is_seen_since(known, known.night_since):
        if not known.is_boarder:
            return ExpectedCause.DAY_PUPIL
        if known.mark not in _SEEN:
            known = replace(known, mark=MarkMeaning.NOTHING, marked_at=None)
    return _by_day(known)


def _is_seen_since(known: KnownOfPupil, night: datetime) -> bool:
    """Say whether an evening list, a mark or the desk said something of a pupil since the night began."""
    of_the_night = known.mark in _OF_THE_NIGHT
    return of_the_night or any(_is_after(one, night) for one in (known.marked_at, known.back_at))


def _by_day(known: KnownOfPupil) -> ExpectedCause:
    seen_at = known.marked_at if known.mark in _SEEN else None
    if known.out_at is not None and known.back_at is None and not _is_after(seen_at, known.out_at):
        return ExpectedCause.SIGNED_OUT
    if known.back_at is not None and not _is_after(known.marked_at, known.back_at):
        return ExpectedCause.BACK
    if known.away_since is not None and not _is_after(seen_at, known.away_since):
        # Who was marked as here, and was to go later, has not gone until the desk says so.
        if seen_at is not None and not known.is_trip:
            return ExpectedCause.NOT_OUT
        return ExpectedCause.TRIP if known.is_trip else ExpectedCause.LEAVE
    return _by_mark(known)


_BY_MARK = {
    MarkMeaning.HERE: ExpectedCause.PRESENT,
    MarkMeaning.ELSEWHERE: ExpectedCause.ELSEWHERE,
    MarkMeaning.ABSENT: ExpectedCause.ABSENT,
    MarkMeaning.IN_HOUSE: ExpectedCause.IN_HOUSE,
    MarkMeaning.NOT_IN_HOUSE: ExpectedCause.NOT_IN_HOUSE,
    MarkMeaning.ON_LEAVE: ExpectedCause.LEAVE,
}


def _by_mark(known: KnownOfPupil) -> ExpectedCause:
    if known.mark in _BY_MARK:
        return _BY_MARK[known.mark]
    if known.came_in:
        return ExpectedCause.CAME_IN
    if known.mark is MarkMeaning.UNEXPLAINED:
        return ExpectedCause.ABSENT
    if known.is_boarder:
        return ExpectedCause.BOARDER
    return ExpectedCause.UNMARKED if known.is_school_day else ExpectedCause.NO_SCHOOL


def _is_after(moment: datetime | None, other: datetime) -> bool:
    return moment is not None and moment > other


def decide_staff(
    *,
    is_in: bool,
    anyone_signs: bool,
    is_school_day: bool,
    is_night: bool = False,
    is_house_warden: bool = False,
) -> ExpectedCause:
    """Return whether and why a member of staff is expected.

    anyone_signs: some have signed in today, in or out since; without any, all of the school's staff are
    looked for, but at night those alone who look after boarders.
    """
    if is_in:
        return ExpectedCause.SIGNED_IN
    if is_night and is_house_warden:
        return ExpectedCause.HOUSE_WARDEN
    if anyone_signs or is_night:
        return ExpectedCause.STAFF_OUT
    return ExpectedCause.NO_SIGN_IN if is_school_day else ExpectedCause.NO_SCHOOL


# --- start and end


def decide_start_time(stated: datetime | None, now: datetime) -> datetime:
    """Return when a roll call began that a phone reports: never in the future, nor longer ago than a day."""
    if stated is None or stated > now or now - stated > LATE_START_MAX:
        return now
    return stated


# --- ticks


class TickFault(StrEnum):
    """Why a tick is not recorded."""

    NONE = ""
    SUBJECT_UNKNOWN = "subject_unknown"
    NOT_VALID = "tick_not_valid"
    AFTER_THE_END = "roll_call_ended"
    TOO_LATE = "tick_too_late"


def tick_time(device_at: datetime, started_at: datetime, now: datetime) -> datetime:
    """Return when a tick was made, for people: within the roll call, whatever the phone's clock says.

    Ticks are merged by what the phones say, as the phones do; this is what a report shows beside it.
    """
    return max(started_at, min(device_at, now))


def decide_tick(
    *,
    is_listed: bool,
    is_valid: bool,
    at: datetime,
    started_at: datetime,
    closed_at: datetime | None,
    now: datetime,
) -> TickFault:
    """Say whether a tick is recorded: also one that comes late, but none that was made after the end.

    is_valid: its state is known, and who made it is of the staff.
    """
    if not is_valid:
        return TickFault.NOT_VALID
    if not is_listed:
        return TickFault.SUBJECT_UNKNOWN
    if now - started_at > LATE_TICKS_MAX:
        return TickFault.TOO_LATE
    if closed_at is not None and at > closed_at:
        return TickFault.AFTER_THE_END
    return TickFault.NONE


def merge_time(device_at: datetime, now: datetime) -> datetime:
    """Return by which second a tick is merged: as the phone says, but for one that is ahead of the clock.

    A phone counts by the school's clock (ticks.js). A tick of next year would hold against all that follow:
    nobody could be ticked any more, or none that was seen be looked for again.
    """
    return device_at if device_at <= now + AHEAD_MAX else now.replace(microsecond=0)


@dataclass(frozen=True)
class Ticked:
    """A tick as it is merged. by: whose it is."""

    subject: UUID
    state: str
    at: datetime
    device: UUID
    by: str = ""


MISSING, SAFE, FOUND = "missing", "safe", "found"


def merge_ticks(ticks: Iterable[Ticked]) -> dict[UUID, Ticked]:
    """Return the tick that counts for each subject who is there, in whatever order the ticks came.

    The newest second decides; of one second a mistake does, for then a person is looked for once more. Who is
    named is the first who saw them after the last mistake.
    """
    by_subject: dict[UUID, list[Ticked]] = {}
    for one in ticks:
        by_subject.setdefault(one.subject, []).append(one)
    return {subject: first for subject, rows in by_subject.items() if (first := _first_seen(rows))}


def _first_seen(rows: Sequence[Ticked]) -> Ticked | None:
    mistakes = [one.at for one in rows if one.state == MISSING]
    last = max(mistakes, default=None)
    seen = [one for one in rows if one.state != MISSING and (last is None or one.at > last)]
    return min(seen, key=lambda one: (one.at, one.device, one.state, one.by), default=None)


@dataclass(frozen=True)
class Headcount:
    """How many are expected, how many of those are there, and how many are there though not expected."""

    expected: int
    safe: int
    found: int

    @property
    def missing(self) -> int:
        """How many are expected and not there yet."""
        return self.expected - self.safe


def count(expected: Iterable[UUID], there: Iterable[UUID]) -> Headcount:
    """Return the counts of a roll call: where a person is ticked decides nothing, only whether."""
    wanted, seen = set(expected), set(there)
    return Headcount(len(wanted), len(wanted & seen), len(seen - wanted))


def is_red(started_at: datetime, red_after_minutes: int, now: datetime) -> bool:
    """Say whether who is not there yet is shown in red."""
    return now - started_at >= timedelta(minutes=red_after_minutes)


# --- who may do what


def may_see_list(*, is_warden: bool, is_office: bool, has_started: bool) -> bool:
    """Say whether a member of staff is shown the names: wardens, the office, who started what is running."""
    return is_warden or is_office or has_started


class SeenFault(StrEnum):
    """Why "last seen" is not shown."""

    NONE = ""
    NO_REASON = "no_reason"
    NOT_RUNNING = "not_running"
    TEST = "test"
    THERE = "there"
    TOO_LATE = "too_late"


def is_seen_open(started_at: datetime, now: datetime) -> bool:
    """Say whether a roll call is young enough to show "last seen": one left running shows it no more."""
    return now - started_at < LAST_SEEN_KEPT


def decide_last_seen(
    *, kind: str, is_running: bool, is_there: bool, reason: str, started_at: datetime, now: datetime
) -> SeenFault:
    """Say whether "last seen" is shown: in a drill or a live roll call, of who is missing, for a reason."""
    if not is_running:
        return SeenFault.NOT_RUNNING
    if not is_seen_open(started_at, now):
        return SeenFault.TOO_LATE
    if kind == "test":
        return SeenFault.TEST
    if is_there:
        return SeenFault.THERE
    return SeenFault.NONE if reason else SeenFault.NO_REASON


@dataclass(frozen=True)
class Trace:
    """One trace of a person. where: a class, a door, a till, in words."""

    source: str
    at: datetime
    where: str = ""


def latest(traces: Iterable[Trace]) -> Trace | None:
    """Return the latest trace alone: never two, which would be a path."""
    return max(traces, key=lambda one: one.at, default=None)


# --- paper


def decide_printing(closed_at: datetime | None, printed_for: datetime | None, now: datetime) -> bool:
    """Say whether the sheets are due: a register has closed that they do not hold, and no other just now."""
    if closed_at is None or (printed_for is not None and printed_for >= closed_at):
        return False
    return now - closed_at >= PRINT_AFTER


def is_queue_name(name: str) -> bool:
    """Say whether a name can be a queue's: no space, no slash, and nothing that reads as an option."""
    return all(one.isalnum() or one in "_.-" for one in name) and not name.startswith("-")
