"""What a roll call's codes say in words. Never why a person is absent: that may be about health."""

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy

from willing.rollcall.presence import Entry
from willing.rollcall.rules import Why

WHY = {
    Why.PRESENT: gettext_lazy("Marked present"),
    Why.NOT_OUT: gettext_lazy("Leave has begun, not signed out"),
    Why.BACK: gettext_lazy("Back at the desk"),
    Why.CAME_IN: gettext_lazy("Not marked present, but came in today"),
    Why.UNMARKED: gettext_lazy("No mark yet"),
    Why.BOARDER: gettext_lazy("Boarder, no mark yet"),
    Why.IN_HOUSE: gettext_lazy("In the house by the evening list"),
    Why.NOT_IN_HOUSE: gettext_lazy("Missing on the evening list"),
    Why.SIGNED_IN: gettext_lazy("Signed in today"),
    Why.NO_SIGN_IN: gettext_lazy("Staff; nobody signs in here"),
    Why.VISITOR: gettext_lazy("Visitor on the site"),
    Why.SIGNED_OUT: gettext_lazy("Signed out at the desk"),
    Why.TRIP: gettext_lazy("On a trip"),
    Why.LEAVE: gettext_lazy("On leave"),
    Why.ELSEWHERE: gettext_lazy("Elsewhere with the school's knowledge"),
    Why.ABSENT: gettext_lazy("Marked absent"),
    Why.NO_SCHOOL: gettext_lazy("No school today"),
    Why.STAFF_OUT: gettext_lazy("Not signed in today"),
}


def reason_of(entry: Entry) -> str:
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
