"""E-mail: the server that sends it, a test message, and what was refused or waits."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.mail.errors import FAULTS
from willing.mail.models import Encryption, MailServer
from willing.mail.outbox import drop_waiting, try_again
from willing.mail.queries import given_up_mails, outbox_of, refused_mails
from willing.mail.sending import NewServer, find_mail_server, remove_mail_server, send_test, set_mail_server
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import ADMINISTERS, READS_MAIL

HOST = RegexValidator(r"^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$")
# Which field a refusal is about.
FIELDS = {"mail_not_encrypted": "encryption"}


class MailServerForm(Plain):
    """Where the school's mail is handed in."""

    host = forms.CharField(
        label=gettext_lazy("Mail server"),
        help_text=gettext_lazy("Its name, for example smtp.example.org. Your mail provider tells you."),
        max_length=253,
        validators=[HOST],
    )
    encryption = forms.ChoiceField(
        label=gettext_lazy("Encryption"), choices=Encryption.choices, initial=Encryption.STARTTLS
    )
    port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65535, initial=587)
    username = forms.CharField(label=gettext_lazy("Username"), max_length=254, required=False)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    sender = forms.EmailField(
        label=gettext_lazy("Sender's address"),
        help_text=gettext_lazy("Guardians see it as the sender. Replies go there."),
    )

    @classmethod
    def of(cls, server: MailServer | None) -> "MailServerForm":
        """Return a form that shows what is set. The password is never shown."""
        if server is None:
            return cls()
        names = ("host", "encryption", "port", "username", "sender")
        form = cls(initial={name: getattr(server, name) for name in names})
        if server.sealed_password:
            form.fields["password"].help_text = _("Leave it empty to keep the one that is saved.")
        return form

    def as_new(self) -> NewServer:
        """Return the settings as the action takes them."""
        said: dict[str, Any] = self.cleaned_data
        return NewServer(
            host=said["host"].lower(),
            port=said["port"],
            encryption=said["encryption"],
            sender=said["sender"],
            username=said["username"],
            password=said["password"] or None,
        )


class TestMailForm(Plain):
    """Whom a test message goes to."""

    to = forms.EmailField(label=gettext_lazy("Send a test message to"))


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_MAIL)
def mail(request: PageRequest) -> HttpResponse:
    """Show how mail is sent and what did not arrive; the administrator sets the server."""
    administers = not request.roles.isdisjoint(ADMINISTERS)
    if request.method == "POST":
        return _set_server(request) if administers else HttpResponse(status=403)
    return _page(request, MailServerForm.of(find_mail_server(request.school)), TestMailForm())


def _page(
    request: PageRequest, form: MailServerForm, test_form: TestMailForm, *, status: int = 200
) -> HttpResponse:
    school = request.school
    outbox = outbox_of(school)
    context = {
        "form": form,
        "test_form": test_form,
        "server": find_mail_server(school),
        "outbox": outbox,
        "fault": FAULTS.get(outbox.fault, outbox.fault),
        "refused": refused_mails(school),
        "given_up": given_up_mails(school),
        "administers": not request.roles.isdisjoint(ADMINISTERS),
    }
    return show(request, "console/mail.html", context, status=status)


def _set_server(request: PageRequest) -> HttpResponse:
    form, status = MailServerForm(request.POST), 422
    if form.is_valid():
        try:
            set_mail_server(request.school, form.as_new(), by=user_of(request))
        except Refused as refused:
            form.add_error(FIELDS.get(refused.code, "host"), str(refused.message))
            status = 409
        else:
            messages.success(request, _("Saved. Now send a test message."))
            return redirect("console:mail")
    return _page(request, form, TestMailForm(), status=status)


@require_POST
@allow_roles(*ADMINISTERS)
def test(request: PageRequest) -> HttpResponse:
    """Send a test message now, and tell what the server said."""
    form, status = TestMailForm(request.POST), 422
    server_form = MailServerForm.of(find_mail_server(request.school))
    if form.is_valid():
        subject = _("Test message from %(school)s") % {"school": request.school.name}
        text = _("This test message was sent from the page E-mails. Mail works.")
        try:
            send_test(request.school, form.cleaned_data["to"], subject, text)
        except Refused as refused:
            form.add_error("to", str(refused.message))
            status = 409
        else:
            messages.success(request, _("The mail server took the test message. Check whether it arrives."))
            return redirect("console:mail")
    return _page(request, server_form, form, status=status)


@require_POST
@allow_roles(*ADMINISTERS)
def remove(request: PageRequest) -> HttpResponse:
    """Send no more mail."""
    remove_mail_server(request.school, by=user_of(request))
    messages.success(request, _("The mail server is removed. No more e-mail is sent."))
    return redirect("console:mail")


@require_POST
@allow_roles(*READS_MAIL)
def retry(request: PageRequest, mail_id: UUID) -> HttpResponse:
    """Let a mail go out once more that was refused or given up."""
    tried = try_again(request.school, [mail_id], by=user_of(request))
    text = _("It is sent again now.") if tried else _("There is nothing to send again.")
    messages.success(request, text)
    return redirect("console:mail")


@require_POST
@allow_roles(*ADMINISTERS)
def drop(request: PageRequest) -> HttpResponse:
    """Send nothing of what waits."""
    dropped = drop_waiting(request.school, by=user_of(request))
    text = ngettext("%(count)s e-mail is not sent.", "%(count)s e-mails are not sent.", dropped)
    messages.success(request, text % {"count": dropped})
    return redirect("console:mail")
