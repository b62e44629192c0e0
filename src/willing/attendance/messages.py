"""The writers of messages about absence: staged, stopped above the cap, held, undone, sent.

Killed at any moment a run is held, or it has gone to the outbox as a whole: that is one transaction.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import close_old_connections
from django.db.models import Q

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.contacting import follow_up, try_next
from willing.attendance.message_models import AbsenceMessage, MessageRun, MessageSettings
from willing.attendance.message_queries import (
    ACTIVE,
    OPEN_RUNS,
    evidence_of,
    families_of,
    message_settings,
    roll_of,
    unexplained_on,
    ways_of,
)
from willing.attendance.message_rules import (
    HOLD_SECONDS,
    LOOK_SECONDS_MAX,
    NEXT_MINUTES_MAX,
    NEXT_MINUTES_MIN,
    MessageRunState,
    MessageVerdict,
    UndoFault,
    count_down,
    decide_message,
    decide_number,
    decide_run,
    decide_undo,
    is_above_cap,
    may_be_chosen,
)
from willing.attendance.models import Register
from willing.attendance.queries import find_settings
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.people.queries import find_school, today


@atomic
def set_messages(
    school: School, *, is_automatic: bool, next_minutes: int | None, by: User
) -> MessageSettings:
    """Set whether messages are staged by themselves, and when the next contact is messaged.

    Raises Refused message_minutes_not_valid.
    """
    if next_minutes is not None and not NEXT_MINUTES_MIN <= next_minutes <= NEXT_MINUTES_MAX:
        raise errors.message_minutes_not_valid()
    settings, _made = MessageSettings.objects.update_or_create(
        school=school, defaults={"is_automatic": is_automatic, "next_minutes": next_minutes}
    )
    facts = {"is_automatic": is_automatic, "next_minutes": next_minutes, "by": by.pk}
    record("absence_messages.settings_changed", subject=school.id, facts=facts, personal={})
    return settings


@atomic
def stage_messages(
    school: School, day: date, number: int, chosen: Collection[UUID] | None = None, *, by: User | None
) -> MessageRun:
    """Stage messages to the families of those absent without a reason; none goes out for ten minutes.

    chosen: those whom a person ticked; None for all of whom both things are missing. Above 5 % of all
    pupils, together with what was staged about this register before, it is stopped instead.
    Raises Refused registers_not_set_up, messages_not_today, nobody_to_message.
    """
    lock(School.objects).get(pk=school.pk)
    if day != today(school):
        raise errors.messages_not_today(day)
    found = unexplained_on(school, day, number)
    if chosen is None:
        persons = [one.person.id for one in found if one.verdict is MessageVerdict.MESSAGE]
    else:
        persons = [one.person.id for one in found if one.person.id in chosen and may_be_chosen(one.verdict)]
    if not persons:
        raise errors.nobody_to_message()
    before = AbsenceMessage.objects.filter(run__school=school, day=day, number=number, state__in=ACTIVE)
    roll = roll_of(school)
    is_stopped = is_above_cap(before.count() + len(persons), roll)
    run = MessageRun.objects.create(
        school=school,
        day=day,
        number=number,
        state=MessageRun.State.STOPPED if is_stopped else MessageRun.State.HELD,
        staged_at=now(),
        staged_by=by,
        families=families_of(ways_of(school, persons)),
        roll=roll,
        seconds_left=HOLD_SECONDS,
        looked_at=now(),
    )
    AbsenceMessage.objects.bulk_create(
        AbsenceMessage(run=run, person_id=one, day=day, number=number) for one in persons
    )
    facts = {"pupils": len(persons), "families": run.families, "is_stopped": is_stopped}
    record(
        "absence_messages.staged", subject=run.id, facts={**facts, "by": by.pk if by else None}, personal={}
    )
    return run


@atomic
def confirm_families(run: MessageRun, typed: int, *, by: User) -> None:
    """Let a stopped run be held as any other: a person typed how many families it is about.

    Raises Refused families_number_wrong.
    """
    held = lock(MessageRun.objects).get(pk=run.pk)
    if not decide_number(MessageRunState(held.state), typed=typed, families=held.families):
        raise errors.families_number_wrong(held.families)
    MessageRun.objects.filter(pk=held.pk).update(
        state=MessageRun.State.HELD, confirmed_by=by, seconds_left=HOLD_SECONDS, looked_at=now()
    )
    facts = {"families": held.families, "by": by.pk}
    record("absence_messages.confirmed", subject=held.id, facts=facts, personal={})


@atomic
def undo_messages(run: MessageRun, *, by: User) -> int:
    """Undo a run that waits: nobody is messaged. Return how many messages that were; twice is once.

    Raises Refused messages_sent, messages_over.
    """
    held = lock(MessageRun.objects).get(pk=run.pk)
    fault = decide_undo(MessageRunState(held.state))
    if fault is not UndoFault.NONE:
        raise errors.messages_not_undone(fault)
    if held.state == MessageRun.State.UNDONE:
        return 0
    _settle(held, MessageRun.State.UNDONE, by=by)
    undone = _let_go(held, "undone")
    facts = {"pupils": undone, "by": by.pk}
    record("absence_messages.undone", subject=held.id, facts=facts, personal={})
    return undone


def _settle(run: MessageRun, state: MessageRun.State, *, by: User | None = None) -> None:
    run.state, run.settled_at, run.settled_by = state, now(), by
    run.save(update_fields=["state", "settled_at", "settled_by", "seconds_left", "looked_at"])


def _let_go(run: MessageRun, reason: str) -> int:
    rows = AbsenceMessage.objects.filter(run=run, state=AbsenceMessage.State.WAITING)
    return rows.update(state=AbsenceMessage.State.NOT_SENT, reason=reason)


@atomic
def advance_run(run: MessageRun) -> None:
    """Count a hold down; send what is left of it when it is over, or let it go where its day is."""
    held = lock(MessageRun.objects).select_related("school").get(pk=run.pk)
    if held.state not in OPEN_RUNS:
        return  # another process was first, or it was undone
    left = held.seconds_left
    if held.state == MessageRun.State.HELD:
        left = count_down(left, held.looked_at, now(), at_most=LOOK_SECONDS_MAX)
    end = decide_run(day=held.day, today=today(held.school), seconds_left=left)
    held.seconds_left, held.looked_at = left, now()
    if end is MessageRunState.LAPSED:
        _settle(held, MessageRun.State.LAPSED)
        facts = {"pupils": _let_go(held, "lapsed")}
        record("absence_messages.lapsed", subject=held.id, facts=facts, personal={})
    elif end is MessageRunState.SENT:
        _send(held)
    elif held.state == MessageRun.State.HELD:
        held.save(update_fields=["seconds_left", "looked_at"])


def _send(run: MessageRun) -> None:
    """Look at everyone once more, and message the first contact of those of whom both are still missing."""
    waiting = {one.person_id: one for one in AbsenceMessage.objects.filter(run=run, state="waiting")}
    found = evidence_of(run.school, run.day, run.number, list(waiting), but=run.pk)
    verdicts = {person_id: decide_message(one) for person_id, one in found.items()}
    for reason in sorted({one for one in verdicts.values() if not may_be_chosen(one)}):
        stopped = [waiting[one].pk for one, verdict in verdicts.items() if verdict is reason]
        AbsenceMessage.objects.filter(pk__in=stopped).update(
            state=AbsenceMessage.State.NOT_SENT, reason=reason.value
        )
    sent = [waiting[one] for one, verdict in verdicts.items() if may_be_chosen(verdict)]
    AbsenceMessage.objects.filter(pk__in=[one.pk for one in sent]).update(state=AbsenceMessage.State.SENT)
    run.seconds_left = (message_settings(run.school).next_minutes or 0) * 60
    _settle(run, MessageRun.State.SENT)
    tries = try_next(run.school, sent)
    facts = {"pupils": len(sent), "stopped": len(waiting) - len(sent), "messages": tries}
    record("absence_messages.sent", subject=run.id, facts=facts, personal={})


def stage_due(school: School) -> int:
    """Stage messages about today's closed registers, where the school wants that by itself. Return how many.

    An undone run is not staged again: a person decided, and a person goes on.
    """
    if find_settings(school) is None or not message_settings(school).is_automatic:
        return 0
    day = today(school)
    closed = Register.objects.filter(group__school=school, day=day, closed_at__isnull=False)
    undone = MessageRun.objects.filter(school=school, day=day, state=MessageRun.State.UNDONE)
    numbers = closed.exclude(number__in=undone.values("number")).values_list("number", flat=True)
    staged = 0
    for number in sorted(set(numbers)):
        if any(one.verdict is MessageVerdict.MESSAGE for one in unexplained_on(school, day, number)):
            stage_messages(school, day, number, by=None)
            staged += 1
    return staged


def advance_runs(school: School) -> None:
    """Look at every run that waits, and at those of today that went out."""
    runs = MessageRun.objects.filter(
        Q(state__in=OPEN_RUNS) | Q(state=MessageRun.State.SENT, day=today(school)), school=school
    )
    for run in runs.order_by("staged_at", "id"):
        if run.state == MessageRun.State.SENT:
            follow_up(run)
        else:
            advance_run(run)


def advance_runs_here() -> None:
    """Do `advance_runs` for the school of this installation, where there is one yet."""
    school = find_school()
    if school is not None:
        advance_runs(school)
    close_old_connections()


def stage_due_here() -> int:
    """Do `stage_due` for the school of this installation, where there is one yet."""
    school = find_school()
    staged = stage_due(school) if school is not None else 0
    close_old_connections()
    return staged
