"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def mail_not_encrypted() -> Refused:
    """A password and children's first names would travel in the clear."""
    return Refused(
        "mail_not_encrypted",
        _("Without encryption, the mail server must run on this computer. Choose STARTTLS or TLS."),
    )


def mail_not_set_up() -> Refused:
    """There is no mail server yet, so nothing can be sent."""
    return Refused("mail_not_set_up", _("Save the mail server's settings first."))


def mail_server_failed(fault: str) -> Refused:
    """A test message was not taken. fault: a word of `mail.rules.FAULTS`."""
    return Refused("mail_server_failed", FAULTS[fault], {"fault": fault})


def mail_address_refused(reply_code: int) -> Refused:
    """The server refuses this recipient for good."""
    return Refused(
        "mail_address_refused",
        _("The mail server refuses this address. Check it for a typing error."),
        {"reply_code": reply_code},
    )


def mail_address_missing() -> Refused:
    """The guardian has no e-mail address here."""
    return Refused("mail_address_missing", _("There is no e-mail address. Print the letter instead."))


def mail_address_returned() -> Refused:
    """A mail server refused the guardian's address for good, so nothing is sent there any more."""
    return Refused(
        "mail_address_returned",
        _("E-mails to this address come back. Correct it, or print the letter instead."),
    )


def mail_not_wanted() -> Refused:
    """The guardian chose not to get mail about this."""
    return Refused(
        "mail_not_wanted", _("This guardian does not want such e-mails. Print the letter instead.")
    )


def sign_in_there() -> Refused:
    """A sign-in is replaced by a letter that is handed over, never by e-mail."""
    return Refused(
        "sign_in_there",
        _("This guardian has a sign-in. Only a letter that you hand over can replace it."),
    )


# What can go wrong with a mail server, and what helps.
FAULTS = {
    "no_server": _("No server was found under that name. Check the name and this computer's network."),
    "no_answer": _("The server did not answer. Check the name, the port and the firewall."),
    "certificate_name": _(
        "The server's certificate is for another name, so nothing was sent. Enter the name that your mail"
        " provider tells you."
    ),
    "certificate_expired": _(
        "The server's certificate has expired or is not valid yet, so nothing was sent. Check this computer's"
        " clock, or tell your mail provider."
    ),
    "certificate_unknown": _(
        "This computer does not trust the issuer of the server's certificate, so nothing was sent."
    ),
    "no_tls": _("The server does not speak TLS on this port. Try STARTTLS, or check the port."),
    "no_starttls": _(
        "The server does not offer STARTTLS on this port. Try TLS: port 465 to send, 993 to read a mailbox."
    ),
    "sign_in": _("The server refused the username or the password."),
    "sender": _("The server does not accept mail from this sender's address."),
    "later": _("The server asked to try again later."),
    "refused": _("The server refused the message."),
    "inbox": _("The server did not let the mailbox be read."),
}
