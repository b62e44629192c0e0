"""The school's mail goes out: the server's settings, and the one place that talks to it."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from uuid import UUID

from django.core.mail.utils import DNS_NAME

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.transactions import atomic
from willing.jobs.registry import TryLater
from willing.mail import errors
from willing.mail.connections import checked, open_password, require_encrypted, sealed_for
from willing.mail.models import Encryption, MailServer
from willing.mail.rules import fault_of, refused_for_good
from willing.people.models import School

TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class NewServer:
    """Settings as the administrator gives them. password: None keeps the one that is there."""

    host: str
    port: int
    encryption: str
    sender: str
    username: str = ""
    password: str | None = None


@dataclass(frozen=True)
class Draft:
    """A mail as it goes out. id: the same mail sent twice is known by it."""

    id: UUID
    to: str
    subject: str
    text: str


@atomic
def set_mail_server(school: School, new: NewServer, *, by: User) -> MailServer:
    """Set which server takes the school's mail. Raises Refused mail_not_encrypted."""
    require_encrypted(new)
    kept = MailServer.objects.filter(school=school).first()
    server, _ = MailServer.objects.update_or_create(
        school=school,
        defaults={
            "host": new.host,
            "port": new.port,
            "encryption": new.encryption,
            "username": new.username,
            "sealed_password": sealed_for(new, kept, _bound_to(school.pk)),
            "sender": new.sender,
            "user": by,
            "set_at": now(),
            "worked_at": None,
        },
    )
    facts = {"host": new.host, "port": new.port, "encryption": new.encryption, "by": by.pk}
    record("mail_server.set", subject=school.id, facts=facts, personal={})
    return server


@atomic
def remove_mail_server(school: School, *, by: User) -> None:
    """Send no more mail."""
    removed, _ = MailServer.objects.filter(school=school).delete()
    if removed:
        record("mail_server.removed", subject=school.id, facts={"by": by.pk}, personal={})


def send_test(school: School, to: str, subject: str, text: str) -> None:
    """Send one message now, and note that the server took it.

    Raises Refused mail_not_set_up, mail_server_failed, mail_address_refused.
    """
    server = find_mail_server(school)
    if server is None:
        raise errors.mail_not_set_up()
    try:
        send_draft(server, Draft(new_id(), to, subject, text))
    except smtplib.SMTPRecipientsRefused as refused:
        code = refused_for_good(refused)
        raise errors.mail_address_refused(code) if code else errors.mail_server_failed("later") from None
    except (smtplib.SMTPException, OSError) as error:
        raise errors.mail_server_failed(fault_of(error)) from None
    MailServer.objects.filter(pk=server.pk, set_at=server.set_at).update(worked_at=now())


def find_mail_server(school: School) -> MailServer | None:
    """Return the school's mail server, or None."""
    return MailServer.objects.select_related("school").filter(school=school).first()


def send_draft(server: MailServer, draft: Draft) -> None:
    """Hand a mail to the server. Raises SMTPException, OSError."""
    message = EmailMessage()
    message["From"] = formataddr((server.school.name, server.sender))
    message["To"] = draft.to
    message["Subject"] = draft.subject
    message["Date"] = formatdate(now().timestamp())
    message["Message-ID"] = f"<{draft.id}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office note answers it
    message.set_content(draft.text)
    with _connection(server) as connection:
        connection.send_message(message, server.sender, [draft.to])


def deliver(server: MailServer, draft: Draft) -> bool:
    """Send a mail to a member of staff. Return whether it was taken; False where its address is refused.

    Raises TryLater where the server can't take it now.
    """
    try:
        send_draft(server, draft)
    except smtplib.SMTPRecipientsRefused as refused:
        if refused_for_good(refused) is None:
            raise TryLater("later") from None
        return False
    except (smtplib.SMTPException, OSError) as error:
        raise TryLater(fault_of(error)) from None
    return True


@contextmanager
def _connection(server: MailServer) -> Iterator[smtplib.SMTP]:
    """Lend a connection, its certificate checked. It is closed whatever happens, half-opened ones too.

    A farewell that gets no answer is no fault: what was sent before it has been taken.
    """
    with closing(_connect(server)) as connection:
        if server.encryption == Encryption.STARTTLS:
            connection.starttls(context=checked())
        if server.username:
            _sign_in(connection, server)
        yield connection
        with suppress(smtplib.SMTPServerDisconnected, ssl.SSLError):
            connection.quit()


def _connect(server: MailServer) -> smtplib.SMTP:
    name = DNS_NAME.get_fqdn()
    if server.encryption == Encryption.TLS:
        return smtplib.SMTP_SSL(server.host, server.port, name, timeout=TIMEOUT_SECONDS, context=checked())
    return smtplib.SMTP(server.host, server.port, name, timeout=TIMEOUT_SECONDS)


def _sign_in(connection: smtplib.SMTP, server: MailServer) -> None:
    """Sign in. A server that hangs up on a wrong password has answered as well."""
    try:
        connection.login(server.username, open_password(server.sealed_password, _bound_to(server.school_id)))
    except smtplib.SMTPServerDisconnected as error:
        raise smtplib.SMTPAuthenticationError(535, b"hung up") from error


def _bound_to(school_id: UUID) -> str:
    return f"mail server of school {school_id}"
