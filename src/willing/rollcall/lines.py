"""The lines of a roll call as pages and files show them, from the list as it was at the start."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from willing.accounts.models import User
from willing.people.models import Person, YearGroup, full_name_of
from willing.rollcall.labels import WHY
from willing.rollcall.models import AssemblyPoint, Listed, MedicalWords
from willing.rollcall.queries import Progress
from willing.rollcall.rules import Ticked
from willing.visits.models import Visit

LAST = 10**6  # behind every point


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
    rows = Listed.objects.filter(roll_call=progress.roll_call).values_list(*_Row._fields)
    listed = [_Row(*one) for one in rows]
    names, there = _Names(progress, listed), progress.there
    return [names.line(one, there.get(one.subject)) for one in listed]


class _Row(NamedTuple):
    """What a line needs of who is listed: fifteen hundred of them are read while people are looked for."""

    subject: UUID
    person_id: UUID | None
    staff_id: int | None
    point_id: UUID | None
    is_expected: bool
    why: str


class _Names:
    """What those on a list are called, and what helpers must know; six statements."""

    def __init__(self, progress: Progress, listed: list[_Row]) -> None:
        school = progress.roll_call.school
        persons = Person.objects.filter(roll_calls__roll_call=progress.roll_call)
        self.persons = {
            key: (full_name_of(given_name, family_name), year_group_id)
            for key, given_name, family_name, year_group_id in persons.values_list(
                "pk", "given_name", "family_name", "year_group_id"
            )
        }
        self.forms = dict(YearGroup.objects.filter(school=school).values_list("pk", "name"))
        self.medical = dict(
            MedicalWords.objects.filter(person__school=school).values_list("person_id", "text")
        )
        staff = {one.staff_id for one in listed if one.staff_id is not None}
        self.staff = {one.pk: one for one in User.objects.filter(pk__in=staff)}
        points = AssemblyPoint.objects.filter(school=school).values_list("pk", "name", "position")
        self.points = {key: (name, position) for key, name, position in points}
        strangers = [one.subject for one in listed if one.person_id is None and one.staff_id is None]
        self.visits = dict(Visit.objects.filter(pk__in=strangers).values_list("pk", "name"))
        self.reasons = {cause.value: str(text) for cause, text in WHY.items()}

    def line(self, one: _Row, tick: Ticked | None) -> RollCallLine:
        """Return the line of one."""
        name, year_group_id = self._of(one)
        point, position = self.points[one.point_id] if one.point_id else ("", LAST)
        return RollCallLine(
            subject=one.subject,
            person_id=one.person_id,
            name=name or "–",
            form=self.forms.get(year_group_id or 0, ""),
            point=point,
            position=position,
            medical=self.medical.get(one.person_id, "") if one.person_id else "",
            reason=self.reasons[one.why],
            is_expected=one.is_expected,
            tick=tick,
        )

    def _of(self, one: _Row) -> tuple[str, int | None]:
        """Return the name, and the class."""
        if one.person_id is not None:
            return self.persons[one.person_id]
        if one.staff_id is not None:
            user = self.staff[one.staff_id]
            return user.get_short_name() or user.get_username(), None
        return self.visits.get(one.subject, ""), None
