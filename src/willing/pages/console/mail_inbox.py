"""The mailbox for returned e-mails: set, read at once, removed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.attempts import require_few_attempts
from willing.core.errors import Refused
from willing.mail.errors import FAULTS
from willing.mail.models import Encryption, MailInbox
from willing.mail.returned import NewInbox, find_mail_inbox, read_inbox, remove_mail_inbox, set_mail_inbox
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.mail import HOST
from willing.pages.console.roles import ADMINISTERS


class InboxForm(Plain):
    """Where undelivered mail comes back to."""

    host = forms.CharField(
        label=gettext_lazy("Mail server"),
        help_text=gettext_lazy("Its name, for example imap.example.org. Your mail provider tells you."),
        max_length=253,
        validators=[HOST],
    )
    encryption = forms.ChoiceField(
        label=gettext_lazy("Encryption"),
        choices=[
            (Encryption.TLS, gettext_lazy("TLS (usually port 993)")),
            (Encryption.STARTTLS, gettext_lazy("STARTTLS (usually port 143)")),
            (Encryption.NONE, Encryption.NONE.label),
        ],
    )
    port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65535, initial=993)
    username = forms.CharField(label=gettext_lazy("Username"), max_length=254)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    @classmethod
    def of(cls, inbox: MailInbox | None) -> "InboxForm":
        """Return a form that shows what is set. The password is never shown."""
        if inbox is None:
            return cls()
        names = ("host", "encryption", "port", "username")
        form = cls(initial={name: getattr(inbox, name) for name in names})
        if inbox.sealed_password:
            form.fields["password"].help_text = _("Leave it empty to keep the one that is saved.")
        return form

    def as_new(self) -> NewInbox:
        """Return the settings as the action takes them."""
        said: dict[str, Any] = self.cleaned_data
        return NewInbox(
            host=said["host"].lower(),
            port=said["port"],
            encryption=said["encryption"],
            username=said["username"],
            password=said["password"] or None,
        )


@require_http_methods(["GET", "POST"])
@allow_roles(*ADMINISTERS)
def inbox(request: PageRequest) -> HttpResponse:
    """Set the mailbox, and read it at once to see whether that works."""
    school = request.school
    if request.method != "POST":
        return _page(request, InboxForm.of(find_mail_inbox(school)))
    form, status = InboxForm(request.POST), 422
    if form.is_valid():
        try:
            require_few_attempts(request, "reach", key=str(user_of(request).pk))
            set_mail_inbox(school, form.as_new(), by=user_of(request))
        except Refused as refused:
            beside = "encryption" if refused.code == "mail_not_encrypted" else "host"
            form.add_error(beside, str(refused.message))
            status = 409
        else:
            read_inbox(school.pk)
            found = find_mail_inbox(school)
            if found is None or not found.fault:
                messages.success(request, _("Saved. The mailbox can be read."))
                return redirect("console:mail-inbox")
            form.add_error("host", str(FAULTS.get(found.fault, found.fault)))
            status = 409
    return _page(request, form, status=status)


def _page(request: PageRequest, form: InboxForm, *, status: int = 200) -> HttpResponse:
    found = find_mail_inbox(request.school)
    fault = FAULTS.get(found.fault, found.fault) if found else ""
    context = {"form": form, "inbox": found, "fault": fault}
    return show(request, "console/mail_inbox.html", context, status=status)


@require_POST
@allow_roles(*ADMINISTERS)
def remove(request: PageRequest) -> HttpResponse:
    """Read no mailbox any more."""
    remove_mail_inbox(request.school, by=user_of(request))
    messages.success(request, _("The mailbox is removed and no longer read."))
    return redirect("console:mail")
