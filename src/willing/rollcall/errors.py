"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.rollcall.rules import SeenFault, TickFault


def not_a_warden() -> Refused:
    """A member of staff who is no warden asks for names."""
    return Refused(
        "roll_call_not_warden",
        _("The list names everyone, so only wardens, the office and who started the roll call see it."),
    )


def roll_call_unknown() -> Refused:
    """No roll call of that id."""
    return Refused("roll_call_unknown", _("There is no such roll call."))


def roll_call_kind_unknown() -> Refused:
    """A roll call is a drill, live or a test."""
    return Refused("roll_call_kind_unknown", _("A roll call is a drill, live, or a test."))


def ticks_of_another_person() -> Refused:
    """A phone sends what was ticked while a colleague was signed in on it."""
    return Refused(
        "ticks_of_another_person",
        _("These ticks are a colleague's. They are sent when that colleague signs in on this phone."),
    )


_TICKS = {
    TickFault.SUBJECT_UNKNOWN: lambda: Refused("subject_unknown", _("Nobody at this school has this id.")),
    TickFault.NOT_VALID: lambda: Refused(
        "tick_not_valid", _("A tick says safe, found or missing, and who of the staff made it.")
    ),
    TickFault.AFTER_THE_END: lambda: Refused(
        "roll_call_ended", _("The roll call was over before this tick was made.")
    ),
    TickFault.TOO_LATE: lambda: Refused(
        "tick_too_late", _("This roll call is more than a week old, and its record is closed.")
    ),
}


def tick_not_taken(fault: TickFault) -> Refused:
    """A tick that is not recorded; the others of the same message are."""
    return _TICKS[fault]()


_SEEN = {
    SeenFault.NO_REASON: lambda: Refused(
        "last_seen_reason_missing", _("Please write down why you have to know.")
    ),
    SeenFault.NOT_RUNNING: lambda: Refused(
        "last_seen_not_running",
        _("Where a person was last seen is shown only while a drill or a live roll call is running."),
    ),
    SeenFault.TOO_LATE: lambda: Refused(
        "last_seen_too_late",
        _("This roll call began more than a day ago. Where a person was last seen is shown in a new one."),
    ),
    SeenFault.TEST: lambda: Refused("last_seen_in_a_test", _("A test of the phones shows nobody's traces.")),
    SeenFault.THERE: lambda: Refused("last_seen_of_who_is_there", _("This person is ticked already.")),
}


def last_seen_refused(fault: SeenFault) -> Refused:
    """Where a person was last seen stays closed."""
    return _SEEN[fault]()


def point_not_valid() -> Refused:
    """A point without a name, or with the name of another."""
    return Refused(
        "assembly_point_not_valid", _("An assembly point needs a name that no other assembly point has.")
    )


def point_unknown() -> Refused:
    """No such point, or one that is no longer used."""
    return Refused("assembly_point_unknown", _("This assembly point is not in use any more."))


def too_many_points() -> Refused:
    """More points than a school has."""
    return Refused("assembly_points_too_many", _("There are too many assembly points. Remove one first."))


def warden_not_valid() -> Refused:
    """A warden is a member of staff who may sign in."""
    return Refused("warden_not_valid", _("A warden is a member of staff who signs in here."))


def medical_words_not_valid() -> Refused:
    """Words that are too long, or nothing that allows them."""
    return Refused(
        "medical_words_not_valid",
        _("Write a few words, and choose what allows them to be shown outside."),
    )


def red_after_not_valid() -> Refused:
    """Minutes that are none."""
    return Refused("red_after_not_valid", _("Enter a number of minutes from 1 to 60."))


def print_queue_not_valid() -> Refused:
    """A name that no queue of a printer can have."""
    return Refused(
        "print_queue_not_valid",
        _(
            "Enter a print queue as the command lpstat -e lists it: letters, digits, dots, dashes and "
            "underscores."
        ),
    )
