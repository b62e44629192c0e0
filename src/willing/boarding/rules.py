"""Decisions about a boarding house's evening list. Pure: values in, decision out.

Sources: ATTENDANCE.md section 1.3 (归寝, 查寝). It is no register: it counts in no statistics and messages no
family. A mark is a person's word; no camera, no gate and no clock makes one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

NAME_CHARS_MAX = 60
ROOM_CHARS_MAX = 20
REASON_CHARS_MAX = 400
HOUSES_MAX, CHECKS_MAX = 40, 6
ALERT_MINUTES_MIN, ALERT_MINUTES_MAX = 1, 240
# A list is opened so long before its time, and no earlier: what was true at supper says nothing of the night.
EARLY = timedelta(minutes=60)
# The night begins at noon: what is marked after midnight belongs to the evening before.
NOON = time(12)
# A page that was opened just before noon, and a clock that is put back a little over it, are both in time.
STEP = timedelta(seconds=60)
# Pupils who do not live in a house have gone home by the first list of the night; it may be taken at supper,
# or after midnight. From the end on who comes to school is on the way.
NIGHT_FROM, NIGHT_FROM_LATEST, NIGHT_UNTIL = time(20), time(22), time(6)


class EveningAnswer(StrEnum):
    """What an evening list says of a boarder."""

    HERE = "here"
    # Came after the time of the list.
    LATE = "late"
    LEAVE = "leave"
    ABSENT = "absent"


IN_THE_HOUSE = frozenset({EveningAnswer.HERE, EveningAnswer.LATE})


# --- nights and times


def night_of(at: datetime) -> date:
    """Return which night a moment belongs to: the date of its evening. at: in the school's own time."""
    return at.date() if at.time() >= NOON else at.date() - timedelta(days=1)


def is_tonight(night: date, at: datetime) -> bool:
    """Say whether a night is the one of a moment, a minute of the clock either way."""
    return night in {night_of(at - STEP), night_of(at), night_of(at + STEP)}


def night_since(at: datetime, first: time | None) -> datetime | None:
    """Return since when only those who sleep here are looked for; None by day. at: in the school's own time.

    first: of the night's lists.
    """
    hour = NIGHT_FROM_LATEST
    if first is not None and first >= NOON:
        hour = min(max(first, NIGHT_FROM), NIGHT_FROM_LATEST)
    night = night_of(at)
    begins = datetime.combine(night, hour, at.tzinfo)
    ends = datetime.combine(night + timedelta(days=1), NIGHT_UNTIL, at.tzinfo)
    return begins if begins <= at < ends else None


def due_at(night: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when a list of a night is due, in UTC; a time before noon is the morning after.

    Where the clock shows that time twice it is the first one, and where it leaps over it, as if it had not.
    """
    day = night if at >= NOON else night + timedelta(days=1)
    return datetime.combine(day, at, zone).astimezone(UTC)


def order_of(at: time) -> tuple[bool, time]:
    """Return what sorts the times of a night: those after midnight come last."""
    return at < NOON, at


def room_order(room: str) -> tuple[tuple[bool, int, str], ...]:
    """Return what sorts rooms as people count them: 2 before 10, and none last."""
    parts = re.findall(r"\d+|\D+", room.casefold())
    if not parts:
        return ((True, 0, "\U0010ffff"),)
    return tuple((False, int(one), "") if one.isdecimal() else (True, 0, one) for one in parts)


class ChecksFault(StrEnum):
    """Why lists can't be taken at these times."""

    NONE = ""
    EMPTY = "empty"
    TOO_MANY = "too_many"
    NAME = "name"
    SAME_TIME = "same_time"
    ALERT = "alert"


def decide_checks(names: Sequence[str], times: Sequence[time], *, alert_minutes: int) -> ChecksFault:
    """Return what is wrong with the times of a night's lists."""
    if not times:
        return ChecksFault.EMPTY
    if len(times) > CHECKS_MAX:
        return ChecksFault.TOO_MANY
    if any(not 0 < len(one) <= NAME_CHARS_MAX for one in names):
        return ChecksFault.NAME
    if len(set(times)) < len(times):
        return ChecksFault.SAME_TIME
    if not ALERT_MINUTES_MIN <= alert_minutes <= ALERT_MINUTES_MAX:
        return ChecksFault.ALERT
    return ChecksFault.NONE


# --- opening, marking, closing


def may_take(*, is_warden: bool, is_office: bool) -> bool:
    """Say whether a member of staff takes and reads the lists of a house: its wardens, and the office."""
    return is_warden or is_office


class OpenFault(StrEnum):
    """Why a list can't be opened."""

    NONE = ""
    NOT_TONIGHT = "not_tonight"
    TOO_EARLY = "too_early"
    RETIRED = "retired"


def decide_open(night: date, due: datetime, *, at: datetime, is_retired: bool) -> OpenFault:
    """Return what speaks against opening a list. at: now, in the school's own time."""
    if is_retired:
        return OpenFault.RETIRED
    if not is_tonight(night, at):
        return OpenFault.NOT_TONIGHT
    return OpenFault.TOO_EARLY if due - at.astimezone(UTC) > EARLY else OpenFault.NONE


class EveningMarkFault(StrEnum):
    """Why a mark can't be recorded."""

    NONE = ""
    WORD_UNKNOWN = "word_unknown"
    NOT_A_BOARDER = "not_a_boarder"
    REASON_MISSING = "reason_missing"


def is_correction(*, is_closed: bool, is_over: bool) -> bool:
    """Say whether a mark is a correction, which needs a reason: after the close, or after the night."""
    return is_closed or is_over


def decide_mark(word: str, reason: str, *, is_boarder: bool, is_correction: bool) -> EveningMarkFault:
    """Return what is wrong with a mark. is_boarder: of this house, in that night."""
    if word not in set(EveningAnswer):
        return EveningMarkFault.WORD_UNKNOWN
    if not is_boarder:
        return EveningMarkFault.NOT_A_BOARDER
    return EveningMarkFault.REASON_MISSING if is_correction and not reason else EveningMarkFault.NONE


@dataclass(frozen=True)
class ReadMark:
    """A mark as the rules read it. number: of this boarder in this list, from 1. by: who made it.

    is_disputed: who made it had not seen the one before, which says otherwise.
    """

    word: str
    number: int
    by: int
    is_disputed: bool = False
    is_correction: bool = False


def holds(marks: Sequence[ReadMark]) -> ReadMark | None:
    """Return the mark that holds, of all of a boarder in a list in their order.

    Where two people disagree and no one has decided, "absent" holds: then someone looks for the boarder.
    """
    found: ReadMark | None = None
    for one in marks:
        if found is None or not one.is_disputed or one.word == EveningAnswer.ABSENT:
            found = one
    return found


def is_undecided(marks: Sequence[ReadMark]) -> bool:
    """Say whether two people disagree about a boarder and no one has decided."""
    return bool(marks) and marks[-1].is_disputed


class EveningMarkMerge(StrEnum):
    """What becomes of a mark beside what is there already."""

    CURRENT = "current"
    SAME = "same"
    DISPUTED = "disputed"


def decide_merge(marks: Sequence[ReadMark], word: str, *, seen: int, by: int) -> EveningMarkMerge:
    """Return what becomes of a mark. seen: the number of the last mark that the page showed; 0 for none."""
    held = holds(marks)
    if held is None:
        return EveningMarkMerge.CURRENT
    last = marks[-1]
    was_seen = seen >= last.number or (last.by == by and not last.is_disputed)
    if held.word == word and not (last.is_disputed and was_seen):
        return EveningMarkMerge.SAME
    return EveningMarkMerge.CURRENT if was_seen else EveningMarkMerge.DISPUTED


class EveningCloseFault(StrEnum):
    """Why a list can't be closed."""

    NONE = ""
    BLANK = "blank"
    UNDECIDED = "undecided"


def decide_close(*, blanks: int, undecided: int) -> EveningCloseFault:
    """Return what speaks against closing a list: nobody is left without a mark because of a close."""
    if blanks:
        return EveningCloseFault.BLANK
    return EveningCloseFault.UNDECIDED if undecided else EveningCloseFault.NONE


# --- who is missing


def is_missing(word: str | None) -> bool:
    """Say whether nobody knows where a boarder is: marked absent, or not marked."""
    return word is None or word == EveningAnswer.ABSENT


def decide_alert(missing: int, alerted: int, *, alert_at: datetime, now: datetime, is_tonight: bool) -> bool:
    """Say whether wardens get a mail: tonight, after the time, more are missing than at the last one."""
    return is_tonight and now >= alert_at and missing > alerted


def last_untaken(lists: Iterable[tuple[datetime, datetime, bool]], now: datetime) -> datetime | None:
    """Return when the list was due of which wardens get a mail because nobody opened it; None for no mail.

    lists: of one house in a night, when each is due, from when wardens are notified, whether it is open. The
    last one counts: once it is open, somebody looks after the house.
    """
    late = [(due, is_open) for due, alert_at, is_open in lists if is_open or now >= alert_at]
    due, is_open = max(late, default=(None, True))
    return None if is_open else due


def alerted_after(alerted: int, found: int) -> int:
    """Return how many missing boarders a mail was about, once some were found.

    So there is a mail about a second one who is missing later, also where the first was found.
    """
    return max(0, alerted - found)


class Abnormal(StrEnum):
    """What was out of the ordinary with a boarder in a night, for the list of the next day."""

    NONE = ""
    BLANK = "blank"
    MISSING = "missing"
    # Was marked absent, and is known to be somewhere now.
    FOUND = "found"
    LATE = "late"
    CORRECTED = "corrected"


def decide_abnormal(marks: Sequence[ReadMark]) -> Abnormal:
    """Return what was out of the ordinary with a boarder in a list; leave is nothing out of the ordinary."""
    held = holds(marks)
    if held is None:
        return Abnormal.BLANK
    if held.word == EveningAnswer.ABSENT:
        return Abnormal.MISSING
    if any(one.word == EveningAnswer.ABSENT for one in marks):
        return Abnormal.FOUND
    if held.word == EveningAnswer.LATE:
        return Abnormal.LATE
    return Abnormal.CORRECTED if any(one.is_correction for one in marks) else Abnormal.NONE
