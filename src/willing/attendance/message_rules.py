"""Decisions about messages to families of those absent without a reason. Pure: values in, decision out.

Nothing is sent unless two things are missing that do not depend on each other: a mark of presence by a
person, and anything that explains the absence (leave, illness, trip, sign-out). A gate may only stop a
message. Sources: ATTENDANCE.md 1.1 and 1.5 (717 parents, Cornwall, Minnesota: a message to all families).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

# How long a person has to undo, in seconds during which the server was there to be pressed.
HOLD_SECONDS = 600
# How often the worker counts them, and how much it may count at once: a clock that jumped ahead
# shortens no hold, and one that was set back keeps none for longer than until the next count.
LOOK_SECONDS = 5
LOOK_SECONDS_MAX = 15
# The same for what has been sent: until the next contact.
WAIT_LOOK_SECONDS = 60
WAIT_LOOK_SECONDS_MAX = 75
# Above this share of all pupils in registers somebody made a mistake, until a person types the number.
CAP_PERCENT = 5
NEXT_MINUTES_MIN, NEXT_MINUTES_MAX = 5, 240
CONFIRMED_DAYS_MAX = 183  # where the calendar has no terms


class Explanation(StrEnum):
    """What explains an absence."""

    LEAVE = "leave"
    ILLNESS = "illness"
    TRIP = "trip"
    SIGNED_OUT = "signed_out"
    # A code was set for them, as for many or for certain days.
    CODE_SET = "code_set"


class MessageVerdict(StrEnum):
    """Whether a family is messaged, or what stops it."""

    # Both are missing.
    MESSAGE = "message"
    # Marked present in this register or a later one of the day.
    HERE = "here"
    # Another mark than "reason not yet known" holds meanwhile, or none does.
    MARKED = "marked"
    # Marked present earlier the same day: the school looks for them first, and a person decides.
    HERE_EARLIER = "here_earlier"
    LEAVE = "leave"
    ILLNESS = "illness"
    TRIP = "trip"
    SIGNED_OUT = "signed_out"
    CODE_SET = "code_set"
    GATE = "gate"
    # Their family was messaged about this register already, or is about to be.
    MESSAGED = "messaged"


@dataclass(frozen=True)
class AbsenceEvidence:
    """What is known of one who was absent at the close of a register.

    is_unexplained: "reason not yet known" is what holds. is_here: a person marked them present in this
    register or a later one of the day. was_here: in an earlier one. came_in: yes or no, from a gate; never
    when, and no reason to message anyone.
    """

    is_unexplained: bool = True
    is_here: bool = False
    was_here: bool = False
    known: Explanation | None = None
    came_in: bool = False
    is_messaged: bool = False
    # Whether what holds now says that they were there when the register was taken: it was wrong before.
    was_there: bool = False


def decide_message(evidence: AbsenceEvidence) -> MessageVerdict:
    """Return whether a family may be messaged, or the first thing that stops it."""
    if evidence.is_here:
        return MessageVerdict.HERE
    if not evidence.is_unexplained:
        return MessageVerdict.MARKED
    if evidence.known is not None:
        return MessageVerdict(evidence.known.value)
    if evidence.came_in:
        return MessageVerdict.GATE
    if evidence.is_messaged:
        return MessageVerdict.MESSAGED
    return MessageVerdict.HERE_EARLIER if evidence.was_here else MessageVerdict.MESSAGE


def may_be_chosen(verdict: MessageVerdict) -> bool:
    """Say whether a person may have this family messaged. By itself only those of MESSAGE ever are."""
    return verdict in (MessageVerdict.MESSAGE, MessageVerdict.HERE_EARLIER)


def is_above_cap(pupils: int, roll: int) -> bool:
    """Say whether a day's messages are more than a school may send without a person who types their number.

    pupils: of one of the day's registers, in all classes, with those about whom messages wait or went out.
    """
    return pupils * 100 > CAP_PERCENT * roll


def count_down(seconds_left: int, counted_at: datetime, at: datetime, *, at_most: int) -> int:
    """Return how many seconds are left: `at_most` so many are counted at once, and none is ever added."""
    passed = int((at - counted_at).total_seconds())
    return max(0, seconds_left - min(max(passed, 0), at_most))


def is_follow_up_due(followed_up_at: datetime, at: datetime) -> bool:
    """Say whether messages that went out are followed up again; at once where the clock was set back."""
    return not 0 <= (at - followed_up_at).total_seconds() < WAIT_LOOK_SECONDS


class UndoFault(StrEnum):
    """Why messages can't be undone."""

    NONE = ""
    SENT = "sent"
    OVER = "over"


class MessageRunState(StrEnum):
    """Where a run of messages is."""

    # Above the cap, until a person types the number.
    STOPPED = "stopped"
    HELD = "held"
    SENT = "sent"
    UNDONE = "undone"
    # Its day was over before its hold: nobody is asked today of yesterday.
    LAPSED = "lapsed"


def decide_undo(state: MessageRunState) -> UndoFault:
    """Return what speaks against undoing a run; undoing twice is once."""
    if state is MessageRunState.SENT:
        return UndoFault.SENT
    return UndoFault.OVER if state is MessageRunState.LAPSED else UndoFault.NONE


def decide_number(state: MessageRunState, *, typed: int, families: int) -> bool:
    """Say whether what was typed lets a stopped run be held as any other."""
    return state is MessageRunState.STOPPED and typed == families


def decide_run(*, day: date, today: date, seconds_left: int) -> MessageRunState:
    """Return what becomes of a held run now."""
    if day != today:
        return MessageRunState.LAPSED
    return MessageRunState.SENT if seconds_left == 0 else MessageRunState.HELD


class FamilyAnswer(StrEnum):
    """What a guardian answers."""

    ILL = "ill"
    AWAY = "away"
    # The most important one: nobody knows where the child is.
    SHOULD_BE_THERE = "should_be_there"


def way_after(ways: Sequence[tuple[object, str]], tried: Collection[tuple[object, str]]) -> int | None:
    """Return the place of the first way to reach a family that was not tried yet; None where all were."""
    return next((place for place, one in enumerate(ways) if one not in tried), None)


def is_confirmation_due(
    confirmed_on: date | None, *, is_same: bool, today: date, terms_begin: Collection[date]
) -> bool:
    """Say whether a guardian is asked again whether the school's way to them still holds: once a term.

    is_same: whether what they confirmed is still what the school has.
    """
    if confirmed_on is None or not is_same:
        return True
    begun = [one for one in terms_begin if one <= today]
    if begun:
        return confirmed_on < max(begun)
    return today - confirmed_on > timedelta(days=CONFIRMED_DAYS_MAX)
