"""The mailbox of returned e-mails: what is understood stops an address, everything else is left alone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.mail.test_reports import report
from tests.support.imap import Mailbox, mailbox
from tests.support.server import free_port

from willing.audit.models import Entry
from willing.core import clock
from willing.core.errors import Refused
from willing.jobs.actions import run_due
from willing.jobs.models import Job
from willing.mail.models import Mail, MailInbox, Topic
from willing.mail.outbox import write_to
from willing.mail.queries import refused_mails
from willing.mail.returned import NewInbox, enqueue_due, read_inbox, remove_mail_inbox, set_mail_inbox
from willing.people.models import Guardian, School


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


def set_inbox(cast: Any, box: Mailbox, **changes: Any) -> MailInbox:
    said = {
        "host": "127.0.0.1",
        "port": box.port,
        "encryption": "none",
        "username": "lunch",
        "password": "right",
    }
    return set_mail_inbox(cast.school, NewInbox(**{**said, **changes}), by=cast.user("administrator"))


@pytest.fixture
def sent(cast: Any, school: School, gus: Guardian, box: Mailbox) -> Mail:
    """A mail that the server took, and the mailbox that is read."""
    set_inbox(cast, box)
    write_to([gus], Topic.ANSWER, cast.person("Ada"))
    run_due()
    return Mail.objects.get(state="sent")


def test_a_mail_that_came_back_stops_its_address_and_the_report_is_deleted(
    cast: Any, sent: Mail, box: Mailbox, gus: Guardian
) -> None:
    box.put(report(mail_id=sent.id))
    read_inbox(cast.school.pk)
    sent.refresh_from_db()
    assert (sent.state, sent.reply_code) == ("refused", 554)
    assert refused_mails(cast.school) == [sent]
    assert not box.mails
    assert write_to([gus], Topic.ANSWER, cast.person("Ada")) == 0
    inbox = MailInbox.objects.get()
    assert (inbox.taken, inbox.left, inbox.fault) == (1, 0, "")
    assert inbox.read_at is not None
    assert Entry.objects.filter(event="mail.refused", subject=sent.person_id).count() == 1


def test_everything_else_is_never_fetched_and_stays(cast: Any, sent: Mail, box: Mailbox) -> None:
    box.put(b"Subject: To the head\r\nContent-Type: text/plain\r\n\r\nIn confidence")
    box.put(report(mail_id="a-mail-of-another-program"))
    box.put(report(mail_id=sent.id, recipient="stranger@example.org"))  # to whom it was never sent
    box.put(report(mail_id=sent.id) + b" " * 300_000)
    for _ in range(2):  # and none is met a second time
        read_inbox(cast.school.pk)
        assert box.fetched == [2, 3]
    assert (len(box.mails), box.deleted) == (4, set())
    sent.refresh_from_db()
    assert sent.state == "sent"
    inbox = MailInbox.objects.get()
    assert (inbox.taken, inbox.left, inbox.uid_last) == (0, 3, 4)


def test_a_delay_stops_nothing(cast: Any, sent: Mail, box: Mailbox) -> None:
    box.put(report(mail_id=sent.id, action="delayed", status="4.4.1"))
    read_inbox(cast.school.pk)
    sent.refresh_from_db()
    assert (sent.state, box.mails) == ("sent", {})


def test_a_server_that_can_not_delete_single_mails_deletes_none_of_others(
    cast: Any, sent: Mail, box: Mailbox
) -> None:
    box.has_uidplus = False
    box.put(report(mail_id=sent.id))
    read_inbox(cast.school.pk)
    assert (box.deleted, len(box.mails)) == ({1}, 1)
    assert MailInbox.objects.get().fault == ""


def test_a_mailbox_that_was_made_anew_is_read_from_its_beginning(cast: Any, sent: Mail, box: Mailbox) -> None:
    for _ in range(3):
        box.put(b"Subject: Hello\r\n\r\n")
    read_inbox(cast.school.pk)
    box.mails, box.validity = {}, 8
    box.put(report(mail_id=sent.id))
    read_inbox(cast.school.pk)
    assert MailInbox.objects.get().taken == 1


def test_what_goes_wrong_is_named(cast: Any, school: School, box: Mailbox) -> None:
    def fault() -> str:
        read_inbox(cast.school.pk)
        return MailInbox.objects.get().fault

    set_inbox(cast, box, password="wrong")
    assert fault() == "sign_in"
    set_inbox(cast, box)
    box.opens = False
    assert fault() == "inbox"
    box.opens = True
    assert fault() == ""
    set_inbox(cast, box, port=free_port())
    assert fault() == "no_answer"
    assert MailInbox.objects.get().read_at is None


def test_it_is_read_each_quarter_of_an_hour(cast: Any, sent: Mail, box: Mailbox) -> None:
    for _ in range(2):
        enqueue_due()
    assert Job.objects.filter(kind="mail-inbox").count() == 1
    box.put(report(mail_id=sent.id))
    run_due()
    assert MailInbox.objects.get().taken == 1
    enqueue_due()
    assert not Job.objects.exists()
    later = clock.now() + timedelta(minutes=16)
    with clock.running(lambda: later):
        enqueue_due()
    assert Job.objects.filter(kind="mail-inbox").count() == 1


def test_the_password_is_sealed_and_goes_to_its_own_server_only(
    cast: Any, school: School, box: Mailbox
) -> None:
    assert "right" not in set_inbox(cast, box).sealed_password
    kept = set_inbox(cast, box, password=None)
    assert kept.sealed_password
    assert set_inbox(cast, box, username="other", password=None).sealed_password == ""
    with pytest.raises(Refused, match="mail_not_encrypted"):
        set_inbox(cast, box, host="imap.example.org")
    remove_mail_inbox(cast.school, by=cast.user("administrator"))
    assert not MailInbox.objects.exists()
    assert Entry.objects.filter(event__startswith="mail_inbox.").count() == 4
