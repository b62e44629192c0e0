"""Who is expected at a moment, and why: marks, evening lists, leave, trips, the desk, gates, visits.

Worked out anew each time and stored nowhere, but for the list of a roll call that is started. A fixed number
of statements, however many people there are.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from willing.accounts.models import User
from willing.attendance.message_ports import came_in
from willing.attendance.models import CurrentMark
from willing.attendance.queries import codes_of, find_settings
from willing.attendance.rules import CodeSet, Group
from willing.boarding.queries import Night, boarders_at, find_night
from willing.core.comparison import fold_name
from willing.core.ids import derive_id
from willing.leave.queries import PlannedAbsence, absences_on
from willing.leave.rules import AbsenceSource
from willing.people.models import Person, School, YearGroup, full_name_of
from willing.people.queries import classes_of, local_day
from willing.people.school_days import is_school_day
from willing.rollcall.models import AssemblyPoint, MedicalWords, PointClass
from willing.rollcall.rules import (
    EXPECTED,
    ExpectedCause,
    KnownOfPupil,
    MarkMeaning,
    decide_pupil,
    decide_staff,
)
from willing.visits.models import Visit
from willing.visits.queries import has_staff_days, staff_on_site, visitors_gone_since, visitors_on_site

EVENING = {
    "here": MarkMeaning.IN_HOUSE,
    "late": MarkMeaning.IN_HOUSE,
    "leave": MarkMeaning.ON_LEAVE,
    "absent": MarkMeaning.NOT_IN_HOUSE,
}


@dataclass(frozen=True)
class PresenceLine:
    """One line of the list. subject: what phones call them by. since: of the mark or the desk, if any.

    person_id and staff_id: None for a visitor. detail: the name of a trip, or where a visitor is from.
    """

    subject: UUID
    kind: str
    name: str
    form: str
    why: ExpectedCause
    person_id: UUID | None = None
    staff_id: int | None = None
    point: UUID | None = None
    medical: str = ""
    since: datetime | None = None
    detail: str = ""

    @property
    def is_expected(self) -> bool:
        """Whether the person is looked for."""
        return self.why in EXPECTED


@dataclass(frozen=True)
class Points:
    """Where whom gathers."""

    all: tuple[AssemblyPoint, ...]
    of_class: Mapping[int, UUID]
    staff: UUID | None
    visitors: UUID | None


def points_of(school: School) -> Points:
    """Return the assembly points that are in use, in their order; two statements."""
    found = tuple(AssemblyPoint.objects.filter(school=school, retired_at=None))
    classes = PointClass.objects.filter(point__in=found).values_list("year_group_id", "point_id")
    return Points(
        found,
        dict(classes),
        next((one.id for one in found if one.is_for_staff), None),
        next((one.id for one in found if one.is_for_visitors), None),
    )


def unplaced_classes(school: School) -> list[str]:
    """Return the names of the classes that gather nowhere, in the school's order."""
    placed = points_of(school).of_class
    return [one.name for one in classes_of(school) if one.pk not in placed]


def who_is_expected(school: School, at: datetime) -> list[PresenceLine]:
    """Return everyone of whom is known whether they are expected at a moment, by id; see `by_point`."""
    points = points_of(school)
    persons = _persons(school, at)
    medical = dict(MedicalWords.objects.filter(person__school=school).values_list("person_id", "text"))
    day = local_day(school, at)
    pupils = [one for one in persons if one.kind == Person.Kind.PUPIL]
    known = _Known(school, at, {one.id for one in pupils})
    forms = dict(YearGroup.objects.filter(school=school).values_list("pk", "name"))
    found = [
        known.explain(
            PresenceLine(
                subject=one.id,
                kind="pupil",
                name=one.full_name,
                form=forms.get(one.year_group_id or 0, ""),
                why=ExpectedCause.UNMARKED,
                person_id=one.id,
                point=points.of_class.get(one.year_group_id or 0),
                medical=medical.get(one.id, ""),
            )
        )
        for one in pupils
    ]
    staff = [one for one in persons if one.kind == Person.Kind.STAFF]
    found += _staff(staff, points, medical, _StaffKnown(school, day, known.night))
    found += _lines_of_visits(visitors_on_site(school), points)
    return sorted(found, key=lambda one: one.subject)


def visitors_gone(school: School, since: datetime) -> list[PresenceLine]:
    """Return the visitors who were signed out at a moment or later."""
    return _lines_of_visits(visitors_gone_since(school, since), points_of(school))


def _lines_of_visits(visits: Collection[Visit], points: Points) -> list[PresenceLine]:
    return [
        PresenceLine(
            subject=one.id,
            kind="visitor",
            name=one.name,
            form="",
            why=ExpectedCause.VISITOR,
            point=points.visitors,
            since=one.in_at,
            detail=one.organisation,
        )
        for one in visits
    ]


class ListedRow(NamedTuple):
    """What was written down of one at the start."""

    subject: UUID
    why: str
    person_id: UUID | None
    staff_id: int | None
    point_id: UUID | None


def lines_of_gone(listed: Collection[ListedRow]) -> list[PresenceLine]:
    """Return those of a roll call's list of whom nothing would be known now; three statements.

    A visitor was signed out at the desk since it began, a person has left the school.
    """
    persons = Person.objects.select_related("year_group").in_bulk(
        [one.person_id for one in listed if one.person_id]
    )
    staff = User.objects.in_bulk([one.staff_id for one in listed if one.staff_id])
    visits = Visit.objects.in_bulk([one.subject for one in listed])
    return [
        _line_of_gone(
            one,
            persons.get(one.person_id) if one.person_id else None,
            staff.get(one.staff_id) if one.staff_id else None,
            visits.get(one.subject),
        )
        for one in listed
    ]


def _line_of_gone(
    listed: ListedRow, person: Person | None, user: User | None, visit: Visit | None
) -> PresenceLine:
    name, kind, form = visit.name if visit else "", "visitor", ""
    if user is not None:
        name, kind = user.get_short_name() or user.get_username(), "staff"
    elif person is not None:
        name, kind = person.full_name, "staff" if person.kind == Person.Kind.STAFF else "pupil"
        form = person.year_group.name if person.year_group else ""
    return PresenceLine(
        subject=listed.subject,
        kind=kind,
        name=name or "–",
        form=form,
        why=ExpectedCause(listed.why),
        person_id=listed.person_id,
        staff_id=listed.staff_id,
        point=listed.point_id,
    )


class _Person(NamedTuple):
    """What a list needs of a person: fifteen hundred of them are read while people run."""

    id: UUID
    kind: str
    given_name: str
    family_name: str
    year_group_id: int | None

    @property
    def full_name(self) -> str:
        """The name as the office reads it."""
        return full_name_of(self.given_name, self.family_name)


def _persons(school: School, at: datetime) -> list[_Person]:
    rows = Person.objects.filter(school=school, left_at=None, merged_into=None, joined_at__lte=at)
    return [_Person(*one) for one in rows.exclude(given_name="").values_list(*_Person._fields)]


class _Known:
    """What is known of the pupils of a school at a moment."""

    def __init__(self, school: School, at: datetime, pupils: Collection[UUID]) -> None:
        day = local_day(school, at)
        self.at = at
        self.absences = absences_on(school, day)
        # What each one's latest mark says, and when it was made.
        self.marks: dict[UUID, tuple[MarkMeaning, datetime]] = {}
        settings = find_settings(school)
        if settings is not None:
            codes = codes_of(settings)
            rows = CurrentMark.objects.filter(day=day, register__opens_at__lte=at).order_by("number")
            for person_id, symbol, device_at, recorded_at in rows.values_list(
                "person_id", "symbol", "mark__device_at", "mark__recorded_at"
            ):
                self.marks[person_id] = meaning_of(codes, symbol), device_at or recorded_at
        self.boarders = boarders_at(school, at)
        self.night = find_night(school, at) if self.boarders else None
        # Whichever was said last counts: in a register of the day, or in an evening list of the night.
        for person_id, evening in self.boarders.items():
            if evening.word is not None and evening.at is not None:
                said = EVENING[evening.word], evening.at
                self.marks[person_id] = max(self.marks.get(person_id, said), said, key=_made_at)
        self.is_school_day = is_school_day(school, day)
        unsure = {
            one for one in pupils if self._mark_of(one)[0] in (MarkMeaning.NOTHING, MarkMeaning.UNEXPLAINED)
        }
        self.came_in = came_in(school, day, unsure) if unsure else set()

    def _mark_of(self, person_id: UUID) -> tuple[MarkMeaning, datetime | None]:
        return self.marks.get(person_id, (MarkMeaning.NOTHING, None))

    def explain(self, entry: PresenceLine) -> PresenceLine:
        """Return a pupil's line with why they are expected or not, since when, and the name of a trip."""
        person_id = entry.subject
        mark, marked_at = self._mark_of(person_id)
        rows = self.absences.get(person_id, ())
        out = max((one for one in rows if one.signed_out_at), key=_signed_out, default=None)
        away = next((one for one in rows if one.is_explained and one.covers(self.at)), None)
        known = KnownOfPupil(
            mark=mark,
            marked_at=marked_at,
            away_since=away.starts_at if away else None,
            is_trip=away is not None and away.source is AbsenceSource.TRIP,
            out_at=out.signed_out_at if out else None,
            back_at=out.back_at if out else None,
            came_in=person_id in self.came_in,
            is_school_day=self.is_school_day,
            is_boarder=person_id in self.boarders,
            night_since=self.night.since if self.night else None,
        )
        why = decide_pupil(known)
        since = {ExpectedCause.SIGNED_OUT: known.out_at, ExpectedCause.BACK: known.back_at}.get(
            why, marked_at
        )
        return replace(
            entry, why=why, since=since, detail=away.title if away and why is ExpectedCause.TRIP else ""
        )


def _made_at(latest: tuple[MarkMeaning, datetime]) -> datetime:
    return latest[1]


def _signed_out(one: PlannedAbsence) -> datetime:
    assert one.signed_out_at is not None
    return one.signed_out_at


def meaning_of(codes: CodeSet, symbol: str) -> MarkMeaning:
    """Return what a code says of where a person is."""
    code = codes.codes.get(symbol)
    if code is None:
        return MarkMeaning.NOTHING
    if code.means_here:
        return MarkMeaning.HERE
    if symbol == codes.unexplained:
        return MarkMeaning.UNEXPLAINED
    return MarkMeaning.ELSEWHERE if code.group is Group.ELSEWHERE else MarkMeaning.ABSENT


def staff_subject(school: School, user: User) -> UUID:
    """Return what phones call a member of staff by who is known by their sign-in only."""
    return derive_id(school.id, "roll call", str(user.pk))


class _StaffKnown:
    """What is known of the staff of a school on a day, or in a night."""

    def __init__(self, school: School, day: date, night: Night | None) -> None:
        self.school, self.night = school, night
        self.is_school_day = is_school_day(school, day)
        on_site = staff_on_site(school, since=night.day if night else None)
        self._persons = {one.person_id for one in on_site if one.person_id}
        self._users = {one.user_id for one in on_site if one.user_id}
        self._anyone = bool(on_site) or has_staff_days(school)

    def users(self) -> list[User]:
        """Return the staff who sign in."""
        rows = User.objects.filter(roles__school=self.school, guardian=None, person=None, is_active=True)
        return list(rows.distinct().order_by("id"))

    def why(self, person_id: UUID | None, users: Collection[User]) -> ExpectedCause:
        """Return why a member of staff is expected or not. users: their sign-ins, by their name."""
        ids = {one.pk for one in users}
        return decide_staff(
            is_in=person_id in self._persons or not ids.isdisjoint(self._users),
            anyone_signs=self._anyone,
            is_school_day=self.is_school_day,
            is_night=self.night is not None,
            is_house_warden=self.night is not None and not ids.isdisjoint(self.night.wardens),
        )


def _staff(
    persons: Collection[_Person], points: Points, medical: Mapping[UUID, str], known: _StaffKnown
) -> list[PresenceLine]:
    """Return the staff: those who eat here, and those who only sign in, each name once."""
    named = defaultdict(list)
    for user in known.users():
        named[fold_name(user.get_short_name() or user.get_username())].append(user)
    found = []
    for person in persons:
        same = named.pop(fold_name(person.full_name), [])
        found.append(
            PresenceLine(
                subject=person.id,
                kind="staff",
                name=person.full_name,
                form="",
                person_id=person.id,
                point=points.staff,
                medical=medical.get(person.id, ""),
                why=known.why(person.id, same),
            )
        )
    found += [
        PresenceLine(
            subject=staff_subject(known.school, one),
            kind="staff",
            name=one.get_short_name() or one.get_username(),
            form="",
            staff_id=one.pk,
            point=points.staff,
            why=known.why(None, [one]),
        )
        for rest in named.values()
        for one in rest
    ]
    return found
