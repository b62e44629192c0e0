"""What a mail server's answer means. Pure."""

import smtplib
import socket
import ssl

PERMANENT = range(500, 600)
# What OpenSSL finds wrong with a certificate (X509_V_ERR_…); all else is an issuer that nobody trusts.
CERTIFICATE_FAULTS = {
    9: "certificate_expired",  # not yet valid
    10: "certificate_expired",
    62: "certificate_name",
    64: "certificate_name",  # an address in numbers
}

# The first that fits: some of these are kinds of others.
FAULT_OF: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, "no_server"),
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
    if isinstance(error, ssl.SSLError):
        return tls_fault_of(error)
    return next(fault for kind, fault in FAULT_OF if isinstance(error, kind))


def tls_fault_of(error: ssl.SSLError) -> str:
    """Return the word of `errors.FAULTS` for an encrypted connection that was not made."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CERTIFICATE_FAULTS.get(error.verify_code, "certificate_unknown")
    return "no_tls"


def refused_for_good(error: smtplib.SMTPRecipientsRefused) -> int | None:
    """Return the code with which a server refuses its only recipient for good, or None where it may later."""
    ((code, _text),) = error.recipients.values()
    return code if code in PERMANENT else None
