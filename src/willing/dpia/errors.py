"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def face_locked(reasons: tuple[str, ...]) -> Refused:
    """Faces are locked at this school; `reasons` say why (assessment.rules.REASONS)."""
    return Refused(
        "face_locked",
        _("Paying with a face is switched off at this school for now. Please pay another way."),
        {"reasons": list(reasons)},
    )


def not_the_dpo() -> Refused:
    """Only the data protection officer signs, locks and unlocks."""
    return Refused("not_the_dpo", _("Only the data protection officer can do this."))


def review_date_not_valid() -> Refused:
    """The review date is not after today, or more than 366 days ahead."""
    return Refused("review_date_not_valid", _("The next review must be after today and within 366 days."))


def reason_missing() -> Refused:
    """A lock was to be turned without saying why."""
    return Refused("reason_missing", _("Please give a reason. It is recorded in the log."))


def families_not_reached() -> Refused:
    """Families were not asked: nobody was reached, the day lies ahead, or how and what is not said."""
    return Refused(
        "families_not_reached",
        _(
            "Please enter how families were consulted, on which past day, how many were "
            "reached and what they said."
        ),
    )


def text_missing() -> Refused:
    """A risk or an incident without words."""
    return Refused("text_missing", _("Please describe the risk and what is done about it."))


def assessment_changed() -> Refused:
    """Between reading and signing the assessment changed; nobody signs what they did not read."""
    return Refused(
        "assessment_changed",
        _("The assessment has changed since you opened it. Please read it again before you sign."),
    )


def risks_not_considered() -> Refused:
    """A signature, or a review of the risks, without a risk on record that was considered since the last."""
    return Refused(
        "risks_not_considered",
        _("No risk has been considered yet. Please write down at least one under “Risks and incidents”."),
    )


def assessment_not_read() -> Refused:
    """A signature by an officer who has not read the text that would be signed."""
    return Refused(
        "assessment_not_read",
        _("Please read this version to its end and press “I have read it” before you sign."),
    )


def unknown_risk() -> Refused:
    """No such risk at this school."""
    return Refused("unknown_risk", _("We can't find that risk."))


def fuse_bounds_not_valid() -> Refused:
    """A fuse was to blow at a number outside of what is allowed."""
    return Refused("fuse_bounds_not_valid", _("One of the numbers is outside of what is allowed."))


def fuse_date_not_valid() -> Refused:
    """A decision about a fuse was to hold until a day that is not after today, or 367 days ahead and more."""
    return Refused("fuse_date_not_valid", _("The decision must end after today and within 366 days."))


def breach_not_described() -> Refused:
    """A breach without what happened, whom and which data it concerns, or known only later than now."""
    return Refused(
        "breach_not_described",
        _("Please enter what happened, whom and which data it concerns, and since when it is known."),
    )


def breach_step_not_next() -> Refused:
    """A notification without a decision to notify before it, or a decision after it was notified."""
    return Refused(
        "breach_step_not_next",
        _("Please record first that it is to be notified; once it was notified, nothing is decided anew."),
    )


def breach_time_not_valid() -> Refused:
    """A notification before the breach was known, or later than now."""
    return Refused(
        "breach_time_not_valid", _("Please enter when it was sent: not before the breach was known.")
    )


def breach_late() -> Refused:
    """The authority was notified after the time that the law gives, without a reason for the delay."""
    return Refused(
        "breach_late", _("This is later than the law allows. Please give the reason for the delay.")
    )


def unknown_breach() -> Refused:
    """No such breach at this school."""
    return Refused("unknown_breach", _("We can't find that breach."))


def unknown_fuse() -> Refused:
    """No such fuse at this school, or it is settled."""
    return Refused("unknown_fuse", _("This is settled already."))
