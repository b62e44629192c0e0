"""The writer of how a school agrees to leave, and of records that become one."""

from datetime import time

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.transactions import atomic
from willing.leave import errors
from willing.leave.models import Leave, LeaveAnswer, LeaveSettings, TripPupil
from willing.people.models import Guardian, Person, School


@atomic
def set_leave(school: School, *, staff_needed: int, report_back_by: time | None, by: User) -> LeaveSettings:
    """Set how many of the staff agree, and until when pupils report back.

    Raises Refused leave_settings_not_valid.
    """
    if staff_needed not in (1, 2):
        raise errors.leave_settings_not_valid()
    held, _made = LeaveSettings.objects.update_or_create(
        school=school, defaults={"staff_needed": staff_needed, "report_back_by": report_back_by}
    )
    at = report_back_by.isoformat("minutes") if report_back_by else None
    facts = {"staff_needed": staff_needed, "report_back_by": at, "by": by.pk}
    record("leave.settings_changed", subject=school.id, facts=facts, personal={})
    return held


@atomic
def move_leaves(gone: Person, kept: Person) -> None:
    """Let the leaves and trips of a record that is gone go on with the kept one."""
    Leave.objects.filter(person=gone).update(person=kept)
    goes = TripPupil.objects.filter(person=kept).values("trip_id")
    TripPupil.objects.filter(person=gone).exclude(
        trip_id__in=list(goes.values_list("trip_id", flat=True))
    ).update(person=kept)
    TripPupil.objects.filter(person=gone).delete()


@atomic
def move_answers(gone: Guardian, kept: Guardian) -> None:
    """Let what a guardian's record said go on with the kept one; of two answers, the kept one's counts."""
    answered = list(LeaveAnswer.objects.filter(guardian=kept).values_list("leave_id", flat=True))
    LeaveAnswer.objects.filter(guardian=gone).exclude(leave_id__in=answered).update(guardian=kept)
    LeaveAnswer.objects.filter(guardian=gone).delete()
