"""Refusals of this room."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from willing.attendance.message_rules import UndoFault
from willing.attendance.note_rules import NoteFault
from willing.attendance.rules import MarkFault, RegisterCloseFault, TimesFault
from willing.attendance.set_code_rules import SetFault
from willing.core.errors import Refused


def registers_not_set_up() -> Refused:
    """The school has not said how it takes registers."""
    return Refused(
        "registers_not_set_up", _("Set up the registers first: the codes, and when they are taken.")
    )


def code_set_unknown(name: str) -> Refused:
    """No set of codes of that name."""
    return Refused("code_set_unknown", _("There are no codes of that name."), {"name": name})


def codes_in_use() -> Refused:
    """Registers were taken with the present codes, which the new ones do not have."""
    return Refused(
        "codes_in_use",
        _("Registers were taken with these codes already, and marks are never changed. The codes stay."),
    )


_TIMES = {
    TimesFault.EMPTY: lambda: Refused("register_times_missing", _("Enter when registers are taken.")),
    TimesFault.NOT_HALVES: lambda: Refused(
        "register_times_not_halves",
        _("With these codes there are two registers a day: one in the morning, one in the afternoon."),
    ),
    TimesFault.OVERLAP: lambda: Refused(
        "register_times_overlap",
        _("One register begins before another has closed. Move them apart, or keep them open for less."),
    ),
    TimesFault.OPEN_TOO_LONG: lambda: Refused(
        "register_open_too_long", _("A register can't stay open for that long with these codes.")
    ),
    TimesFault.DAY_TOO_SHORT: lambda: Refused(
        "register_day_too_short",
        _("The periods together are shorter than a full day, so nobody could be present for one."),
    ),
}


def times_not_valid(fault: TimesFault, **facts: int) -> Refused:
    """Registers can't be taken at these times."""
    refused = _TIMES[fault]()
    return Refused(refused.code, refused.message, facts)


def district_code_not_valid(symbol: str) -> Refused:
    """A code of the school's own that is empty, in use, or means nothing of its set."""
    return Refused(
        "district_code_not_valid",
        _("A code needs a symbol that is not in use, a name, and a meaning from the list."),
        {"symbol": symbol},
    )


def group_unknown() -> Refused:
    """No such group, or one that is no longer used."""
    return Refused("register_group_unknown", _("This group is not in use any more."))


def group_not_valid() -> Refused:
    """A group without a name, or with the name of another."""
    return Refused("register_group_not_valid", _("A group needs a name that no other group has."))


def register_unknown() -> Refused:
    """No such register, or none of that number on that day."""
    return Refused("register_unknown", _("There is no such register."))


def no_register_that_day(day: date) -> Refused:
    """A day without school, one to come or too long ago, or one on which the group does not meet."""
    return Refused(
        "no_register_that_day",
        _("There is no register of this group on that day."),
        {"day": day.isoformat()},
    )


_MARKS = {
    MarkFault.CODE_UNKNOWN: lambda: Refused("mark_code_unknown", _("This register does not have that code.")),
    MarkFault.NOT_IN_REGISTER: lambda: Refused(
        "mark_not_in_register", _("This person is not in this register.")
    ),
    MarkFault.TOO_EARLY: lambda: Refused(
        "mark_too_early",
        _("The register has not begun. Only an absence that is known already can be entered now."),
    ),
    MarkFault.REASON_MISSING: lambda: Refused(
        "mark_reason_missing",
        _("Please write down why: a mark is changed after the close, or the code asks for a reason."),
    ),
    MarkFault.MINUTES_NOT_VALID: lambda: Refused(
        "mark_minutes_not_valid",
        _("Minutes late are a whole number from 1 to 720, and only for who came late."),
    ),
}


def mark_not_valid(fault: MarkFault) -> Refused:
    """A mark that can't be recorded; the others of the same message are."""
    return _MARKS[fault]()


def marks_of_another_person() -> Refused:
    """A device sends marks that one person made while another is signed in on it."""
    return Refused(
        "marks_of_another_person",
        _("These marks are a colleague's. They are sent when that colleague signs in on this device."),
    )


def scan_unknown() -> Refused:
    """A card that was scanned for a register is no live card of this school, or did not arrive whole."""
    return Refused(
        "scan_unknown",
        _("No live card of this school has the code that was scanned. Mark the pupil by hand."),
    )


_SETS = {
    SetFault.CODE: lambda: Refused("set_code_unknown", _("This code can't be set for many at once.")),
    SetFault.NOBODY: lambda: Refused(
        "set_code_for_nobody", _("Choose for whom: everyone, a class or a list, or a pupil.")
    ),
    SetFault.DAYS: lambda: Refused(
        "set_code_days_not_valid",
        _("Choose days from the last month or the coming year, the first before the last."),
    ),
    SetFault.REASON: lambda: Refused(
        "set_code_reason_missing", _("Please write down why. Each mark bears this reason.")
    ),
}


def code_not_set(fault: SetFault) -> Refused:
    """A code that can't be set for many."""
    return _SETS[fault]()


def set_code_gone() -> Refused:
    """A code set for many that does not exist, or was undone."""
    return Refused("set_code_gone", _("This was undone already. Look at the list again."))


_CLOSES = {
    RegisterCloseFault.NOT_DUE: lambda: Refused(
        "register_not_due", _("Every register stays open for the same time. It closes then, by itself.")
    ),
    RegisterCloseFault.NOT_TAKEN: lambda: Refused(
        "register_not_taken",
        _("Nobody is marked in this register. Take it first: nobody is absent because it was not taken."),
    ),
}


def register_not_closed(fault: RegisterCloseFault) -> Refused:
    """A register that can't be closed now."""
    return _CLOSES[fault]()


_NOTES = {
    NoteFault.WITHOUT_WORDS: lambda: Refused(
        "register_note_without_words", _("Please write a few words first.")
    ),
    NoteFault.DAY_NOT_VALID: lambda: Refused(
        "register_note_day_not_valid",
        _("Choose a day from the last year; for days to come, tell the school of an absence instead."),
    ),
    NoteFault.OF_NOTHING: lambda: Refused(
        "correction_of_nothing", _("There is no mark in that register that could be corrected.")
    ),
    NoteFault.TOO_MANY: lambda: Refused(
        "too_many_register_notes",
        _("Many of your messages still wait for an answer. Please telephone the school."),
    ),
    NoteFault.ANSWERED: lambda: Refused(
        "register_note_answered", _("A colleague has answered this already, and that answer is final.")
    ),
    NoteFault.MARK_CHANGED: lambda: Refused(
        "register_note_mark_changed",
        _("The mark was changed meanwhile. Look at what it says now, then answer."),
    ),
}


def note_not_valid(fault: NoteFault) -> Refused:
    """What a family wants to write, or staff to answer, that can't be so."""
    return _NOTES[fault]()


def correction_changes_nothing() -> Refused:
    """A correction to the code that the mark has already."""
    return Refused("correction_changes_nothing", _("The mark says that already. Choose another code."))


def no_marks_that_day(day: date) -> Refused:
    """A file of a day without any mark."""
    return Refused(
        "no_marks_that_day",
        _("No marks were made on that day, so there is nothing to send."),
        {"day": day.isoformat()},
    )


def roll_return_not_valid() -> Refused:
    """A return of a pupil who neither joined nor left on that day."""
    return Refused(
        "roll_return_not_valid", _("The day on which this pupil joined or left has changed. Look again.")
    )


def messages_not_today(day: date) -> Refused:
    """Messages about another day than today: nobody is asked today about yesterday."""
    return Refused(
        "messages_not_today",
        _("Families are messaged about today only. Please telephone about another day."),
        {"day": day.isoformat()},
    )


def nobody_to_message() -> Refused:
    """Nobody of whom both things are missing, or nobody ticked."""
    return Refused(
        "nobody_to_message",
        _("There is nobody to message: the pupils came, their absence is explained, or nobody is ticked."),
    )


def message_run_unknown() -> Refused:
    """No such messages."""
    return Refused("message_run_unknown", _("There are no such messages."))


def message_unknown() -> Refused:
    """No such message, or one that this guardian did not get."""
    return Refused("message_unknown", _("There is no such message."))


def message_answer_unknown() -> Refused:
    """An answer that is none of the buttons."""
    return Refused("message_answer_unknown", _("Please choose one of the answers."))


def message_minutes_not_valid() -> Refused:
    """The time until the next contact is too short or too long."""
    return Refused(
        "message_minutes_not_valid", _("The next contact is messaged after 5 to 240 minutes, or by a press.")
    )


def families_number_wrong(families: int) -> Refused:
    """Another number was typed than the families that the messages are about, or they do not wait for one."""
    return Refused(
        "families_number_wrong",
        _("That is not the number of families. Nobody was messaged. Please count again, or undo."),
        {"families": families},
    )


_UNDOS = {
    UndoFault.SENT: lambda: Refused(
        "messages_sent",
        _("These messages have gone out. Press “Is here” beside a pupil, and the family gets a correction."),
    ),
    UndoFault.OVER: lambda: Refused(
        "messages_over", _("These messages were not sent, because their day was over.")
    ),
}


def messages_not_undone(fault: UndoFault) -> Refused:
    """Messages that can't be undone."""
    return _UNDOS[fault]()
