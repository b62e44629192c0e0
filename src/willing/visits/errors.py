"""Refusals of this room."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.visits.rules import AHEAD_DAYS_MAX, BADGE_NUMBER_MAX, UNDO_MINUTES, VisitFault


def visit_unknown() -> Refused:
    """No such visit, or one that has been deleted."""
    return Refused("visit_unknown", _("There is no such visit. Visits are deleted after 30 days."))


def staff_unknown() -> Refused:
    """Nobody of the staff who is at the school."""
    return Refused("visits_staff_unknown", _("There is no such member of staff."))


_FAULTS: Mapping[VisitFault, Callable[[], Refused]] = {
    VisitFault.NAME_MISSING: lambda: Refused("visit_name_missing", _("Please enter the visitor's name.")),
    VisitFault.NAMED_AS_PUPIL: lambda: Refused(
        "visit_named_as_pupil",
        _(
            "A pupil has this name, and a pupil is never a visitor: in a roll call they would be looked for "
            "in the wrong place. If the visitor only has the same name, tick that below."
        ),
    ),
    VisitFault.DAY_OVER: lambda: Refused(
        "visit_day_over", _("That day is over. Please choose today or a later day.")
    ),
    VisitFault.TOO_FAR: lambda: Refused(
        "visit_too_far",
        _("A visit can be announced %(days)s days ahead at most.") % {"days": AHEAD_DAYS_MAX},
    ),
    VisitFault.NOT_TODAY: lambda: Refused(
        "visit_not_today",
        _("This visit is announced for another day. Sign the visitor in as one who was not announced."),
    ),
    VisitFault.CANCELLED: lambda: Refused(
        "visit_cancelled",
        _("This visit was cancelled. Sign the visitor in as one who was not announced."),
    ),
    VisitFault.IN_ALREADY: lambda: Refused("visit_in_already", _("This visitor has been signed in already.")),
    VisitFault.NOT_IN: lambda: Refused("visit_not_in", _("This visitor has not been signed in.")),
    VisitFault.OUT_ALREADY: lambda: Refused(
        "visit_out_already", _("This visitor has been signed out already.")
    ),
    VisitFault.BADGE_TAKEN: lambda: Refused(
        "visit_badge_taken",
        _("Another visitor on the site has the badge with this number. Please give another one."),
    ),
    VisitFault.BADGE_NUMBER: lambda: Refused(
        "visit_badge_number",
        _("Badges have numbers from 1 to %(max)s.") % {"max": BADGE_NUMBER_MAX},
    ),
    VisitFault.DAY_NOT_OVER: lambda: Refused(
        "visit_day_not_over",
        _("The day is not over. If the visitor has left, sign them out."),
    ),
    VisitFault.UNDO_TOO_LATE: lambda: Refused(
        "visit_undo_too_late",
        _("That was more than %(minutes)s minutes ago and can't be undone.") % {"minutes": UNDO_MINUTES},
    ),
}


def visit_refused(fault: VisitFault) -> Refused:
    """Something can't be done with a visit."""
    return _FAULTS[fault]()
