"""The writers of messages that a child came in or went out, to the guardians who chose them.

Each goes out once or not at all: it is taken off the list before it is sent. Nothing keeps that it was sent,
and no entry of the log is made for it, whose time would tell when somebody passed a gate.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.utils import translation

from willing.attendance.message_ports import PortMessage, ports
from willing.audit.actions import record
from willing.consent.errors import not_a_guardian
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.gate.message_models import MessageChoice, PassageMessage
from willing.gate.message_rules import is_message_due
from willing.gate.message_texts import subject_and_text
from willing.gate.models import Passage
from willing.jobs.actions import enqueue
from willing.jobs.registry import TryLater
from willing.mail.models import Topic
from willing.mail.outbox import Unreached, unreachable
from willing.mail.sending import Draft, deliver, find_mail_server
from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians

JOB = "gate-message"
log = logging.getLogger("willing.gate")


@atomic
def choose_messages(guardian: Guardian, person: Person, *, wants_in: bool, wants_out: bool) -> None:
    """Record about which passages of a child a guardian wants a message. Raises Refused not_a_guardian."""
    if guardian not in listed_guardians(person.id):
        raise not_a_guardian()
    if wants_in or wants_out:
        MessageChoice.objects.update_or_create(
            guardian=guardian, person=person, defaults={"wants_in": wants_in, "wants_out": wants_out}
        )
    else:
        MessageChoice.objects.filter(guardian=guardian, person=person).delete()
    facts = {"guardian": str(guardian.id), "in": wants_in, "out": wants_out}
    record("gate_messages.set", subject=person.id, facts=facts, personal={})


def message_guardians(passages: Sequence[Passage]) -> None:
    """Put a message about each new passage on the list of each guardian who wants one.

    In the caller's transaction, which makes each passage once. A visitor has no guardians.
    """
    persons = {one.person_id for one in passages if one.person_id is not None}
    chosen = defaultdict(list)
    for choice in MessageChoice.objects.filter(person_id__in=persons) if persons else ():
        chosen[choice.person_id].append(choice)
    new = [
        PassageMessage(passage=passage, guardian_id=choice.guardian_id)
        for passage in passages
        for choice in (chosen[passage.person_id] if passage.person_id else ())
        if _is_due(passage, choice)
    ]
    PassageMessage.objects.bulk_create(new)
    enqueue(JOB, [one.id for one in new])


def _is_due(passage: Passage, choice: MessageChoice) -> bool:
    return is_message_due(
        passage.direction,
        at=passage.at,
        now=now(),
        is_doubtful=passage.doubt != "",
        wants_in=choice.wants_in,
        wants_out=choice.wants_out,
    )


def send_message(message_id: UUID) -> None:
    """Send a message, once: what was taken off the list is not tried again, whatever becomes of it."""
    message = _take(message_id)
    if message is None:
        return
    guardian, person = message.guardian, message.passage.person
    assert person is not None, "a visitor has no guardians"
    with translation.override(guardian.language):
        subject, text = subject_and_text(person, message.passage.direction)
    try:
        is_sent = _hand_over(message.id, guardian, person, subject, text)
    except TryLater as later:
        # Nobody can say whether the server took it, and a second one would be wrong.
        log.warning("a message about a gate was not sent: %s", later.fault)
    else:
        if not is_sent:
            log.info("no way to send a message about a gate")


@atomic
def _take(message_id: UUID) -> PassageMessage | None:
    """Take a message off the list. Return it where it is still true and wanted."""
    rows = lock(PassageMessage.objects).select_related("guardian", "passage__person__school")
    message = rows.filter(pk=message_id).first()
    if message is None:
        return None
    PassageMessage.objects.filter(pk=message.pk).delete()
    person = message.passage.person
    choice = MessageChoice.objects.filter(guardian=message.guardian, person=person).first()
    if person is None or choice is None or message.guardian not in listed_guardians(person.id):
        return None
    return message if _is_due(message.passage, choice) else None


def _hand_over(message_id: UUID, guardian: Guardian, person: Person, subject: str, text: str) -> bool:
    school = person.school
    fault = unreachable(school, [guardian], Topic.ABSENT).get(guardian.id, Unreached.NOT_WANTED)
    server = find_mail_server(school)
    # NOT_WANTED is about another topic: this one they chose themselves.
    if server is not None and fault is Unreached.NOT_WANTED:
        return deliver(server, Draft(message_id, guardian.email, subject, text))
    port = next((one for one in ports() if guardian.phone and one.reaches(guardian.phone)), None)
    if port is None:
        return False
    said = PortMessage(message_id, guardian.phone, guardian.language, f"{subject}\n\n{text}")
    return port.send(said)


@atomic
def move_choices(gone: Person, kept: Person) -> None:
    """Let what guardians chose for one record be chosen for another: both are one person."""
    have = list(MessageChoice.objects.filter(person=kept).values_list("guardian_id", flat=True))
    MessageChoice.objects.filter(person=gone).exclude(guardian_id__in=have).update(person=kept)
    MessageChoice.objects.filter(person=gone).delete()


@atomic
def move_guardian_choices(gone: Guardian, kept: Guardian) -> None:
    """Let what one record of a guardian chose be the other's, where that has chosen nothing itself."""
    have = list(MessageChoice.objects.filter(guardian=kept).values_list("person_id", flat=True))
    MessageChoice.objects.filter(guardian=gone).exclude(person_id__in=have).update(guardian=kept)
    MessageChoice.objects.filter(guardian=gone).delete()
    PassageMessage.objects.filter(guardian=gone).delete()
