"""What Health says about mail and other work that waits."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from willing.mail.errors import FAULTS
from willing.mail.queries import outbox_of, refused_mails
from willing.mail.returned import find_mail_inbox
from willing.ops.condition import Condition
from willing.people.models import School


def mail_goes_out(school: School) -> Iterator[Condition]:
    """Say whether mail can be sent, and how much waits."""
    found = outbox_of(school)
    label = gettext_lazy("E-mails")
    waiting = ngettext("%(count)s e-mail waits.", "%(count)s e-mails wait.", found.waiting)
    waiting %= {"count": found.waiting}
    if found.fault:
        why = str(FAULTS.get(found.fault, found.fault))
        detail = f"{why} {waiting} " + _("See the page E-mails.")
        yield Condition("mail", False, gettext_lazy("E-mail is not sent."), detail)
        return
    yield Condition("mail", True, label, waiting)
    inbox = find_mail_inbox(school)
    if inbox is not None and inbox.fault:
        why = str(FAULTS.get(inbox.fault, inbox.fault))
        name = gettext_lazy("The mailbox for returned e-mails can't be read.")
        yield Condition("mail_inbox", False, name, f"{why} " + _("See the page E-mails."))
    refused = len(refused_mails(school))
    if refused:
        detail = ngettext(
            "%(count)s address is refused. See the page E-mails.",
            "%(count)s addresses are refused. See the page E-mails.",
            refused,
        )
        yield Condition("mail_refused", False, label, detail % {"count": refused})
