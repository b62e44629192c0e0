"""What a lane says."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.leave.queries import PlannedAbsence
from willing.leave.rules import AbsenceSource

TITLES: Mapping[str, Promise] = {"in": _("Way in"), "out": _("Way out"), "both": _("Both ways")}
DIRECTIONS: Mapping[str, Promise] = {
    "in": _("Welcome"),
    "out": _("Goodbye"),
    "unknown": _("Please go through"),
}
DOOR_FAULT = _("You may go through, but the door did not answer. Please ask a member of staff to open.")
NOT_SURE = _("The camera could not be sure. Please use another way.")
NOT_ALLOWED = _("Only a cashier or the office lets people through here. You are signed out again.")
NO_SECOND_FACTOR = _("Please set up your sign-in on a device of your own first. You are signed out again.")
CARD_IS_ENOUGH = _("Your card is enough.")
# By the reason that the page gives when the camera did not run (kiosk/face.js); "cancelled" needs no text.
ENDINGS: Mapping[str, Promise] = {
    "timeout": NOT_SURE,
    "camera_refused": _("The camera is blocked in this browser. Please use another way."),
    "camera_missing": _("There is no camera here. Please use another way."),
    "camera_busy": _("The camera is in use by another program. Please use another way."),
    "camera_lost": _("The camera was unplugged. Please use another way."),
    "network": _("The camera is off because the server did not answer. Please use another way."),
    "hidden": _("The camera is off because this page was hidden. Please use another way."),
}
# Why the camera read no card (ui/card_camera.js).
CODE_ENDINGS: Mapping[str, Promise] = {
    "silence": _("No card was seen. Please try again, or use another way."),
    **{
        reason: ENDINGS[reason]
        for reason in ("camera_refused", "camera_missing", "camera_busy", "camera_lost")
    },
}
# Why staff open, to be chosen with one press.
REASONS: Mapping[str, Promise] = {
    "card_forgotten": _("Card forgotten"),
    "delivery": _("Delivery"),
    "group": _("A class or group"),
    "parent": _("Parent or guardian"),
    "other": _("Another reason"),
}


def planned_of(absences: Sequence[PlannedAbsence], at: datetime) -> str:
    """Return what the guard reads of a person's planned absence today; "" where there is none.

    Never what for: whether it is health is nothing to the gate.
    """
    known = [one for one in absences if one.back_at is None and at < one.ends_at]
    held = next((one for one in known if one.is_out(at)), next(iter(known), None))
    if held is None:
        return ""
    if held.is_out(at):
        return gettext("Signed out at %(time)s, not back yet.") % {"time": _clock(held.signed_out_at)}
    if not held.is_agreed:
        return gettext("Asked to be away today: not agreed yet.")
    if held.source is AbsenceSource.TRIP:
        return gettext("On a school trip today.")
    times = {"begin": _clock(held.starts_at), "end": _clock(held.ends_at)}
    is_whole = (held.ends_at - held.starts_at) >= timedelta(hours=23)
    if is_whole:
        return gettext("Agreed to be away today.")
    return gettext("Agreed to be away from %(begin)s to %(end)s.") % times


def _clock(at: datetime | None) -> str:
    return date_format(localtime(at), "H:i") if at else ""
