"""The writers of visits: announced, cancelled, signed in, given a badge, signed out, closed.

The log names a visit by its id; a visitor's name is in no entry of it.
"""

from dataclasses import dataclass, field
from datetime import date, time
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.people.queries import today
from willing.people.rules import read_name
from willing.visits import errors
from willing.visits.models import Visit
from willing.visits.queries import badge_digest, badges_taken, is_named_as_pupil
from willing.visits.rules import (
    NAME_CHARS_MAX,
    WORDS_CHARS_MAX,
    VisitFault,
    decide_cancel,
    decide_close,
    decide_new,
    decide_sign_in,
    decide_sign_out,
    decide_undo,
)


@dataclass(frozen=True)
class NewVisit:
    """A visit to be announced or begun. id: chosen by the page, so that a form sent twice is one visit.

    is_namesake: a person says that this is not the pupil who bears the same name.
    """

    name: str
    host: User
    kind: str = Visit.Kind.VISITOR
    organisation: str = ""
    purpose: str = ""
    day: date | None = None
    expected_at: time | None = None
    is_namesake: bool = False
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class VisitorSignIn:
    """What the desk notes as a visitor comes. badge_number: None where they get none."""

    is_inducted: bool
    badge_number: int | None = None


@atomic
def announce_visit(school: School, new: NewVisit, *, by: User) -> Visit:
    """Announce a visit for a day; without a day, for today.

    Raises Refused visit_name_missing, visit_day_over, visit_too_far, visit_named_as_pupil.
    """
    return _create(school, new, by)


@atomic
def receive_unannounced(school: School, new: NewVisit, noted: VisitorSignIn, *, by: User) -> Visit:
    """Sign in a visitor whom nobody announced. Raises Refused as `announce_visit` and `sign_in`."""
    visit = _create(school, new, by)
    return visit if visit.in_at is not None else sign_in(school, visit.id, noted, by=by)


def _create(school: School, new: NewVisit, by: User) -> Visit:
    lock(School.objects).get(pk=school.pk)
    held = Visit.objects.filter(school=school, pk=new.id).first()
    if held is not None:
        return held
    name, day = _on_one_line(new.name, NAME_CHARS_MAX), new.day or today(school)
    is_pupils = is_named_as_pupil(school, name)
    _refuse(
        decide_new(
            name=name,
            day=day,
            today=today(school),
            is_named_as_pupil=is_pupils,
            is_namesake=new.is_namesake,
        )
    )
    visit = Visit.objects.create(
        id=new.id,
        school=school,
        kind=new.kind,
        name=name,
        organisation=_on_one_line(new.organisation, NAME_CHARS_MAX),
        purpose=_on_one_line(new.purpose, WORDS_CHARS_MAX),
        host=new.host,
        day=day,
        expected_at=new.expected_at,
        is_namesake=is_pupils,
        announced_by=by,
        announced_at=now(),
    )
    _log("visit.announced", visit, by, host=new.host.pk, day=day.isoformat(), is_namesake=is_pupils)
    return visit


def _on_one_line(text: str, chars_max: int) -> str:
    return read_name(text)[:chars_max]


@atomic
def cancel_visit(school: School, visit_id: UUID, *, by: User) -> Visit:
    """Cancel a visit that has not begun. Raises Refused visit_unknown, visit_in_already."""
    visit = _require(school, visit_id)
    _refuse(decide_cancel(visit.at_desk))
    if visit.cancelled_at is None:
        visit.cancelled_at = now()
        visit.save(update_fields=["cancelled_at"])
        _log("visit.cancelled", visit, by)
    return visit


@atomic
def sign_in(school: School, visit_id: UUID, noted: VisitorSignIn, *, by: User) -> Visit:
    """Note that a visitor has come.

    Raises Refused visit_unknown, visit_cancelled, visit_in_already, visit_not_today, visit_badge_taken,
    visit_badge_number.
    """
    lock(School.objects).get(pk=school.pk)  # two desks, one badge
    visit = _require(school, visit_id)
    _refuse(
        decide_sign_in(
            visit.at_desk,
            today=today(school),
            badge_number=noted.badge_number,
            taken=badges_taken(school),
        )
    )
    visit.in_at, visit.in_by = now(), by
    visit.is_inducted, visit.badge_number = noted.is_inducted, noted.badge_number
    visit.save(update_fields=["in_at", "in_by", "is_inducted", "badge_number"])
    _log("visit.signed_in", visit, by, is_inducted=noted.is_inducted, badge=noted.badge_number)
    return visit


@atomic
def give_badge(school: School, visit_id: UUID, code: str, *, by: User) -> Visit:
    """Let the badge that was just printed pass the gate; an earlier one of the visit stops.

    code: a new one, of `core.codes.new_code`; only its digest is kept. Raises Refused visit_unknown,
    visit_not_in, visit_out_already.
    """
    visit = _require(school, visit_id)
    _refuse(decide_sign_out(visit.at_desk))
    visit.badge_digest = badge_digest(code)
    visit.save(update_fields=["badge_digest"])
    _log("visit.badge_made", visit, by)
    return visit


@atomic
def sign_out(school: School, visit_id: UUID, *, by: User) -> Visit:
    """Note that a visitor has left; a printed badge stops.

    Raises Refused visit_unknown, visit_not_in, visit_out_already.
    """
    visit = _require(school, visit_id)
    _refuse(decide_sign_out(visit.at_desk))
    _leave(visit, by, is_closed=False)
    _log("visit.signed_out", visit, by)
    return visit


@atomic
def close_visit(school: School, visit_id: UUID, *, by: User) -> Visit:
    """Close the visit of one who never signed out, on a person's word, once its day is over.

    Raises Refused visit_unknown, visit_not_in, visit_out_already, visit_day_not_over.
    """
    visit = _require(school, visit_id)
    _refuse(decide_close(visit.at_desk, today=today(school)))
    _leave(visit, by, is_closed=True)
    _log("visit.closed", visit, by)
    return visit


def _leave(visit: Visit, by: User, *, is_closed: bool) -> None:
    visit.out_at, visit.out_by, visit.is_closed, visit.badge_digest = now(), by, is_closed, ""
    visit.save(update_fields=["out_at", "out_by", "is_closed", "badge_digest"])


@atomic
def undo(school: School, visit_id: UUID, *, by: User) -> Visit:
    """Undo the desk's last press.

    Raises Refused visit_unknown, visit_not_in, visit_undo_too_late, visit_badge_taken.
    """
    lock(School.objects).get(pk=school.pk)
    visit = _require(school, visit_id)
    _refuse(decide_undo(visit.at_desk, now()))
    if visit.out_at is not None:
        if visit.badge_number in badges_taken(school):
            raise errors.visit_refused(VisitFault.BADGE_TAKEN)
        visit.out_at = visit.out_by = None
    else:
        visit.in_at = visit.in_by = visit.is_inducted = visit.badge_number = None
        visit.badge_digest = ""
    visit.save(
        update_fields=["out_at", "out_by", "in_at", "in_by", "is_inducted", "badge_number", "badge_digest"]
    )
    _log("visit.desk_undone", visit, by)
    return visit


def _refuse(fault: VisitFault) -> None:
    if fault is not VisitFault.NONE:
        raise errors.visit_refused(fault)


def _require(school: School, visit_id: UUID) -> Visit:
    visit = lock(Visit.objects).filter(school=school, pk=visit_id).first()
    if visit is None:
        raise errors.visit_unknown()
    return visit


def _log(event: str, visit: Visit, by: User, **facts: str | int | bool | None) -> None:
    record(event, subject=visit.id, facts={"by": by.pk, **facts}, personal={})
