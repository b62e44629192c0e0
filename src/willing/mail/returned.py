"""E-mails come back: the settings of the mailbox to which they do, and the job that reads it.

Only delivery reports are fetched, by their header; of everything else this sees the size and that one header.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.jobs.actions import enqueue
from willing.mail.connections import checked, open_password, require_encrypted, sealed_for
from willing.mail.models import Encryption, Mail, MailInbox
from willing.mail.outbox import refuse_sent
from willing.mail.reports import REPORT_BYTES_MAX, DeliveryReport, is_report_header, read_report
from willing.mail.rules import tls_fault_of
from willing.people.models import School

JOB = "mail-inbox"
MINUTES_BETWEEN = 15
TIMEOUT_SECONDS = 15
MAILS_A_READING_MAX = 200
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


@dataclass(frozen=True)
class NewInbox:
    """Settings as the administrator gives them. password: None keeps the one that is there."""

    host: str
    port: int
    encryption: str
    username: str
    password: str | None = None


class InboxFault(Exception):
    """The mailbox could not be read. fault: a word of `errors.FAULTS`."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@atomic
def set_mail_inbox(school: School, new: NewInbox, *, by: User) -> MailInbox:
    """Set which mailbox is read for returned e-mails. Raises Refused mail_not_encrypted."""
    require_encrypted(new)
    kept = MailInbox.objects.filter(school=school).first()
    inbox, _ = MailInbox.objects.update_or_create(
        school=school,
        defaults={
            "host": new.host,
            "port": new.port,
            "encryption": new.encryption,
            "username": new.username,
            "sealed_password": sealed_for(new, kept, _bound_to(school.pk)),
            "user": by,
            "set_at": now(),
            "tried_at": None,
            "read_at": None,
            "fault": "",
            "uid_validity": 0,
            "uid_last": 0,
        },
    )
    facts = {"host": new.host, "port": new.port, "encryption": new.encryption, "by": by.pk}
    record("mail_inbox.set", subject=school.id, facts=facts, personal={})
    return inbox


@atomic
def remove_mail_inbox(school: School, *, by: User) -> None:
    """Read no mailbox any more."""
    removed, _ = MailInbox.objects.filter(school=school).delete()
    if removed:
        record("mail_inbox.removed", subject=school.id, facts={"by": by.pk}, personal={})


def find_mail_inbox(school: School) -> MailInbox | None:
    """Return the mailbox that is read, or None."""
    return MailInbox.objects.filter(school=school).first()


def enqueue_due() -> None:
    """Put a reading into the queue for each mailbox that was not tried for a quarter of an hour."""
    at, between = now(), timedelta(minutes=MINUTES_BETWEEN)
    due = [
        one.school_id
        for one in MailInbox.objects.all()
        if one.tried_at is None or abs(at - one.tried_at) >= between
    ]
    if due:
        enqueue(JOB, due)


def read_inbox(school_id: UUID) -> None:
    """Read what came since the last time, and note what went wrong; it is tried again in its turn."""
    inbox = MailInbox.objects.filter(pk=school_id).first()
    if inbox is None:
        return
    fault = ""
    try:
        with _mailbox(inbox) as connection:
            _read_new(inbox, connection)
    except InboxFault as found:
        fault = found.fault
    changes = {"tried_at": now(), "fault": fault}
    if not fault:
        changes["read_at"] = changes["tried_at"]
    MailInbox.objects.filter(pk=inbox.pk, set_at=inbox.set_at).update(**changes)


@contextmanager
def _mailbox(inbox: MailInbox) -> Iterator[imaplib.IMAP4]:
    """Lend a connection that is signed in, its certificate checked. Raises InboxFault."""
    try:
        connection = _connect(inbox)
    except (OSError, imaplib.IMAP4.error) as error:
        raise InboxFault(_fault_of(error)) from None
    try:
        if inbox.encryption == Encryption.STARTTLS:
            _start_tls(connection)
        _sign_in(connection, inbox)
        yield connection
    except (OSError, imaplib.IMAP4.error) as error:
        _drop(connection)
        raise InboxFault(_fault_of(error)) from None
    except BaseException:
        _drop(connection)
        raise
    _hang_up(connection)


def _hang_up(connection: imaplib.IMAP4) -> None:
    """Take leave. What was read has been recorded, so a server that is gone by now is no fault."""
    try:
        connection.logout()
    except (OSError, imaplib.IMAP4.error):
        _drop(connection)


def _drop(connection: imaplib.IMAP4) -> None:
    """Close without a farewell: it may not be heard for another quarter of a minute."""
    with suppress(OSError):  # a certificate that was refused has closed it already
        connection.shutdown()


def _connect(inbox: MailInbox) -> imaplib.IMAP4:
    if inbox.encryption == Encryption.TLS:
        return imaplib.IMAP4_SSL(inbox.host, inbox.port, ssl_context=checked(), timeout=TIMEOUT_SECONDS)
    return imaplib.IMAP4(inbox.host, inbox.port, timeout=TIMEOUT_SECONDS)


def _start_tls(connection: imaplib.IMAP4) -> None:
    if "STARTTLS" not in connection.capabilities:
        raise InboxFault("no_starttls")
    connection.starttls(checked())


def _sign_in(connection: imaplib.IMAP4, inbox: MailInbox) -> None:
    password = open_password(inbox.sealed_password, _bound_to(inbox.school_id))
    try:
        connection.login(inbox.username, password)
    except imaplib.IMAP4.error:
        raise InboxFault("sign_in") from None


def _fault_of(error: OSError | imaplib.IMAP4.error) -> str:
    if isinstance(error, socket.gaierror):
        return "no_server"
    if isinstance(error, ssl.SSLError):
        return tls_fault_of(error)
    return "no_answer" if isinstance(error, OSError | imaplib.IMAP4.abort) else "inbox"


def _read_new(inbox: MailInbox, connection: imaplib.IMAP4) -> None:
    """Look at what came since the last time, a limited number; what is understood is taken away."""
    if connection.select("INBOX")[0] != "OK":
        raise InboxFault("inbox")
    (validity,) = connection.response("UIDVALIDITY")[1]
    known = int(validity or 0)
    last = inbox.uid_last if known == inbox.uid_validity else 0
    found = connection.uid("SEARCH", f"UID {last + 1}:*")[1][0] or b""
    # "n:*" names the newest one also where it is older than n.
    uids = sorted(uid for uid in map(int, found.split()) if uid > last)[:MAILS_A_READING_MAX]
    for uid in uids:
        raw = _fetch_report(connection, uid)
        # Before it is read: one that breaks the reading must not be met again and again.
        MailInbox.objects.filter(pk=inbox.pk, set_at=inbox.set_at).update(uid_validity=known, uid_last=uid)
        if raw is not None:
            _take(inbox, connection, uid, read_report(raw))


def _fetch_report(connection: imaplib.IMAP4, uid: int) -> bytes | None:
    """Return a mail whose header says that it is a delivery report; None for any other, left unread."""
    found = connection.uid("FETCH", str(uid), "(RFC822.SIZE BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE)])")[1]
    described = b" ".join(part if isinstance(part, bytes) else b" ".join(part) for part in found if part)
    if not is_report_header(described.decode("latin-1")):
        return None
    size = _SIZE.search(described)
    if size and int(size[1]) > REPORT_BYTES_MAX:
        return b" " * (REPORT_BYTES_MAX + 1)  # refused for its size, without fetching it
    whole = connection.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{REPORT_BYTES_MAX + 1}>)")[1]
    return next((part[1] for part in whole if isinstance(part, tuple)), None)


def _take(inbox: MailInbox, connection: imaplib.IMAP4, uid: int, report: object) -> None:
    """Record what a report says and delete it; leave any other where it is, and count it."""
    rows = MailInbox.objects.filter(pk=inbox.pk)
    if not isinstance(report, DeliveryReport) or not _record(inbox.school_id, report):
        rows.update(left=F("left") + 1)
        return
    rows.update(taken=F("taken") + 1)
    connection.uid("STORE", str(uid), "+FLAGS", r"(\Seen \Deleted)")
    if "UIDPLUS" in connection.capabilities:  # else it would delete what others have marked as well
        connection.uid("EXPUNGE", str(uid))


@atomic
def _record(school_id: UUID, report: DeliveryReport) -> bool:
    """Say whether a report is about a mail of ours to the address it names; a final one stops it."""
    rows = lock(Mail.objects).select_related("guardian")
    mail = rows.filter(pk=report.mail_id, person__school_id=school_id).first()
    if mail is None or mail.guardian.email.strip().casefold() not in report.recipients:
        return False
    if report.is_final:
        refuse_sent(mail, report.reply_code)
    return True


def _bound_to(school_id: UUID) -> str:
    return f"mailbox of school {school_id}"
