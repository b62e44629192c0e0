"""The writers of mail: put into the outbox with what it tells of, sent by the worker, refused, dropped."""

import smtplib
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from willing.accounts.addresses import address_digest
from willing.accounts.models import User
from willing.audit.actions import record
from willing.audit.clock_state import recorded_before
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.jobs.actions import drop_jobs, drop_untried_jobs, enqueue, retry_jobs
from willing.jobs.registry import TryLater
from willing.mail.codes import forget_code, open_code
from willing.mail.models import ON_REQUEST, Mail, MailServer, MailStop, MailWish, Topic
from willing.mail.rules import fault_of, refused_for_good
from willing.mail.sending import Draft, find_mail_server, send_draft
from willing.mail.texts import still_holds, text_of
from willing.mail.wishes import topics_of
from willing.people.models import Guardian, Person, School

# What a family must learn within minutes goes out by a worker of its own, however many other mails wait.
JOB, URGENT_JOB = "mail", "urgent-mail"
JOBS = (JOB, URGENT_JOB)
URGENT = (Topic.ABSENT,)
EVENTS = {
    Mail.State.SENT: "mail.sent",
    Mail.State.REFUSED: "mail.refused",
    Mail.State.DROPPED: "mail.dropped",
}


@atomic
def write_to(guardians: Sequence[Guardian], topic: Topic, person: Person, *, day: date | None = None) -> int:
    """Put a mail about a person into the outbox for each guardian who wants it. Return how many.

    day: of which it tells, where it is about one; the caller makes sure that it is the first of that day.

    In the caller's transaction: what is undone sends nothing. Before a mail server is set up nothing is kept
    either; a mail of last month would only confuse.
    """
    school = person.school
    if not school.public_address or not MailServer.objects.filter(school=school).exists():
        return 0
    wanted = _who_wants([one for one in guardians if one.email], topic)
    refused = _refused([address_digest(one.email) for one in wanted])
    new = [
        Mail(guardian=one, person=person, topic=topic, day=day)
        for one in wanted
        if address_digest(one.email) not in refused
    ]
    Mail.objects.bulk_create(new)
    _enqueue(new)
    return len(new)


@atomic
def write_each(pairs: Sequence[tuple[Guardian, Person]], topic: Topic) -> list[Mail]:
    """Put one mail for each guardian and person into the outbox, and return them in that order.

    The caller has asked `unreachable` whom no mail reaches. In the caller's transaction.
    """
    new = [Mail(guardian=guardian, person=person, topic=topic) for guardian, person in pairs]
    Mail.objects.bulk_create(new)
    _enqueue(new)
    return new


def _enqueue(mails: Sequence[Mail]) -> None:
    """Let each mail be sent by the worker of what it is about."""
    enqueue(URGENT_JOB, [one.id for one in mails if one.topic in URGENT])
    enqueue(JOB, [one.id for one in mails if one.topic not in URGENT])


class Unreached(StrEnum):
    """Why no mail reaches a guardian."""

    NO_SERVER = "no_server"
    NO_ADDRESS = "no_address"
    REFUSED = "refused"
    NOT_WANTED = "not_wanted"


def unreachable(school: School, guardians: Sequence[Guardian], topic: Topic) -> dict[UUID, Unreached]:
    """Return whom no mail about a topic reaches, and why; a few statements, however many there are."""
    if not school.public_address or not MailServer.objects.filter(school=school).exists():
        return {one.id: Unreached.NO_SERVER for one in guardians}
    wanted = {one.id for one in _who_wants(guardians, topic)}
    digests = {one.id: address_digest(one.email) for one in guardians if one.email}
    refused = _refused(list(digests.values()))
    found: dict[UUID, Unreached] = {}
    for one in guardians:
        if not one.email:
            found[one.id] = Unreached.NO_ADDRESS
        elif digests[one.id] in refused:
            found[one.id] = Unreached.REFUSED
        elif one.id not in wanted:
            found[one.id] = Unreached.NOT_WANTED
    return found


@atomic
def withdraw(mail_ids: Sequence[UUID]) -> set[UUID]:
    """Take mails back that no worker has begun to send. Return which; the others may have gone out."""
    untried = set().union(*(drop_untried_jobs(kind, mail_ids) for kind in JOBS))
    rows = lock(Mail.objects).filter(pk__in=untried, state=Mail.State.WAITING)
    taken_back = list(rows.select_related("guardian"))
    for mail in taken_back:
        _settle(mail, Mail.State.DROPPED)
    return {one.id for one in taken_back}


def _who_wants(guardians: Sequence[Guardian], topic: Topic) -> list[Guardian]:
    if topic in ON_REQUEST:
        asked = set(MailWish.objects.filter(topic=topic).values_list("guardian_id", flat=True))
        return [one for one in guardians if one.id in asked]
    stopped = set(MailStop.objects.filter(topic=topic).values_list("guardian_id", flat=True))
    return [one for one in guardians if one.id not in stopped]


def _refused(digests: Sequence[str]) -> set[str]:
    rows = Mail.objects.filter(state=Mail.State.REFUSED, address_digest__in=digests)
    return set(rows.values_list("address_digest", flat=True))


def send(mail_id: UUID) -> None:
    """Send a mail that waits. Killed between the server's answer and our note of it, it is sent once more.

    Raises TryLater where the server can't take it now.
    """
    mail = Mail.objects.select_related("guardian", "person__school").filter(pk=mail_id).first()
    if mail is None or mail.state != Mail.State.WAITING:
        return
    server = find_mail_server(mail.person.school)
    if server is None or not mail.guardian.email or _is_stopped(mail) or not still_holds(mail):
        _settle(mail, Mail.State.DROPPED)
        return
    secret = open_code(mail)
    if mail.topic == Topic.INVITE and not secret:
        _settle(mail, Mail.State.DROPPED)
        return
    subject, text = text_of(mail, secret)
    try:
        send_draft(server, Draft(mail.id, mail.guardian.email, subject, text))
    except smtplib.SMTPRecipientsRefused as refused:
        code = refused_for_good(refused)
        if code is None:
            raise TryLater("later") from None
        _settle(mail, Mail.State.REFUSED, code)
    except (smtplib.SMTPException, OSError) as error:
        raise TryLater(fault_of(error)) from None
    else:
        _settle(mail, Mail.State.SENT)
        MailServer.objects.filter(pk=server.pk, set_at=server.set_at).update(worked_at=now())


def _is_stopped(mail: Mail) -> bool:
    return not _who_wants([mail.guardian], Topic(mail.topic))


@atomic
def _settle(mail: Mail, state: Mail.State, reply_code: int | None = None) -> None:
    row = lock(Mail.objects).filter(pk=mail.pk, state=Mail.State.WAITING).first()
    if row is None:
        return
    row.state, row.settled_at, row.reply_code = state, now(), reply_code
    row.address_digest = address_digest(mail.guardian.email) if state == Mail.State.REFUSED else ""
    row.save(update_fields=["state", "settled_at", "reply_code", "address_digest"])
    forget_code(row.id)
    facts = {"mail": str(row.id), "topic": row.topic, "guardian": str(row.guardian_id)}
    if state == Mail.State.REFUSED:
        facts["reply_code"] = str(reply_code)
    record(EVENTS[state], subject=row.person_id, facts=facts, personal={})


def refuse_sent(mail: Mail, reply_code: int) -> None:
    """Note that a mail came back for good, as if its server had refused it; twice changes nothing.

    Needs the mail's row locked, inside a transaction.
    """
    if mail.state != Mail.State.SENT:
        return
    mail.state, mail.reply_code, mail.address_digest = (
        Mail.State.REFUSED,
        reply_code,
        address_digest(mail.guardian.email),
    )
    mail.save(update_fields=["state", "reply_code", "address_digest"])
    facts = {"mail": str(mail.id), "topic": mail.topic, "guardian": str(mail.guardian_id)}
    facts["reply_code"] = str(reply_code)
    record("mail.refused", subject=mail.person_id, facts=facts, personal={})


@atomic
def try_again(school: School, mail_ids: Sequence[UUID], *, by: User) -> int:
    """Let mails that were refused, or that the worker gave up, go out once more. Return how many."""
    rows = lock(Mail.objects).filter(pk__in=mail_ids, person__school=school)
    # The code of an invitation is gone with its refusal; the office makes a new one.
    refused: list[Mail] = [
        one for one in rows if one.state == Mail.State.REFUSED and one.topic != Topic.INVITE
    ]
    waiting = [one for one in rows if one.state == Mail.State.WAITING]
    for one in refused:
        one.state, one.settled_at, one.reply_code, one.address_digest = Mail.State.WAITING, None, None, ""
        one.save(update_fields=["state", "settled_at", "reply_code", "address_digest"])
    _enqueue(refused)
    tried = len(refused) + sum(retry_jobs(kind, [one.id for one in waiting]) for kind in JOBS)
    if tried:
        record("mail.retried", subject=school.id, facts={"mails": tried, "by": by.pk}, personal={})
    return tried


@atomic
def drop_waiting(school: School, *, by: User) -> int:
    """Send nothing of what waits. Return how many mails that are."""
    rows: list[Mail] = list(lock(Mail.objects).filter(state=Mail.State.WAITING, person__school=school))
    for one in rows:
        one.state, one.settled_at = Mail.State.DROPPED, now()
        one.save(update_fields=["state", "settled_at"])
        forget_code(one.id)
    for kind in JOBS:
        drop_jobs(kind, [one.id for one in rows])
    if rows:
        record("mail.outbox_emptied", subject=school.id, facts={"mails": len(rows), "by": by.pk}, personal={})
    return len(rows)


@atomic
def set_topics(guardian: Guardian, wanted: Sequence[str]) -> None:
    """Record about which topics a guardian wants mail."""
    lock(Guardian.objects).get(pk=guardian.pk)
    before, after = set(topics_of(guardian)), set(wanted) & set(Topic.values)
    if before == after:
        return
    MailWish.objects.filter(guardian=guardian).exclude(topic__in=after).delete()
    MailStop.objects.filter(guardian=guardian, topic__in=after).delete()
    asked = [one for one in sorted(after - before) if one in ON_REQUEST]
    stops = [one for one in sorted(before - after) if one not in ON_REQUEST]
    MailWish.objects.bulk_create([MailWish(guardian=guardian, topic=one) for one in asked])
    MailStop.objects.bulk_create([MailStop(guardian=guardian, topic=one) for one in stops])
    facts = {"stopped": sorted(set(Topic.values) - after)}
    record("mail.topics_set", subject=guardian.id, facts=facts, personal={})


@atomic
def purge_mails(before: datetime, limit: int) -> int:
    """Delete what was settled before then; that an address is refused is kept while a guardian has it."""
    settled = Mail.objects.filter(recorded_before("settled_at", before)).select_related("guardian")
    ids = [one.id for one in settled.order_by("settled_at", "id")[: 2 * limit] if not is_still_refused(one)]
    Mail.objects.filter(pk__in=ids[:limit]).delete()
    return len(ids[:limit])


def is_still_refused(mail: Mail) -> bool:
    """Say whether the address that a server refused is still the guardian's."""
    return mail.state == Mail.State.REFUSED and mail.address_digest == address_digest(mail.guardian.email)
