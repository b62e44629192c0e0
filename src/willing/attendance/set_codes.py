"""The presses about codes that are set for many at once, or ahead: set by a person, recorded, undone.

A press records or undoes a few classes' marks itself; more than that are left to the worker, which writes
them in batches (`set_code_marks`), so that no till waits behind a whole school. The log counts; which code it
was, and for whom, is in no entry of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.models import RegisterGroup, SetCode, SetCodeFor
from willing.attendance.queries import codes_of, require_settings, times_of
from willing.attendance.rules import REASON_CHARS_MAX
from willing.attendance.set_code_marks import BATCH, record_few, undo_few
from willing.attendance.set_code_queries import (
    SetPlace,
    Whom,
    marks_to_undo,
    places_left,
    preview_set,
    recorded_of,
    summarise_set,
    wanted_set,
    whom_of,
)
from willing.attendance.set_code_rules import SetFault, WantedSet, decide_set
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.numbers import next_number
from willing.core.supervision import wake
from willing.core.transactions import atomic, lock
from willing.jobs.registry import Worker
from willing.people.models import Person, School
from willing.people.queries import present_persons, today


@dataclass(frozen=True)
class NewSet:
    """A code that a person wants to set. id: chosen by the page, so that a second press is the same one."""

    wanted: WantedSet
    whom: Whom
    replaces: bool = False
    id: UUID = field(default_factory=new_id)


def require_valid(school: School, new: NewSet) -> NewSet:
    """Return a code as it can be set: its reason in one line, groups and pupils of this school alone.

    Raises Refused registers_not_set_up, set_code_unknown, set_code_for_nobody, set_code_days_not_valid,
    set_code_reason_missing.
    """
    codes = codes_of(require_settings(school))
    groups = RegisterGroup.objects.filter(school=school, retired_at=None, pk__in=new.whom.group_ids)
    pupils = present_persons(school).filter(kind=Person.Kind.PUPIL, pk__in=new.whom.person_ids)
    whom = Whom(
        new.whom.everyone,
        frozenset(groups.values_list("pk", flat=True)),
        frozenset(pupils.values_list("pk", flat=True)),
    )
    reason = " ".join(new.wanted.reason.split())[:REASON_CHARS_MAX]
    wanted = replace(new.wanted, reason=reason)
    numbers = [one.number for one in times_of(school)]
    fault = decide_set(codes, wanted, is_for_anyone=bool(whom), numbers=numbers, today=today(school))
    if fault is not SetFault.NONE:
        raise errors.code_not_set(fault)
    return replace(new, wanted=wanted, whom=whom)


def set_code(school: School, new: NewSet, *, by: User) -> SetCode:
    """Set a code for many, and record the marks of days that have come; the same id again changes nothing.

    Where they are many the worker records them (`set_code_queries.work_of`).
    Raises Refused as `require_valid`.
    """
    earlier = SetCode.objects.filter(school=school, pk=new.id).first()
    if earlier is not None:
        return earlier
    new = require_valid(school, new)
    # Read before the transaction: it holds up every other writer.
    marks = summarise_set(school, new.wanted, new.whom, replaces=new.replaces).marks
    places = None
    if marks <= BATCH:
        places = preview_set(school, new.wanted, new.whom, replaces=new.replaces).record
        marks = len(places)
    row = _set(school, new, places, marks, by)
    wake(Worker.LONG)
    return row


@atomic
def _set(school: School, new: NewSet, places: Sequence[SetPlace] | None, marks: int, by: User) -> SetCode:
    lock(School.objects).get(pk=school.pk)
    earlier = SetCode.objects.filter(school=school, pk=new.id).first()
    if earlier is not None:
        return earlier
    wanted = new.wanted
    row = SetCode.objects.create(
        id=new.id,
        school=school,
        number=next_number(SetCode.objects.filter(school=school)),
        symbol=wanted.symbol,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        weekdays="".join(str(one) for one in sorted(wanted.weekdays)),
        numbers=",".join(str(one) for one in sorted(wanted.numbers)),
        reason=wanted.reason,
        is_for_everyone=new.whom.everyone,
        replaces=new.replaces,
        set_by=by,
        set_at=now(),
        recorded_by=by,
        places=marks,
    )
    for group_id in sorted(new.whom.group_ids):
        SetCodeFor.objects.create(set_code=row, group_id=group_id)
    for person_id in sorted(new.whom.person_ids):
        SetCodeFor.objects.create(set_code=row, person_id=person_id)
    facts = {
        "first_day": wanted.first_day.isoformat(),
        "last_day": wanted.last_day.isoformat(),
        "everyone": new.whom.everyone,
        "groups": len(new.whom.group_ids),
        "persons": len(new.whom.person_ids),
        "by": by.pk,
    }
    record("register_code.set", subject=row.id, facts=facts, personal={})
    record_few(row, places)
    return row


def record_set_code(school: School, set_code_id: UUID, *, by: User) -> int | None:
    """Record the marks of days that have come since a code was set ahead.

    Return how many, or None where they are so many that the worker records them.
    Raises Refused set_code_gone.
    """
    row = SetCode.objects.filter(school=school, undone_at=None, pk=set_code_id).first()
    if row is None:
        raise errors.set_code_gone()
    # As `set_code`: counted first, for a month of everyone has 70,000 places, and each is made for nothing.
    marks = summarise_set(school, wanted_set(row), whom_of(row), replaces=row.replaces).marks
    places = places_left(row) if marks <= BATCH else None
    count = _record_days(school, set_code_id, places, marks, by)
    wake(Worker.LONG)
    return count


@atomic
def _record_days(
    school: School, set_code_id: UUID, places: Sequence[SetPlace] | None, marks: int, by: User
) -> int | None:
    row = _require_held(school, set_code_id)
    row.recorded_by, row.places = by, recorded_of(row) + (marks if places is None else len(places))
    row.save(update_fields=["recorded_by", "places"])
    return record_few(row, places)


def _require_held(school: School, set_code_id: UUID) -> SetCode:
    found = lock(SetCode.objects).filter(school=school, undone_at=None, pk=set_code_id).first()
    if found is None:
        raise errors.set_code_gone()
    return found


def undo_set_code(school: School, set_code_id: UUID, *, by: User) -> int | None:
    """Undo a code that was set for many: what held before holds again.

    Its marks stay, and each gets one after it with what held before; who had none has none again, or the
    code of an unknown reason where the register has closed. What a person has changed since stays as it is.
    Return in how many places, or None where they are so many that the worker undoes them; what it had yet to
    record is not recorded. Raises Refused set_code_gone.
    """
    count = _undo(school, set_code_id, by)
    wake(Worker.LONG)
    return count


@atomic
def _undo(school: School, set_code_id: UUID, by: User) -> int | None:
    row = _require_held(school, set_code_id)
    row.undone_at, row.undone_by = now(), by
    row.save(update_fields=["undone_at", "undone_by"])
    held = marks_to_undo(row)
    record("register_code.undone", subject=row.id, facts={"marks": len(held), "by": by.pk}, personal={})
    return undo_few(row, held)
