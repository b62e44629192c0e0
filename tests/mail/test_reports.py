"""Delivery reports, as servers write them and as nobody should: only one about our mail says anything."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willing.mail.reports import REPORT_BYTES_MAX, DeliveryReport, NotOurs, read_report

ID = UUID("0192f0c4-8d1e-7c3a-9b55-3f1f0a6b2c11")
POSTFIX = """From: MAILER-DAEMON@mx.example.org
To: lunch@school.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="b1"
MIME-Version: 1.0

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code} {status} no such mailbox

--b1
Content-Type: {returned}

Message-ID: <{id}@school.example>
From: lunch@school.example
To: {recipient}

--b1--
"""


def report(
    *,
    mail_id: object = ID,
    recipient: str = "gus@example.org",
    action: str = "failed",
    status: str = "5.1.1",
    code: str = "554",
    returned: str = "message/rfc822",
) -> bytes:
    text = POSTFIX.format(
        id=mail_id, recipient=recipient, action=action, status=status, code=code, returned=returned
    )
    return text.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_says_which_mail_came_back_and_from_whom(returned: str) -> None:
    found = read_report(report(returned=returned))
    assert found == DeliveryReport(ID, frozenset({"gus@example.org"}), True, 554)


def test_a_report_without_the_other_servers_answer_counts_as_no_such_mailbox() -> None:
    found = read_report(report(code="x"))
    assert isinstance(found, DeliveryReport)
    assert found.reply_code == 550


@pytest.mark.parametrize(
    ("action", "status"), [("delayed", "4.4.1"), ("failed", "4.2.2"), ("relayed", "2.0.0")]
)
def test_what_may_still_arrive_is_not_final(action: str, status: str) -> None:
    found = read_report(report(action=action, status=status))
    assert isinstance(found, DeliveryReport)
    assert not found.is_final


def nested(levels: int) -> bytes:
    head = b'Content-Type: multipart/report; report-type=delivery-status; boundary="%d"\r\n\r\n--%d\r\n'
    return b"".join(head % (level, level) for level in range(levels))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", NotOurs.NO_REPORT),
        (b"Subject: Lunch is lovely\r\n\r\nThank you", NotOurs.NO_REPORT),
        (report().replace(b"delivery-status;", b"disposition-notification;"), NotOurs.NO_REPORT),
        (report(mail_id="someone-else"), NotOurs.NO_MAIL_OF_OURS),
        (report(mail_id=f"{uuid4()}x"), NotOurs.NO_MAIL_OF_OURS),
        (
            report().replace(b"Final-Recipient", b"X-F").replace(b"Original-Recipient", b"X-O"),
            NotOurs.NO_REPORT,
        ),
        (report() + b" " * REPORT_BYTES_MAX, NotOurs.TOO_LARGE),
        (nested(2000), NotOurs.NESTED),
        (
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\r\n\r\n',
            NotOurs.NO_REPORT,
        ),
    ],
)
def test_what_is_no_report_about_a_mail_of_ours_is_named(raw: bytes, why: NotOurs) -> None:
    assert read_report(raw) is why


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 40), st.binary(max_size=12), st.integers(0, 1200))
def test_no_damage_breaks_the_reading(cut: int, put: bytes, at: int) -> None:
    raw = report()
    assert isinstance(read_report(raw[:at] + put + raw[at + cut :]), DeliveryReport | NotOurs)
