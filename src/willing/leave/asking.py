"""The writers of leaves that are asked for: by a guardian, by a pupil, by staff for a family.

The log says that, when and on whose word; never what for: it may be about health.
"""

from dataclasses import dataclass, field
from uuid import UUID
from zoneinfo import ZoneInfo

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.leave import errors
from willing.leave.models import Leave, LeaveAnswer, LeaveApproval, LeaveWords
from willing.leave.queries import needed_for, wanted_of
from willing.leave.rules import (
    LATE_DAYS_MAX,
    MAILS_A_DAY_MAX,
    OPEN,
    WORDS_CHARS_MAX,
    TimeFault,
    WantedLeave,
    decide_state,
    decide_time,
    overlaps,
    span,
)
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.people.models import Guardian, Person, School
from willing.people.queries import day_bounds, listed_guardians, require_guardian_of, today
from willing.people.school_days import school_days_between


@dataclass(frozen=True)
class NewLeave:
    """A leave to be asked for. id: chosen by the page, so that a form sent twice is one leave."""

    wanted: WantedLeave
    kind: str
    reason: str = ""
    id: UUID = field(default_factory=new_id)


@atomic
def ask_as_guardian(person: Person, new: NewLeave, *, by: User, on_pupils_device: bool) -> Leave:
    """Ask for leave, or say that a child is ill: the guardian's word is given with it.

    on_pupils_device: whether the pupil signs in in that browser. Raises Refused leave_device and those of a
    new leave: leave_for_pupils, leave_overlaps, leave_time_backwards, leave_too_long, leave_too_far,
    leave_over, leave_without_school.
    """
    if on_pupils_device:
        raise errors.leave_device()
    guardian = require_guardian_of(person, _guardian_id(by))
    leave, is_new = _create(person, new, by=by, asked_as=Leave.AskedAs.GUARDIAN, late_days=0)
    if is_new:
        answer(leave, guardian, is_yes=True)
    return leave


@atomic
def ask_as_pupil(person: Person, new: NewLeave, *, by: User) -> Leave:
    """Ask for leave; it waits for a guardian, who gets a mail.

    Raises Refused as `ask_as_guardian`, never leave_device.
    """
    leave, is_new = _create(person, new, by=by, asked_as=Leave.AskedAs.PUPIL, late_days=0)
    if is_new and _asked_today(person) <= MAILS_A_DAY_MAX:
        write_to(listed_guardians(person.id), Topic.LEAVE, person)
    return leave


def _asked_today(person: Person) -> int:
    begins, _ends = day_bounds(person.school, today(person.school))
    rows = Leave.objects.filter(person=person, asked_as=Leave.AskedAs.PUPIL, asked_at__gte=begins)
    return rows.count()


@atomic
def enter_for_family(person: Person, new: NewLeave, *, guardian_id: UUID, reached: str, by: User) -> Leave:
    """Enter what a guardian said to staff. Who writes down an illness confirms it for the school as well.

    reached: how: a call, a note, in person. Raises Refused unknown_guardian, leave_how_reached, and those of
    a new leave.
    """
    guardian = require_guardian_of(person, guardian_id)
    said = words(reached)
    if not said:
        raise errors.leave_how_reached()
    leave, is_new = _create(person, new, by=by, asked_as=Leave.AskedAs.STAFF, late_days=LATE_DAYS_MAX)
    if is_new:
        answer(leave, guardian, is_yes=True, recorded_by=by, reached=said)
        if leave.kind == Leave.Kind.ILLNESS:
            LeaveApproval.objects.create(leave=leave, user=by, approved_at=now())
            settle(leave)
    return leave


def words(text: str) -> str:
    """Return what was typed, on one line and no longer than it may be."""
    return " ".join(text.split())[:WORDS_CHARS_MAX]


def _guardian_id(user: User) -> UUID:
    if user.guardian_id is None:
        raise errors.leave_unknown()
    return user.guardian_id


def _create(person: Person, new: NewLeave, *, by: User, asked_as: str, late_days: int) -> tuple[Leave, bool]:
    """Return the leave, and whether it was made now."""
    held = lock(Person.objects).get(pk=person.pk)
    known = Leave.objects.filter(pk=new.id).first()
    if known is not None and known.person_id != held.pk:
        raise errors.leave_unknown()
    if known is not None:
        return known, False
    if held.left_at is not None or held.kind != Person.Kind.PUPIL:
        raise errors.leave_for_pupils()
    require_time(person.school, new.wanted, late_days=late_days)
    _require_free(person, new.wanted)
    made = Leave.objects.create(
        id=new.id,
        person=held,
        kind=new.kind,
        first_day=new.wanted.first_day,
        last_day=new.wanted.last_day,
        from_time=new.wanted.from_time,
        until_time=new.wanted.until_time,
        state=Leave.State.ASKED,
        asked_by=by,
        asked_as=asked_as,
        asked_at=now(),
    )
    if said := words(new.reason):
        LeaveWords.objects.create(leave=made, text=said)
    log(
        "leave.asked",
        made,
        by,
        asked_as=asked_as,
        first_day=made.first_day.isoformat(),
        last_day=made.last_day.isoformat(),
    )
    return made, True


def require_time(school: School, wanted: WantedLeave, *, late_days: int) -> None:
    """Raise Refused where an absence can't be at that time."""
    first, last = wanted.first_day, wanted.last_day
    # A time that is wrong in another way is not walked through day by day.
    fault = decide_time(wanted, today=today(school), school_days=1, late_days=late_days)
    if fault is TimeFault.NONE:
        days = len(school_days_between(school, first, last))
        fault = decide_time(wanted, today=today(school), school_days=days, late_days=late_days)
    if fault is not TimeFault.NONE:
        raise errors.time_not_valid(fault)


def _require_free(person: Person, wanted: WantedLeave) -> None:
    zone = ZoneInfo(person.school.time_zone)
    rows = Leave.objects.filter(
        person=person, state__in=OPEN, first_day__lte=wanted.last_day, last_day__gte=wanted.first_day
    )
    if overlaps(span(wanted, zone), [span(wanted_of(one), zone) for one in rows]):
        raise errors.leave_overlaps()


def answer(
    leave: Leave, guardian: Guardian, *, is_yes: bool, recorded_by: User | None = None, reached: str = ""
) -> None:
    """Write what a guardian says, in the transaction that is open, and what follows for the leave."""
    LeaveAnswer.objects.update_or_create(
        leave=leave,
        guardian=guardian,
        defaults={
            "is_yes": is_yes,
            "answered_at": now(),
            "recorded_by": recorded_by,
            "reached": reached,
        },
    )
    facts = {
        "leave": str(leave.id),
        "guardian": str(guardian.id),
        "by": recorded_by.pk if recorded_by else None,
    }
    event = "leave.confirmed" if is_yes else "leave.objected"
    record(event, subject=leave.person_id, facts=facts, personal={})
    settle(leave)


def settle(leave: Leave) -> None:
    """Write the state that follows from what guardians and staff said."""
    answers = list(LeaveAnswer.objects.filter(leave=leave).values_list("is_yes", flat=True))
    approvals = LeaveApproval.objects.filter(leave=leave).count()
    state = decide_state(answers, approvals, needed_for(leave.person.school, leave.kind))
    leave.state = state.value
    leave.closed_at = now() if state.value == Leave.State.WITHDRAWN else None
    leave.save(update_fields=["state", "closed_at"])


def log(event: str, leave: Leave, by: User, **facts: str) -> None:
    """Write into the log what was done to a leave, and by whom."""
    record(event, subject=leave.person_id, facts={"leave": str(leave.id), "by": by.pk, **facts}, personal={})
