"""What a roll call's codes say in words. Never why a person is absent: that may be about health."""

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy

from willing.rollcall.presence import PresenceLine
from willing.rollcall.rules import ExpectedCause

WHY = {
    ExpectedCause.PRESENT: gettext_lazy("Marked present"),
    ExpectedCause.NOT_OUT: gettext_lazy("Leave has begun, not signed out"),
    ExpectedCause.BACK: gettext_lazy("Back at the desk"),
    ExpectedCause.CAME_IN: gettext_lazy("Not marked present, but came in today"),
    ExpectedCause.UNMARKED: gettext_lazy("No mark yet"),
    ExpectedCause.BOARDER: gettext_lazy("Boarder, no mark yet"),
    ExpectedCause.IN_HOUSE: gettext_lazy("In the house by the evening list"),
    ExpectedCause.NOT_IN_HOUSE: gettext_lazy("Missing on the evening list"),
    ExpectedCause.HOUSE_WARDEN: gettext_lazy("Warden of a boarding house, at night"),
    ExpectedCause.SIGNED_IN: gettext_lazy("Signed in today"),
    ExpectedCause.NO_SIGN_IN: gettext_lazy("Staff; nobody signs in here"),
    ExpectedCause.VISITOR: gettext_lazy("Visitor on the site"),
    ExpectedCause.SIGNED_OUT: gettext_lazy("Signed out at the desk"),
    ExpectedCause.TRIP: gettext_lazy("On a trip"),
    ExpectedCause.LEAVE: gettext_lazy("On leave"),
    ExpectedCause.ELSEWHERE: gettext_lazy("Elsewhere with the school's knowledge"),
    ExpectedCause.ABSENT: gettext_lazy("Marked absent"),
    ExpectedCause.NO_SCHOOL: gettext_lazy("No school today"),
    ExpectedCause.DAY_PUPIL: gettext_lazy("Does not board; it is night"),
    ExpectedCause.STAFF_OUT: gettext_lazy("Not signed in today"),
}


def reason_of(entry: PresenceLine) -> str:
    """Return why a person is expected or not, with the time or the trip where there is one."""
    text = str(WHY[entry.why])
    if entry.detail:
        return f"{text}: {entry.detail}"
    if entry.since is not None:
        at = time_format(timezone.localtime(entry.since), "H:i")
        return f"{text}, {at}"
    return text


KINDS = {
    "pupil": gettext_lazy("Pupils without a form"),
    "staff": gettext_lazy("Staff"),
    "visitor": gettext_lazy("Visitors"),
}
PRINT_FAULTS = {
    "lp_missing": gettext_lazy("This computer has no printing system (the command lp)."),
    "lp_refused": gettext_lazy("The printing system does not take the sheets: does the queue exist?"),
    "lp_timed_out": gettext_lazy("The printing system does not answer."),
}
