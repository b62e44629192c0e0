"""Refusals of this room."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from willing.boarding.rules import (
    ALERT_MINUTES_MAX,
    CHECKS_MAX,
    HOUSES_MAX,
    ChecksFault,
    EveningCloseFault,
    EveningMarkFault,
    OpenFault,
)
from willing.core.errors import Refused


def house_unknown() -> Refused:
    """No such house, one that is no longer used, or one whose lists this member of staff does not take."""
    return Refused("house_unknown", _("There is no such house, or you are not one of its wardens."))


def house_not_valid() -> Refused:
    """A house without a name, or with the name of another."""
    return Refused("house_not_valid", _("A house needs a name that no other house has."))


def houses_too_many() -> Refused:
    """More houses than a school has."""
    return Refused("houses_too_many", _("There can be %(max)s houses at most.") % {"max": HOUSES_MAX})


def house_not_empty(boarders: int) -> Refused:
    """A house that boarders still live in can't be retired: nobody would look for them in the evening."""
    return Refused(
        "house_not_empty",
        _("Boarders still live in this house. Move them to another house or out first."),
        {"boarders": boarders},
    )


def list_unknown() -> Refused:
    """No such evening list, or one that has been deleted."""
    return Refused(
        "evening_list_unknown", _("There is no such evening list. Lists are deleted after 31 days.")
    )


def not_boarders() -> Refused:
    """Someone who can't live in a house: not a pupil, or no longer at the school."""
    return Refused("boarder_not_valid", _("Only pupils who are at the school can live in a house."))


_CHECKS: Mapping[ChecksFault, Callable[[], Refused]] = {
    ChecksFault.EMPTY: lambda: Refused("evening_checks_missing", _("Enter when the list is taken.")),
    ChecksFault.TOO_MANY: lambda: Refused(
        "evening_checks_too_many", _("A night has %(max)s lists at most.") % {"max": CHECKS_MAX}
    ),
    ChecksFault.NAME: lambda: Refused("evening_check_name", _("Each list needs a short name.")),
    ChecksFault.SAME_TIME: lambda: Refused(
        "evening_checks_same_time", _("Two lists can't be taken at the same time.")
    ),
    ChecksFault.ALERT: lambda: Refused(
        "evening_alert_minutes",
        _("Wardens are notified 1 to %(max)s minutes after the time of the list.")
        % {"max": ALERT_MINUTES_MAX},
    ),
}


def checks_not_valid(fault: ChecksFault) -> Refused:
    """Lists can't be taken at these times."""
    return _CHECKS[fault]()


def check_unknown() -> Refused:
    """No list of that number is taken at night."""
    return Refused("evening_check_unknown", _("There is no such list at night. Times may have changed."))


_OPEN: Mapping[OpenFault, Callable[[], Refused]] = {
    OpenFault.NOT_TONIGHT: lambda: Refused(
        "evening_not_tonight",
        _("Only a list of tonight can be opened. The night begins at noon and lasts until the next noon."),
    ),
    OpenFault.TOO_EARLY: lambda: Refused(
        "evening_too_early", _("A list can be opened one hour before its time at the earliest.")
    ),
    OpenFault.RETIRED: lambda: Refused(
        "house_retired", _("This house is not in use any more. Its boarders are listed in their new house.")
    ),
}


def list_not_opened(fault: OpenFault) -> Refused:
    """A list can't be opened."""
    return _OPEN[fault]()


_MARKS: Mapping[EveningMarkFault, Callable[[], Refused]] = {
    EveningMarkFault.WORD_UNKNOWN: lambda: Refused(
        "evening_word_unknown", _("An evening list has no such mark.")
    ),
    EveningMarkFault.NOT_A_BOARDER: lambda: Refused(
        "evening_not_a_boarder",
        _("Someone on the list does not live in this house that night. They may have moved meanwhile."),
    ),
    EveningMarkFault.REASON_MISSING: lambda: Refused(
        "evening_reason_missing",
        _("The list is closed or the night is over. Please write down why a mark is changed."),
    ),
}


def mark_not_valid(fault: EveningMarkFault) -> Refused:
    """A mark that can't be recorded; the others of the same form are."""
    return _MARKS[fault]()


_CLOSE: Mapping[EveningCloseFault, Callable[[], Refused]] = {
    EveningCloseFault.BLANK: lambda: Refused(
        "evening_list_has_blanks", _("Some have no mark yet. Mark each of them; who is not there is missing.")
    ),
    EveningCloseFault.UNDECIDED: lambda: Refused(
        "evening_list_undecided",
        _("Two of you marked someone differently. Decide what is right, then close the list."),
    ),
}


def list_not_closed(fault: EveningCloseFault) -> Refused:
    """A list can't be closed."""
    return _CLOSE[fault]()
