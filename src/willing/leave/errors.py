"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.leave.rules import (
    AHEAD_DAYS_MAX,
    DAYS_MAX,
    ApprovalFault,
    DeskFault,
    TimeFault,
)


def leave_unknown() -> Refused:
    """No such leave, or none of this pupil."""
    return Refused("leave_unknown", _("There is no such leave."))


def leave_for_pupils() -> Refused:
    """Leave of a member of staff, or of a pupil who has left."""
    return Refused("leave_for_pupils", _("Leave is for pupils who are at the school."))


def leave_overlaps() -> Refused:
    """Another leave of the pupil has a moment of that time."""
    return Refused(
        "leave_overlaps",
        _("There is a leave for that time already. Answer it, or withdraw it first."),
    )


_TIMES = {
    TimeFault.BACKWARDS: lambda: Refused(
        "leave_time_backwards", _("The end is before the beginning. Please check days and times.")
    ),
    TimeFault.TOO_LONG: lambda: Refused(
        "leave_too_long",
        _("A leave is %(days)s days at most. Please speak with the school about a longer one.")
        % {"days": DAYS_MAX},
    ),
    TimeFault.TOO_FAR: lambda: Refused(
        "leave_too_far",
        _("Leave can be asked for %(days)s days ahead at most.") % {"days": AHEAD_DAYS_MAX},
    ),
    TimeFault.OVER: lambda: Refused(
        "leave_over",
        _("These days are over. Please tell the school office why your child was away."),
    ),
    TimeFault.NO_SCHOOL: lambda: Refused(
        "leave_without_school", _("There is no school in that time, so no leave is needed.")
    ),
}


def time_not_valid(fault: TimeFault) -> Refused:
    """A leave or a trip can't be at that time."""
    return _TIMES[fault]()


_APPROVALS = {
    ApprovalFault.NOT_CONFIRMED: lambda: Refused(
        "leave_not_confirmed",
        _("No guardian has confirmed it. Reach one, and record what they say and how you reached them."),
    ),
    ApprovalFault.DISPUTED: lambda: Refused(
        "leave_disputed", _("The guardians disagree. It holds once they agree; please speak with them.")
    ),
    ApprovalFault.NOT_OPEN: lambda: Refused("leave_not_open", _("This leave is not waiting for an answer.")),
    ApprovalFault.SAME_PERSON: lambda: Refused(
        "leave_same_person",
        _("You have acted on this leave already. A colleague has to agree: no pupil goes on one word alone."),
    ),
    ApprovalFault.NEEDS_OFFICE: lambda: Refused(
        "leave_needs_office", _("A teacher has agreed. Now the school office has to.")
    ),
}


def not_approved(fault: ApprovalFault) -> Refused:
    """A member of staff can't agree to a leave now."""
    return _APPROVALS[fault]()


def leave_not_open() -> Refused:
    """A leave that was refused or withdrawn, or is over."""
    return _APPROVALS[ApprovalFault.NOT_OPEN]()


def leave_agreed_already() -> Refused:
    """A pupil wants to take back what the school has agreed with a guardian."""
    return Refused(
        "leave_agreed_already",
        _("The school has agreed already. Ask your parent or guardian to withdraw it."),
    )


def leave_begun() -> Refused:
    """A no to a leave that has begun."""
    return Refused(
        "leave_begun",
        _("This leave has begun. Please call the school."),
    )


def leave_is_out() -> Refused:
    """The pupil has left the site for it."""
    return Refused("leave_is_out", _("The pupil was signed out already. Please call the school."))


def leave_device() -> Refused:
    """A guardian's word from a browser in which the pupil has signed in."""
    return Refused(
        "leave_device",
        _(
            "The pupil has signed in on this device, so a guardian can't confirm here. "
            "Use a device of your own, or call the school."
        ),
    )


def leave_how_reached() -> Refused:
    """Staff write down what a guardian said, and not how they reached them."""
    return Refused("leave_how_reached", _("Please write down how you reached the guardian."))


def leave_refusal_missing() -> Refused:
    """A refusal without a reason."""
    return Refused("leave_refusal_missing", _("Please write down why, so that the family can read it."))


_DESK = {
    DeskFault.NOT_AGREED: lambda: Refused(
        "sign_out_not_agreed", _("Not everyone has agreed yet, so the pupil can't go.")
    ),
    DeskFault.NOT_NOW: lambda: Refused(
        "sign_out_not_now", _("This leave is not now. A pupil can go half an hour before it begins.")
    ),
    DeskFault.OUT_ALREADY: lambda: Refused("signed_out_already", _("The pupil is signed out already.")),
    DeskFault.BACK_ALREADY: lambda: Refused("back_already", _("The pupil is back already.")),
    DeskFault.NOT_OUT: lambda: Refused("not_signed_out", _("The pupil was not signed out.")),
    DeskFault.TOO_LATE: lambda: Refused(
        "desk_undo_too_late", _("That was more than ten minutes ago, and stays as it is.")
    ),
}


def desk_refuses(fault: DeskFault) -> Refused:
    """The desk can't note that."""
    return _DESK[fault]()


def trip_unknown() -> Refused:
    """No such trip."""
    return Refused("trip_unknown", _("There is no such trip."))


def trip_not_valid() -> Refused:
    """A trip without a name, a pupil, or a member of staff who supervises it."""
    return Refused(
        "trip_not_valid",
        _("A trip needs a name, pupils, and at least one member of staff who supervises it."),
    )


def trip_over() -> Refused:
    """A trip that is over or was cancelled."""
    return Refused("trip_over", _("This trip is over or cancelled, and stays as it is."))


_TRIP_DAYS = {
    DeskFault.NOT_NOW: lambda: Refused(
        "trip_not_now", _("This trip is not now. It can leave half an hour before it begins.")
    ),
    DeskFault.OUT_ALREADY: lambda: Refused("trip_departed_already", _("The trip has left already.")),
    DeskFault.BACK_ALREADY: lambda: Refused("trip_returned_already", _("The trip is back already.")),
    DeskFault.NOT_OUT: lambda: Refused("trip_not_departed", _("The trip has not left.")),
    DeskFault.TOO_LATE: lambda: Refused(
        "trip_undo_too_late", _("That was more than ten minutes ago, and stays as it is.")
    ),
}


def trip_day_refuses(fault: DeskFault) -> Refused:
    """A trip can't leave or come back now."""
    return _TRIP_DAYS[fault]()


def leave_settings_not_valid() -> Refused:
    """Fewer than one or more than two of the staff."""
    return Refused("leave_settings_not_valid", _("One or two of the staff agree to a leave."))
