"""What a mail server's answers mean, by table."""

import smtplib
import socket
import ssl

import pytest

from willing.mail.errors import FAULTS
from willing.mail.rules import CERTIFICATE_FAULTS, FAULT_OF, fault_of, refused_for_good


def unverified(code):
    """Return what is raised about a certificate. code: OpenSSL's."""
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (socket.gaierror(-2, "Name or service not known"), "no_server"),
        (unverified(9), "certificate_expired"),
        (unverified(10), "certificate_expired"),
        (unverified(18), "certificate_unknown"),
        (unverified(62), "certificate_name"),
        (unverified(64), "certificate_name"),
        (ssl.SSLError("wrong version number"), "no_tls"),
        (smtplib.SMTPNotSupportedError("STARTTLS"), "no_starttls"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "sign_in"),
        (smtplib.SMTPAuthenticationError(454, b"not now"), "later"),
        (smtplib.SMTPSenderRefused(550, b"no", "a@b"), "sender"),
        (smtplib.SMTPSenderRefused(450, b"not now", "a@b"), "later"),
        (smtplib.SMTPServerDisconnected("gone"), "no_answer"),
        (smtplib.SMTPResponseException(499, "not now"), "later"),
        (smtplib.SMTPResponseException(500, "no"), "refused"),
        (smtplib.SMTPResponseException(599, "no"), "refused"),
        (smtplib.SMTPResponseException(600, "what"), "later"),
        (smtplib.SMTPException("no"), "refused"),
        (TimeoutError(), "no_answer"),
        (ConnectionRefusedError(), "no_answer"),
    ],
    ids=repr,
)
def test_each_fault_of_a_server_has_its_word(error, fault):
    assert fault_of(error) == fault


def test_every_word_is_one_that_is_said():
    words = {*(fault for _kind, fault in FAULT_OF), *CERTIFICATE_FAULTS.values()}
    assert words | {"certificate_unknown", "no_tls"} <= set(FAULTS)


def test_every_word_is_met():
    assert {fault for _kind, fault in FAULT_OF} == {
        "no_server", "no_starttls", "sign_in", "sender", "no_answer", "refused",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "for_good"), [(450, None), (499, None), (500, 500), (550, 550), (599, 599), (600, None)]
)
def test_a_recipient_is_refused_for_good_by_a_5_only(code, for_good):
    assert refused_for_good(smtplib.SMTPRecipientsRefused({"a@b": (code, b"")})) == for_good
