"""What explains an absence: the one place that asks the room of planned absence for messages."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from willing.accounts.models import User
from willing.attendance.message_rules import Explanation
from willing.attendance.set_code_queries import codes_set_for
from willing.core.errors import Refused
from willing.leave.asking import NewLeave, ask_as_guardian
from willing.leave.models import Leave
from willing.leave.queries import PlannedAbsence, explained_at
from willing.leave.rules import AbsenceSource, WantedLeave
from willing.people.models import Person, School


def known_at(school: School, slot: tuple[date, int], moments: Sequence[datetime]) -> dict[UUID, Explanation]:
    """Return who is known to be away in one of a day's registers, at any of some moments, and why."""
    found = dict.fromkeys(codes_set_for(school, *slot), Explanation.CODE_SET)
    for moment in moments:
        found |= {person: _known(one, moment) for person, one in explained_at(school, moment).items()}
    return found


def _known(one: PlannedAbsence, moment: datetime) -> Explanation:
    if one.is_out(moment):
        return Explanation.SIGNED_OUT
    return {AbsenceSource.ILLNESS: Explanation.ILLNESS, AbsenceSource.TRIP: Explanation.TRIP}.get(
        one.source, Explanation.LEAVE
    )


def record_illness(person: Person, day: date, *, by: User) -> None:
    """Record, where guardians report illness, that a child is ill on a day; what is there already stays."""
    new = NewLeave(WantedLeave(day, day), Leave.Kind.ILLNESS)
    try:
        ask_as_guardian(person, new, by=by, on_pupils_device=False)
    except Refused as refused:
        if refused.code != "leave_overlaps":
            raise
