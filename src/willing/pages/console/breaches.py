"""Breaches of personal data: the register, the clock, what is decided, and drafts of what is written."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.consent.profiles import require_profile
from willing.documents.breach_notice import authority_draft, breach_record, family_draft, notified_name
from willing.documents.parts import Document
from willing.dpia.breach_labels import time_left
from willing.dpia.breach_models import Breach, BreachStep
from willing.dpia.breach_queries import BreachState, authority_of, breaches, state_of
from willing.dpia.breach_rules import NOTIFIED, NOTIFY, RECIPIENTS
from willing.dpia.breaches import (
    NewStep,
    add_step,
    amend_breach,
    record_breach,
    require_breach,
    set_authority,
)
from willing.pages.console.breach_forms import (
    AuthorityForm,
    BreachAccountForm,
    BreachDecisionForm,
    BreachForm,
    NotifiedForm,
)
from willing.pages.console.document_pages import is_officer, pdf_answer, show_document, submit
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import PROTECTS, READS_PROTECTION

DRAFTS: dict[str, Callable[[BreachState], Document]] = {
    "authority": authority_draft,
    "families": family_draft,
    "record": breach_record,
}


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_PROTECTION)
def register(request: PageRequest) -> HttpResponse:
    """Show the register of breaches; the officer records one."""
    school = request.school
    form = BreachForm(request.POST or None, school=school)
    if request.method == "POST":
        found: list[Breach] = []

        def deed() -> None:
            found.append(record_breach(school, form.known, form.account, by=user_of(request)))

        if submit(form, deed):
            messages.success(request, _("The breach is recorded. The clock runs."))
            return redirect("console:breach", breach_id=found[0].pk)
    return _register(request, form, _authority_form(request), status=422 if form.errors else 200)


def _register(
    request: PageRequest, form: BreachForm, authority: AuthorityForm, *, status: int
) -> HttpResponse:
    profile = require_profile(request.school.legal_profile)
    context = {
        "breaches": [(one, time_left(one)) for one in breaches(request.school)],
        "form": form,
        "authority": notified_name(request.school),
        "authority_form": authority,
        "hours": profile.breach_hours,
        "is_at_once": profile.breach_at_once,
        "source": profile.breach_source,
        "is_dpo": is_officer(request),
    }
    return show(request, "console/protection/breaches.html", context, status=status)


def _authority_form(request: PageRequest) -> AuthorityForm:
    entered = authority_of(request.school)
    initial = {"name": entered.name, "contact": entered.contact} if entered else {}
    return AuthorityForm(initial=initial)


@require_POST
@allow_roles(*PROTECTS)
def authority(request: PageRequest) -> HttpResponse:
    """Enter whom the school notifies."""
    form, school = AuthorityForm(request.POST), request.school

    def deed() -> None:
        set_authority(school, form.cleaned_data["name"], form.cleaned_data["contact"], by=user_of(request))

    if not submit(form, deed):
        return _register(request, BreachForm(school=school), form, status=422)
    messages.success(request, _("The authority is entered."))
    return redirect("console:breaches")


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_PROTECTION)
def breach(request: PageRequest, breach_id: UUID) -> HttpResponse:
    """Show a breach with its clock; the officer adds what is known, decides, and records what was sent."""
    found = require_breach(request.school, breach_id)
    which = request.POST.get("which", "") if request.method == "POST" else ""
    refused: forms.Form | None = None
    if which:
        form, deed, said = _pressed(request, found, which)
        if submit(form, deed):
            messages.success(request, said)
            return redirect("console:breach", breach_id=found.pk)
        refused = form
    return _show(request, found, which, refused)


def _pressed(request: PageRequest, found: Breach, which: str) -> tuple[forms.Form, Callable[[], object], str]:
    """Return the form that was sent, its deed, and what is said once it is done."""
    by = user_of(request)
    kind, _dash, recipient = which.partition("-")
    if kind == "account":
        account = BreachAccountForm(request.POST)
        return account, lambda: amend_breach(found, account.account, by=by), _("It is added.")
    if recipient not in RECIPIENTS or kind not in ("decide", "notified"):
        raise Http404
    if kind == "decide":
        decision = BreachDecisionForm(request.POST)

        def decide() -> object:
            new = NewStep(recipient, decision.cleaned_data["step"], reason=decision.cleaned_data["reason"])
            return add_step(found, new, by=by)

        return decision, decide, _("The decision is recorded.")
    sent = NotifiedForm(request.POST, school=found.school)
    return (
        sent,
        lambda: add_step(found, NewStep(recipient, NOTIFIED, **sent.cleaned_data), by=by),
        _("It is recorded as notified."),
    )


def _sent_form(found: Breach) -> NotifiedForm:
    return NotifiedForm(school=found.school)


def _show(request: PageRequest, found: Breach, which: str, refused: forms.Form | None) -> HttpResponse:
    state = state_of(found)
    names = {name: "data" if name == "affected" else name for name in BreachAccountForm.base_fields}
    account = {name: getattr(state.account, field) for name, field in names.items()}
    parts = []
    for recipient in RECIPIENTS:
        steps = [one for one in state.steps if one.recipient == recipient]
        is_to_send = bool(steps) and steps[-1].step == NOTIFY
        decide = refused if refused and which == f"decide-{recipient}" else BreachDecisionForm()
        notified = refused if refused and which == f"notified-{recipient}" else _sent_form(found)
        for form in (decide, notified):
            form.auto_id = f"{recipient}-{type(form).__name__.lower()}-%s"  # both are on one page
        parts.append(
            {
                "recipient": recipient,
                "label": BreachStep.Recipient(recipient).label,
                "steps": steps,
                "is_open": state.is_open[recipient],
                "is_notified": any(one.step == NOTIFIED for one in steps),
                "is_to_send": is_to_send,
                "decide": decide,
                "notified": notified,
            }
        )
    context = {
        "state": state,
        "breach": found,
        "account": state.account,
        "left": time_left(state),
        "parts": parts,
        "account_form": refused if which == "account" else BreachAccountForm(initial=account),
        "authority": notified_name(request.school),
        "is_dpo": is_officer(request),
    }
    return show(request, "console/protection/breach.html", context, status=422 if refused else 200)


@require_safe
@allow_roles(*READS_PROTECTION)
def draft(request: PageRequest, breach_id: UUID, kind: str) -> HttpResponse:
    """Show the draft of a notification, or the register's sheet."""
    state, make = _draft(request, breach_id, kind)
    pdf = reverse("console:breach-draft-pdf", args=[breach_id, kind])
    back = {
        "url": reverse("console:breach", args=[breach_id]),
        "label": _("Breach %(number)s") % {"number": state.breach.number},
    }
    return show_document(request, make(state), pdf=pdf, back=back)


@require_safe
@allow_roles(*READS_PROTECTION)
def draft_pdf(request: PageRequest, breach_id: UUID, kind: str) -> HttpResponse:
    """Give it as a PDF."""
    state, make = _draft(request, breach_id, kind)
    return pdf_answer(request, make(state), f"breach-{state.breach.number}-{kind}")


def _draft(
    request: PageRequest, breach_id: UUID, kind: str
) -> tuple[BreachState, Callable[[BreachState], Document]]:
    if kind not in DRAFTS:
        raise Http404
    return state_of(require_breach(request.school, breach_id)), DRAFTS[kind]
