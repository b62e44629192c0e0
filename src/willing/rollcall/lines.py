"""The lines of a roll call as pages and files show them, from the list as it was at the start."""

from dataclasses import dataclass
from uuid import UUID

from willing.rollcall.labels import WHY
from willing.rollcall.models import Listed, MedicalWords
from willing.rollcall.queries import Progress
from willing.rollcall.rules import Ticked, Why
from willing.visits.models import Visit


@dataclass(frozen=True)
class Line:
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


def lines_of(progress: Progress) -> list[Line]:
    """Return the lines of a roll call; four statements. Who has been forgotten since has no name."""
    listed = progress.listed
    persons = {one.person_id for one in listed if one.person_id}
    words = MedicalWords.objects.filter(person__school=progress.roll_call.school)
    medical = {key: text for key, text in words.values_list("person_id", "text") if key in persons}
    strangers = [one.subject for one in listed if one.person is None and one.staff is None]
    visits = {one.id: one for one in Visit.objects.filter(pk__in=strangers)}
    return [_line(one, progress, medical, visits) for one in listed]


def _line(one: Listed, progress: Progress, medical: dict[UUID, str], visits: dict[UUID, Visit]) -> Line:
    name, form = "", ""
    if one.person is not None:
        name = one.person.full_name
        form = one.person.year_group.name if one.person.year_group else ""
    elif one.staff is not None:
        name = one.staff.get_short_name() or one.staff.get_username()
    elif one.subject in visits:
        name = visits[one.subject].name
    return Line(
        subject=one.subject,
        person_id=one.person_id,
        name=name or "–",
        form=form,
        point=one.point.name if one.point else "",
        position=one.point.position if one.point else 10**6,
        medical=medical.get(one.person_id, "") if one.person_id else "",
        reason=str(WHY[Why(one.why)]),
        is_expected=one.is_expected,
        tick=progress.there.get(one.subject),
    )
