"""What goes out, to whom, in which language; what is refused, dropped, tried again, or interrupted."""

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from tests.support.mail import Post

from willing.audit.models import Entry
from willing.complaints.actions import ComplaintAnswer, NewComplaint, answer_complaint, raise_complaint
from willing.core import clock
from willing.core.clock import now
from willing.jobs.actions import run_due
from willing.jobs.models import Job
from willing.jobs.registry import Worker
from willing.mail.models import ON_REQUEST, Mail, MailServer, Topic
from willing.mail.outbox import (
    drop_waiting,
    purge_mails,
    send,
    set_topics,
    try_again,
    withdraw,
    write_each,
    write_to,
)
from willing.mail.queries import given_up_mails, outbox_of, refused_mails
from willing.mail.sending import remove_mail_server
from willing.mail.wishes import topics_of
from willing.people.models import Guardian, School
from willing.people.school import set_public_address


def write(cast: Any, guardian: Guardian) -> int:
    return write_to([guardian], Topic.ANSWER, cast.person("Ada"))


def events(prefix: str) -> list[str]:
    rows = Entry.objects.filter(event__startswith=prefix).order_by("sequence")
    return list(rows.values_list("event", flat=True))


def test_a_mail_holds_a_first_name_and_a_link_and_nothing_else(
    cast: Any, school: School, gus: Guardian, post: Post
) -> None:
    assert write(cast, gus) == 1
    assert not post.came  # nothing waits for a mail server while somebody presses a button
    assert run_due() == 1
    (mail,) = post.came
    assert mail["To"] == "gus@example.org"
    assert mail["From"] == "Test School <lunch@school.example>"
    assert mail["Subject"] == "Test School has answered you"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert "https://lunch.example.org/family/" in text
    assert "Ada" in text
    ada = cast.person("Ada")
    assert ada.family_name
    for hidden in (ada.family_name, str(ada.till_number), "Gus", str(ada.pk)):
        assert hidden not in text
    assert Mail.objects.get().state == Mail.State.SENT
    assert not Job.objects.exists()
    assert events("mail.") == ["mail.sent"]


def test_each_guardian_reads_their_own_language(cast: Any, school: School, gus: Guardian, post: Post) -> None:
    Guardian.objects.filter(pk=gus.pk).update(language="zh-hans")
    for topic in Topic:
        write_to([gus], topic, cast.person("Ada"))
    run_due()
    for mail in post.came:
        text = mail.get_content()
        assert "您好" in text
        assert "Hello" not in text + mail["Subject"]
        assert "Ada" in text


def test_who_wants_none_gets_none_also_where_one_waits(
    cast: Any, school: School, gus: Guardian, post: Post
) -> None:
    assert topics_of(gus) == [one for one in Topic.values if one not in ON_REQUEST]
    write(cast, gus)
    set_topics(gus, [Topic.NOTICE])
    run_due()
    assert write(cast, gus) == 0
    assert not post.came
    assert Mail.objects.get().state == Mail.State.DROPPED
    assert write_to([gus], Topic.NOTICE, cast.person("Ada")) == 1
    set_topics(gus, Topic.values)
    set_topics(gus, Topic.values)
    assert write(cast, gus) == 1
    assert events("mail.topics") == ["mail.topics_set"] * 2


def test_without_a_server_or_an_address_nothing_is_kept(cast: Any, school: School, gus: Guardian) -> None:
    set_public_address(school, "")
    assert write(cast, gus) == 0
    set_public_address(school, "https://lunch.example.org")
    remove_mail_server(school, by=cast.user("administrator"))
    assert write(cast, gus) == 0
    assert not Mail.objects.exists()


def test_an_address_that_is_refused_for_good_gets_nothing_more_until_it_is_changed(
    cast: Any, school: School, gus: Guardian, post: Post
) -> None:
    post.recipient_answer = "550 5.1.1 unknown"
    write(cast, gus)
    run_due()
    (refused,) = refused_mails(school)
    assert (refused.state, refused.reply_code) == (Mail.State.REFUSED, 550)
    assert write(cast, gus) == 0
    assert not Job.objects.exists()
    post.recipient_answer = "250 OK"
    gus.email = "gustav@example.org"
    gus.save(update_fields=["email"])
    assert not refused_mails(school)
    assert write(cast, gus) == 1


def test_the_office_tries_a_refused_address_again(
    cast: Any, school: School, gus: Guardian, post: Post
) -> None:
    post.recipient_answer = "550 5.1.1 unknown"
    write(cast, gus)
    run_due()
    post.recipient_answer = "250 OK"
    assert try_again(school, [Mail.objects.get().pk], by=cast.user("office")) == 1
    run_due()
    assert [one["To"] for one in post.came] == ["gus@example.org"]
    assert events("mail.") == ["mail.refused", "mail.retried", "mail.sent"]


@pytest.mark.parametrize(
    ("recipient", "data", "fault"),
    [("450 4.2.1 busy", "250 OK", "later"), ("250 OK", "451 4.3.0 busy", "later"),
     ("250 OK", "554 5.7.1 spam", "refused")],
)  # fmt: skip
def test_a_server_that_can_not_now_is_asked_again_later(
    cast: Any, school: School, gus: Guardian, post: Post, recipient: str, data: str, fault: str
) -> None:
    post.recipient_answer, post.data_answer = recipient, data
    write(cast, gus)
    run_due()
    assert outbox_of(school).fault == fault
    assert Mail.objects.get().state == Mail.State.WAITING
    post.recipient_answer = post.data_answer = "250 OK"
    with clock.running(lambda: datetime.now(UTC) + timedelta(hours=1)):
        assert run_due() == 1
    assert Mail.objects.get().state == Mail.State.SENT


def test_a_server_that_is_gone_is_named_and_what_waits_may_be_dropped(
    cast: Any, school: School, gus: Guardian
) -> None:
    MailServer.objects.update(port=1)
    write(cast, gus)
    run_due()
    assert outbox_of(school).fault == "no_answer"
    assert drop_waiting(school, by=cast.user("administrator")) == 1
    assert not Job.objects.exists()
    assert outbox_of(school).waiting == 0


def test_an_absence_does_not_wait_behind_an_evenings_receipts(
    cast: Any, school: School, gus: Guardian, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("willing.mail.outbox.still_holds", lambda _mail: True)
    monkeypatch.setattr("willing.mail.outbox.text_of", lambda mail, _secret: (mail.topic, "text"))
    ada = cast.person("Ada")
    for topic in (Topic.LOW, Topic.PAY_IN, Topic.ABSENT):
        write_to([gus], topic, ada)
    (absent,) = write_each([(gus, ada)], Topic.ABSENT)
    assert run_due(worker=Worker.URGENT) == 2
    assert [one["Subject"] for one in post.came] == ["absent", "absent"]
    assert run_due(worker=Worker.MAIL) == 2
    # It is taken back, given up, tried again and dropped as any other.
    (absent,) = write_each([(gus, ada)], Topic.ABSENT)
    assert withdraw([absent.pk]) == {absent.pk}
    write_to([gus], Topic.ABSENT, ada)
    Job.objects.update(is_given_up=True, last_fault="later", tries=10)
    (given_up,) = given_up_mails(school)
    assert (outbox_of(school).given_up, outbox_of(school).fault) == (1, "later")
    assert try_again(school, [given_up.pk], by=cast.user("office")) == 1
    assert drop_waiting(school, by=cast.user("office")) == 1
    assert not Job.objects.exists()


def test_sent_twice_by_the_queue_it_goes_out_once(
    cast: Any, school: School, gus: Guardian, post: Post
) -> None:
    write(cast, gus)
    mail_id = Mail.objects.get().pk
    send(mail_id)
    send(mail_id)
    assert len(post.came) == 1


def test_a_worker_that_is_killed_while_it_sends_is_taken_over(
    cast: Any, school: School, gus: Guardian, post: Post
) -> None:
    write(cast, gus)
    post.is_slow = True
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            run_due()
        finally:
            os._exit(1)
    assert post.arrived.wait(60)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    post.is_slow = False
    assert Job.objects.get().leased_until is not None
    assert run_due() == 1
    assert Mail.objects.get().state == Mail.State.SENT
    assert len({one["Message-ID"] for one in post.came}) == 1  # a mailbox that gets both knows them as one
    assert not Job.objects.exists()


def test_an_answered_report_writes_to_whoever_reported_it(
    cast: Any, school: School, gus: Guardian, post: Post
) -> None:
    new = NewComplaint(kind="restriction", said="Please wait.", guardian=gus)
    report = raise_complaint(cast.person("Ada"), new)
    answer_complaint(report.pk, ComplaintAnswer(True, "We will.", cast.user("office")))
    run_due()
    (mail,) = post.came
    assert "We will." not in mail.get_content()


def test_what_was_sent_is_deleted_after_its_time_and_a_refused_address_is_not(
    cast: Any, school: School, gus: Guardian, post: Post
) -> None:
    write(cast, gus)
    run_due()
    post.recipient_answer = "550 5.1.1 unknown"
    write(cast, gus)
    run_due()
    assert purge_mails(now() - timedelta(days=1), 10) == 0
    assert purge_mails(now() + timedelta(days=1), 10) == 1
    assert len(refused_mails(school)) == 1
    gus.email = ""
    gus.save(update_fields=["email"])
    assert purge_mails(now() + timedelta(days=1), 10) == 1
