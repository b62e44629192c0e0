"""What a mail server's answer means. Pure."""

import smtplib
import socket
import ssl

PERMANENT = range(500, 600)


# The first that fits: some of these are kinds of others.
FAULT_OF: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, "no_server"),
    (ssl.SSLError, "certificate"),
    (smtplib.SMTPNotSupportedError, "no_starttls"),
    (smtplib.SMTPAuthenticationError, "sign_in"),
    (smtplib.SMTPSenderRefused, "sender"),
    (smtplib.SMTPServerDisconnected, "no_answer"),
    (smtplib.SMTPException, "refused"),
    (OSError, "no_answer"),
)


def fault_of(error: smtplib.SMTPException | OSError) -> str:
    """Return the word of `errors.FAULTS` for what went wrong with a server."""
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code not in PERMANENT:
        return "later"
    return next(fault for kind, fault in FAULT_OF if isinstance(error, kind))


def refused_for_good(error: smtplib.SMTPRecipientsRefused) -> int | None:
    """Return the code with which a server refuses its only recipient for good, or None where it may later."""
    ((code, _text),) = error.recipients.values()
    return code if code in PERMANENT else None
