"""The writers of codes that are set for many at once, or ahead: set by a person, recorded, undone.

A person presses, and their name is on every mark. Marks stay append-only: undone, a mark with what held
before follows. The log counts; which code it was, and for whom, is in no entry of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db.models import Max

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.models import CurrentMark, Mark, Register, RegisterGroup, SetCode, SetCodeFor
from willing.attendance.queries import codes_of, lines_of, require_settings, times_of
from willing.attendance.registers import open_due
from willing.attendance.rules import REASON_CHARS_MAX
from willing.attendance.set_code_queries import (
    SetPlace,
    Whom,
    preview_set,
    wanted_set,
    whom_of,
)
from willing.attendance.set_code_rules import SetFault, WantedSet, decide_set
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id, new_id
from willing.core.numbers import next_number
from willing.core.transactions import atomic, lock
from willing.people.models import Person, School
from willing.people.queries import present_persons, today

# So many rows are written at once.
BATCH = 500


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


@atomic
def set_code(school: School, new: NewSet, *, by: User) -> SetCode:
    """Set a code for many, and record the marks of days that have come; the same id again changes nothing.

    Raises Refused as `require_valid`.
    """
    lock(School.objects).get(pk=school.pk)
    earlier = SetCode.objects.filter(school=school, pk=new.id).first()
    if earlier is not None:
        return earlier
    new = require_valid(school, new)
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
    _record(row, by)
    return row


@atomic
def record_set_code(school: School, set_code_id: UUID, *, by: User) -> int:
    """Record the marks of days that have come since a code was set ahead. Return how many.

    Raises Refused set_code_gone.
    """
    return _record(_require_held(school, set_code_id), by)


def _require_held(school: School, set_code_id: UUID) -> SetCode:
    found = lock(SetCode.objects).filter(school=school, undone_at=None, pk=set_code_id).first()
    if found is None:
        raise errors.set_code_gone()
    return found


def _record(row: SetCode, by: User) -> int:
    preview = preview_set(row.school, wanted_set(row), whom_of(row), replaces=row.replaces)
    opened = _opened(preview.record, by)
    registers = [one.held.register if one.held else opened[_key(one)] for one in preview.record]
    # In the order of their ids, as whoever else records in several.
    list(lock(Register.objects).filter(pk__in={one.pk for one in registers}).order_by("pk"))
    marks = [
        Mark(
            id=derive_id(row.id, str(register.id), str(place.person_id)),
            register=register,
            person_id=place.person_id,
            symbol=row.symbol,
            source=Mark.Source.GROUP,
            set_code=row,
            reason=row.reason,
            user=by,
            recorded_at=now(),
        )
        for place, register in zip(preview.record, registers, strict=True)
    ]
    # What a person has corrected since stays: each mark is recorded once.
    known = set(Mark.objects.filter(pk__in=[one.pk for one in marks]).values_list("pk", flat=True))
    fresh = [one for one in marks if one.pk not in known]
    _write(fresh)
    if fresh:
        _complete({one.register for one in fresh})
        facts = {"marks": len(fresh), "registers": len({one.register_id for one in fresh}), "by": by.pk}
        record("register_code.recorded", subject=row.id, facts=facts, personal={})
    return len(fresh)


def _key(place: SetPlace) -> tuple[UUID, str, int]:
    return place.slot.group.id, place.slot.day.isoformat(), place.slot.number


def _opened(places: Sequence[SetPlace], by: User) -> dict[tuple[UUID, str, int], Register]:
    """Return the registers that marks without an earlier one go into, opened where they are not yet."""
    slots = {_key(one): one.slot for one in places if one.held is None}
    groups = sorted({one.group.id for one in slots.values() if one.register is None})
    list(lock(RegisterGroup.objects).filter(pk__in=groups).order_by("pk"))
    found = {}
    for key, slot in slots.items():
        register = (
            slot.register
            or Register.objects.filter(group=slot.group, day=slot.day, number=slot.number).first()
        )
        if register is None and slot.due is not None:
            register = open_due(slot.due, slot.day, by=by)
        assert register is not None, "a day without school has only registers that were opened"
        found[key] = register
    return found


def _write(marks: Sequence[Mark]) -> None:
    """Write marks with the next number of each, and let them hold."""
    register_ids = {one.register_id for one in marks}
    rows = Mark.objects.filter(register_id__in=register_ids, person_id__in={one.person_id for one in marks})
    numbers = {
        (register_id, person_id): highest
        for register_id, person_id, highest in rows.values_list("register_id", "person_id").annotate(
            highest=Max("number")
        )
    }
    for one in marks:
        one.number = numbers.get((one.register_id, one.person_id), 0) + 1
    Mark.objects.bulk_create(marks, batch_size=BATCH)
    CurrentMark.objects.bulk_create(
        [
            CurrentMark(
                person_id=one.person_id,
                day=one.register.day,
                number=one.register.number,
                register=one.register,
                mark=one,
                symbol=one.symbol,
            )
            for one in marks
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["person", "day", "number"],
        update_fields=["register", "mark", "symbol"],
    )


def _complete(registers: Collection[Register]) -> None:
    """Note which of some registers have nobody left without a mark for the first time."""
    for one in registers:
        if one.completed_at is None and all(line.mark for line in lines_of(one)):
            Register.objects.filter(pk=one.pk).update(completed_at=now())


@atomic
def undo_set_code(school: School, set_code_id: UUID, *, by: User) -> int:
    """Undo a code that was set for many: what held before holds again. Return in how many places.

    Its marks stay, and each gets one after it with what held before; who had none has none again, or the
    code of an unknown reason where the register has closed. What a person has changed since stays as it is.
    Raises Refused set_code_gone.
    """
    row = _require_held(school, set_code_id)
    SetCode.objects.filter(pk=row.pk).update(undone_at=now(), undone_by=by)
    rows = CurrentMark.objects.filter(mark__in=Mark.objects.filter(set_code=row))
    held = list(rows.select_related("mark", "register__group__year_group", "register__group__school"))
    registers = {one.register_id: one.register for one in held}
    list(lock(Register.objects).filter(pk__in=registers).order_by("pk"))
    before = _before(held)
    unexplained = codes_of(require_settings(school)).unexplained
    marks, gone = [], []
    for one in held:
        earlier = before.get((one.register_id, one.mark.person_id))
        if earlier is None and one.register.closed_at is None:
            gone.append(one.pk)
            continue
        marks.append(
            Mark(
                id=new_id(),
                register=one.register,
                person_id=one.person_id,
                symbol=earlier.symbol if earlier else unexplained,
                minutes_late=earlier.minutes_late if earlier else None,
                source=Mark.Source.UNDONE,
                set_code=earlier.set_code if earlier else None,
                reason=row.reason,
                user=by,
                recorded_at=now(),
            )
        )
    _write(marks)
    for start in range(0, len(gone), BATCH):
        CurrentMark.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    emptied = {one.register_id for one in held if one.pk in set(gone)}
    Register.objects.filter(pk__in=emptied, closed_at=None).update(completed_at=None)
    record("register_code.undone", subject=row.id, facts={"marks": len(held), "by": by.pk}, personal={})
    return len(held)


def _before(held: Sequence[CurrentMark]) -> dict[tuple[UUID, UUID], Mark]:
    """Return what held before the marks of a set code, by register and person."""
    own = {(one.register_id, one.mark.person_id): one.mark.number for one in held}
    found: dict[tuple[UUID, UUID], Mark] = {}
    rows = Mark.objects.filter(
        register_id__in={key[0] for key in own}, person_id__in={key[1] for key in own}, is_disputed=False
    ).exclude(set_code__undone_at__isnull=False)  # what was undone since holds no more
    for one in rows.select_related("set_code").order_by("number"):
        key = (one.register_id, one.person_id)
        if one.number < own.get(key, 0):
            found[key] = one
    return found
