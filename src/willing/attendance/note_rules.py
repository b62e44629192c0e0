"""Decisions of what families write about a day in the registers. Pure."""

from datetime import date, timedelta
from enum import StrEnum

# As many of one writer about one person may wait for an answer.
OPEN_MAX = 20
# How far back a family may ask: as long as what they wrote is kept.
DAYS_BACK_MAX = 366


class NoteFault(StrEnum):
    """What is wrong with a note, a request or an answer."""

    NONE = ""
    WITHOUT_WORDS = "without_words"
    DAY_NOT_VALID = "day_not_valid"
    OF_NOTHING = "of_nothing"
    TOO_MANY = "too_many"
    ANSWERED = "answered"
    MARK_CHANGED = "mark_changed"


def decide_note(
    *, is_correction: bool, has_words: bool, day: date, today: date, is_marked: bool, is_open: int
) -> NoteFault:
    """Return what is wrong with what a family wants to write. is_open: how many of theirs wait already."""
    if not has_words:
        return NoteFault.WITHOUT_WORDS
    if not today - timedelta(days=DAYS_BACK_MAX) <= day <= today:
        return NoteFault.DAY_NOT_VALID
    if is_correction and not is_marked:
        return NoteFault.OF_NOTHING
    return NoteFault.TOO_MANY if is_open >= OPEN_MAX else NoteFault.NONE


def decide_answer(
    *, is_correction: bool, is_open: bool, has_words: bool, wants_change: bool, seen: int, holds: int
) -> NoteFault:
    """Return what is wrong with an answer. A request is answered in words; a note may be only read.

    seen: the number of the mark that staff had before them. holds: of the one that holds now, 0 for none.
    """
    if not is_open:
        return NoteFault.ANSWERED
    if is_correction and not has_words:
        return NoteFault.WITHOUT_WORDS
    if wants_change and not (is_correction and holds):
        return NoteFault.OF_NOTHING
    return NoteFault.MARK_CHANGED if is_correction and seen != holds else NoteFault.NONE
