"""The writers of attempts to reach a family: one contact after another, until one answers.

A message goes out once: by e-mail as the outbox does it, by a port at most once, whatever crashes meanwhile.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from django.utils import translation

from willing.accounts.models import User
from willing.attendance.message_models import AbsenceMessage, ContactTry, MessageRun
from willing.attendance.message_ports import PortMessage, find_port
from willing.attendance.message_queries import (
    MAIL,
    ContactWay,
    evidence_of,
    is_settled,
    message_settings,
    usable,
    ways_of,
)
from willing.attendance.message_rules import (
    WAIT_LOOK_SECONDS_MAX,
    MessageVerdict,
    count_down,
    decide_message,
    is_follow_up_due,
    way_after,
)
from willing.attendance.message_texts import text_for
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.jobs.actions import drop_untried_jobs, enqueue
from willing.mail.models import Mail, Topic
from willing.mail.outbox import withdraw, write_each
from willing.people.models import School
from willing.people.queries import today

JOB = "absence-port"
NOT_DELIVERED = (ContactTry.State.FAILED, ContactTry.State.WITHDRAWN)


def try_next(school: School, messages: Sequence[AbsenceMessage]) -> int:
    """Message the next contact of each, where there is one. Return how many. In the caller's transaction."""
    ways = ways_of(school, [one.person_id for one in messages])
    tried: defaultdict[UUID, set[tuple[object, str]]] = defaultdict(set)
    for one in ContactTry.objects.filter(message__in=messages, is_clear=False):
        tried[one.message_id].add((one.guardian_id, one.channel))
    chosen: list[tuple[AbsenceMessage, ContactWay]] = []
    for message in messages:
        found = usable(ways[message.person_id])
        place = way_after([one.key for one in found], tried[message.pk])
        if place is not None:
            chosen.append((message, found[place]))
    _begin(chosen, is_clear=False)
    return len(chosen)


def _begin(chosen: Sequence[tuple[AbsenceMessage, ContactWay]], *, is_clear: bool) -> None:
    pairs = [(way.guardian, message.person) for message, way in chosen if way.channel == MAIL]
    mails = iter(write_each(pairs, Topic.ABSENT))
    tries = [
        ContactTry(
            message=message,
            guardian=way.guardian,
            channel=way.channel,
            is_clear=is_clear,
            mail=next(mails) if way.channel == MAIL else None,
            begun_at=now(),
        )
        for message, way in chosen
    ]
    ContactTry.objects.bulk_create(tries)
    enqueue(JOB, [one.id for one in tries if one.channel != MAIL])


def hand_over(try_id: UUID) -> None:
    """Give a message to its port: once. What is noted first is never given again, whatever the port does."""
    one = _take(try_id)
    if one is None:
        return
    port = find_port(one.channel)
    if port is None:
        _settle(one, ContactTry.State.FAILED)
        return
    with translation.override(one.guardian.language):
        text = text_for(one)
    message = PortMessage(one.id, one.guardian.phone, one.guardian.language, text)
    _settle(one, ContactTry.State.SENT if port.send(message) else ContactTry.State.FAILED)


@atomic
def _take(try_id: UUID) -> ContactTry | None:
    rows = lock(ContactTry.objects).select_related("guardian", "message__person__school")
    one = rows.filter(pk=try_id, state=ContactTry.State.WAITING).first()
    if one is None:
        return None
    if one.message.day != today(one.message.person.school):
        _settle(one, ContactTry.State.FAILED)
        return None
    ContactTry.objects.filter(pk=one.pk).update(state=ContactTry.State.HANDED)
    return one


def _settle(one: ContactTry, state: ContactTry.State) -> None:
    ContactTry.objects.filter(pk=one.pk).update(state=state, settled_at=now())


def follow_up(run: MessageRun) -> None:
    """Look at what went out: who has come, which address failed, whose next contact is due."""
    at = now()
    failed = _note_mails(run)
    if not failed and not is_follow_up_due(run.looked_at, at):
        return
    _follow_up(run)


def _note_mails(run: MessageRun) -> int:
    """Note what became of the e-mails of a run. Return how many have failed newly."""
    states = {
        Mail.State.SENT: ContactTry.State.SENT,
        Mail.State.REFUSED: ContactTry.State.FAILED,
        Mail.State.DROPPED: ContactTry.State.FAILED,
    }
    failed = 0
    rows = ContactTry.objects.filter(message__run=run, channel=MAIL)
    for mail_state, state in states.items():
        changed = rows.filter(mail__state=mail_state).exclude(state__in=[state, ContactTry.State.WITHDRAWN])
        number = changed.update(state=state, settled_at=now()) if changed.exists() else 0
        failed += number if state == ContactTry.State.FAILED else 0
    return failed


@atomic
def _follow_up(run: MessageRun) -> None:
    held = lock(MessageRun.objects).select_related("school").get(pk=run.pk)
    left = count_down(held.seconds_left, held.looked_at, now(), at_most=WAIT_LOOK_SECONDS_MAX)
    open_ones = _open(held)
    minutes = message_settings(held.school).next_minutes
    is_round = bool(held.seconds_left and not left and minutes)
    due = [one for one in open_ones if is_round or _has_failed(one)]
    tried = try_next(held.school, due)
    held.seconds_left = (minutes or 0) * 60 if is_round and tried else left
    held.looked_at = now()
    held.save(update_fields=["seconds_left", "looked_at"])
    if tried:
        record("absence_messages.next_tried", subject=held.id, facts={"messages": tried}, personal={})


def _has_failed(message: AbsenceMessage) -> bool:
    tries = [one for one in message.tries.all() if not one.is_clear]
    return bool(tries) and all(one.state in NOT_DELIVERED for one in tries)


def _open(run: MessageRun) -> list[AbsenceMessage]:
    """Return those messages of a run that nobody has answered; who has come is cleared meanwhile."""
    rows = AbsenceMessage.objects.filter(run=run, state=AbsenceMessage.State.SENT)
    sent = list(rows.select_related("person__school").prefetch_related("tries"))
    found = evidence_of(run.school, run.day, run.number, [one.person_id for one in sent], but=run.pk)
    wrong: list[AbsenceMessage] = []
    came: list[AbsenceMessage] = []
    still: list[AbsenceMessage] = []
    for one in sent:
        evidence = found[one.person_id]
        verdict = decide_message(evidence)
        if verdict is MessageVerdict.HERE:
            (wrong if evidence.was_there else came).append(one)
        elif not is_settled(one) and verdict in (MessageVerdict.MESSAGE, MessageVerdict.HERE_EARLIER):
            still.append(one)
    clear_messages(wrong, AbsenceMessage.Cleared.WRONG)
    clear_messages(came, AbsenceMessage.Cleared.CAME)
    return still


@atomic
def try_next_contact(message: AbsenceMessage, *, by: User) -> bool:
    """Message the next contact now. Return whether there was one that no message went to yet."""
    held = lock(AbsenceMessage.objects).select_related("person__school").get(pk=message.pk)
    if held.state != AbsenceMessage.State.SENT or not try_next(held.person.school, [held]):
        return False
    record(
        "absence_messages.next_tried", subject=held.run_id, facts={"messages": 1, "by": by.pk}, personal={}
    )
    return True


@atomic
def clear_messages(messages: Collection[AbsenceMessage], how: AbsenceMessage.Cleared) -> int:
    """Stop messages about pupils who are here, and say so to those who read otherwise. Return to how many.

    What no worker has begun to send is taken back; its reader got nothing and gets nothing now.
    """
    ids = [one.pk for one in messages]
    rows = lock(AbsenceMessage.objects).filter(pk__in=ids).select_related("person__school")
    held = {one.pk: one for one in rows}
    waiting = [one.pk for one in held.values() if one.state == AbsenceMessage.State.WAITING]
    AbsenceMessage.objects.filter(pk__in=waiting).update(
        state=AbsenceMessage.State.NOT_SENT, reason=MessageVerdict.HERE.value
    )
    sent = [one for one in held.values() if one.state == AbsenceMessage.State.SENT]
    if not sent:
        return 0
    AbsenceMessage.objects.filter(pk__in=[one.pk for one in sent]).update(
        state=AbsenceMessage.State.CLEARED, cleared_as=how.value
    )
    gone_out = _take_back([one.pk for one in sent])
    clear = [
        (held[one.message_id], ContactWay(one.guardian, one.channel)) for one in _once_each_channel(gone_out)
    ]
    _begin(clear, is_clear=True)
    facts = {"pupils": len(sent), "messages": len(clear), "as": how.value}
    for run_id in sorted({one.run_id for one in sent}):
        record("absence_messages.cleared", subject=run_id, facts=facts, personal={})
    return len(clear)


def _take_back(message_ids: Sequence[UUID]) -> list[ContactTry]:
    """Take back what has not gone out. Return what has, or may have."""
    tries = list(
        lock(ContactTry.objects).filter(message_id__in=message_ids, is_clear=False).select_related("guardian")
    )
    mails = withdraw([one.mail_id for one in tries if one.mail_id is not None])
    handed = [one.id for one in tries if one.channel != MAIL and one.state == ContactTry.State.WAITING]
    drop_untried_jobs(JOB, handed)
    gone = {one.pk for one in tries if one.mail_id in mails} | set(handed)
    ContactTry.objects.filter(pk__in=gone).update(state=ContactTry.State.WITHDRAWN, settled_at=now())
    return [one for one in tries if one.pk not in gone and one.state not in NOT_DELIVERED]


def _once_each_channel(attempts: Sequence[ContactTry]) -> list[ContactTry]:
    return list({(one.message_id, one.guardian_id, one.channel): one for one in attempts}.values())
