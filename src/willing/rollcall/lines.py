"""The lines of a roll call as pages and files show them, from the list as it was at the start."""

from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.people.models import Person, YearGroup
from willing.rollcall.labels import WHY
from willing.rollcall.models import AssemblyPoint, Listed, MedicalWords
from willing.rollcall.queries import Progress
from willing.rollcall.rules import ExpectedCause, Ticked
from willing.visits.models import Visit


@dataclass(frozen=True)
class RollCallLine:
    """One person, member of staff or visitor. person_id: None where there is no record of a person."""

    subject: UUID
    person_id: UUID | None
    name: str
    form: str
    point: str
    position: int
    medical: str
    reason: str
    is_expected: bool
    tick: Ticked | None

    @property
    def is_there(self) -> bool:
        """Whether a warden has seen them."""
        return self.tick is not None


def lines_of(progress: Progress) -> list[RollCallLine]:
    """Return the lines of a roll call. Who has been forgotten since has no name."""
    listed = list(Listed.objects.filter(roll_call=progress.roll_call))
    names, there = _Names(progress, listed), progress.there
    return [names.line(one, there.get(one.subject)) for one in listed]


class _Names:
    """What those on a list are called, and what helpers must know; six statements."""

    def __init__(self, progress: Progress, listed: list[Listed]) -> None:
        school = progress.roll_call.school
        persons = Person.objects.filter(roll_calls__roll_call=progress.roll_call)
        self.persons = {one.pk: one for one in persons.only("given_name", "family_name", "year_group_id")}
        self.forms = dict(YearGroup.objects.filter(school=school).values_list("pk", "name"))
        self.medical = dict(
            MedicalWords.objects.filter(person__school=school).values_list("person_id", "text")
        )
        staff = {one.staff_id for one in listed if one.staff_id is not None}
        self.staff = {one.pk: one for one in User.objects.filter(pk__in=staff)}
        self.points = {one.pk: one for one in AssemblyPoint.objects.filter(school=school)}
        strangers = [one.subject for one in listed if one.person_id is None and one.staff_id is None]
        self.visits = dict(Visit.objects.filter(pk__in=strangers).values_list("pk", "name"))

    def line(self, one: Listed, tick: Ticked | None) -> RollCallLine:
        """Return the line of one."""
        person = self.persons[one.person_id] if one.person_id else None
        point = self.points[one.point_id] if one.point_id else None
        return RollCallLine(
            subject=one.subject,
            person_id=one.person_id,
            name=self._name(one) or "–",
            form=self.forms.get(person.year_group_id or 0, "") if person else "",
            point=point.name if point else "",
            position=point.position if point else 10**6,
            medical=self.medical.get(person.pk, "") if person else "",
            reason=str(WHY[ExpectedCause(one.why)]),
            is_expected=one.is_expected,
            tick=tick,
        )

    def _name(self, one: Listed) -> str:
        if one.person_id is not None:
            return self.persons[one.person_id].full_name
        if one.staff_id is not None:
            user = self.staff[one.staff_id]
            return user.get_short_name() or user.get_username()
        return self.visits.get(one.subject, "")
