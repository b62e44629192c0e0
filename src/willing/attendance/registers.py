"""The writers of registers: opened by people, closed at their time, the marks of two records put together.

Nothing else marks anyone: no camera, no gate, no till. The log names the register and counts its marks; what
a mark says, which may be about health, is in no entry of it.
"""

from datetime import date
from uuid import UUID

from django.db import close_old_connections

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.marking import hold
from willing.attendance.models import (
    SET_FOR_MANY,
    CurrentMark,
    GroupMember,
    Mark,
    Register,
    RegisterGroup,
    SetCodeFor,
)
from willing.attendance.queries import Due, codes_of, lines_of, registers_on, require_group, require_settings
from willing.attendance.rules import RegisterCloseFault, decide_close, may_open
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.people.models import Person, School
from willing.people.queries import find_school, today


@atomic
def open_register(school: School, group_id: UUID, day: date, number: int, *, by: User) -> Register:
    """Open one of a day's registers of a group, on that day or within a year; who comes second gets the same.

    Raises Refused registers_not_set_up, register_group_unknown, no_register_that_day.
    """
    require_settings(school)
    group = require_group(school, group_id)
    held = Register.objects.filter(group=group, day=day, number=number).first()
    if held is not None:
        return held
    lock(RegisterGroup.objects).get(pk=group.pk)
    known = registers_on(school, day) if may_open(day, today(school)) else []
    due = next((one for one in known if one.group == group and one.time.number == number), None)
    if due is None:
        raise errors.no_register_that_day(day)
    if due.register is not None:
        return due.register
    return open_due(due, day, by=by)


def open_due(due: Due, day: date, *, by: User) -> Register:
    """Open a register of a day that was read as due and not open; within a transaction of its caller."""
    opened = Register.objects.create(
        group=due.group,
        day=day,
        number=due.time.number,
        is_morning=due.times.is_morning,
        opens_at=due.times.opens_at,
        closes_at=due.times.closes_at,
        opened_by=by,
        opened_at=now(),
    )
    facts = {
        "group": str(due.group.id),
        "day": day.isoformat(),
        "number": due.time.number,
        "by": by.pk,
    }
    record("register.opened", subject=opened.id, facts=facts, personal={})
    return opened


@atomic
def close_register(register: Register, *, by: User | None = None) -> int:
    """Close a register whose time is over; who has no mark gets "reason not yet known". Return how many.

    by: None for the close by its time. Closing again changes nothing. Raises Refused register_not_due,
    register_not_taken.
    """
    held = lock(Register.objects).select_related("group__school", "group__year_group").get(pk=register.pk)
    if held.closed_at is not None:
        return 0
    lines = lines_of(held)
    blanks = [one.person for one in lines if one.mark is None]
    fault = decide_close(
        is_due=now() >= held.closes_at, is_marked=_is_taken(held, has_blanks=bool(blanks or not lines))
    )
    if fault is not RegisterCloseFault.NONE:
        raise errors.register_not_closed(fault)
    symbol = codes_of(require_settings(held.group.school)).unexplained
    for person in blanks:
        _mark_unexplained(held, person, symbol)
    Register.objects.filter(pk=held.pk).update(closed_at=now(), closed_by=by)
    facts = {"unexplained": len(blanks), "by": by.pk if by else None}
    record("register.closed", subject=held.id, facts=facts, personal={})
    return len(blanks)


def _is_taken(register: Register, *, has_blanks: bool) -> bool:
    """Say whether a person took a register. Codes set for many take one only where they leave no blank."""
    marks = Mark.objects.filter(register=register, user__isnull=False)
    return (marks.exclude(source__in=SET_FOR_MANY) if has_blanks else marks).exists()


def _mark_unexplained(register: Register, person: Person, symbol: str) -> None:
    number = Mark.objects.filter(register=register, person=person).count() + 1
    mark = Mark.objects.create(
        id=derive_id(register.id, "close", str(person.id)),
        register=register,
        person=person,
        number=number,
        symbol=symbol,
        source=Mark.Source.CLOSE,
        recorded_at=now(),
    )
    hold(mark)


def close_due(school: School) -> int:
    """Close every register that was taken and whose time is over. Return how many.

    One that nobody took stays open, on the list of those not taken: no one is absent because of it.
    """
    taken = Register.objects.filter(
        group__school=school, closed_at=None, closes_at__lte=now(), marks__user__isnull=False
    ).distinct()
    closed = 0
    for one in taken.select_related("group__school").order_by("id"):
        try:
            close_register(one)
        except Refused as refused:
            if refused.code != "register_not_taken":
                raise
            continue  # what is in it was set for many at once, and others have no mark yet
        closed += 1
    return closed


def close_due_here() -> int:
    """Do `close_due` for the school of this installation, where there is one yet."""
    school = find_school()
    closed = close_due(school) if school is not None else 0
    close_old_connections()
    return closed


@atomic
def move_marks(gone: Person, kept: Person) -> None:
    """Let what holds for a record that is gone hold for the kept one; of two marks, the kept one's does.

    The marks themselves never change, and so stay with the record that is gone.
    """
    held = set(CurrentMark.objects.filter(person=kept).values_list("day", "number"))
    for one in CurrentMark.objects.filter(person=gone).order_by("id"):
        if (one.day, one.number) not in held:
            CurrentMark.objects.filter(pk=one.pk).update(person=kept)
    groups = set(GroupMember.objects.filter(person=kept, last_day=None).values_list("group_id", flat=True))
    GroupMember.objects.filter(person=gone).exclude(group_id__in=groups, last_day=None).update(person=kept)
    GroupMember.objects.filter(person=gone, last_day=None).delete()
    SetCodeFor.objects.filter(person=gone).update(person=kept)
