"""What families want back: asked for, approved, in a file for the bank, paid or sent back."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.documents.cash_list import cash_list
from willing.drawers.errors import drawer_unknown
from willing.drawers.models import Drawer
from willing.drawers.queries import open_office_sessions, require_drawer
from willing.pages.console.document_pages import pdf_answer
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE
from willing.payments.models import PayOut, PayOutFile
from willing.payments.pay_out_files import name_of, write_file
from willing.payments.pay_outs import approve, make_file, mark_paid, mark_returned, refuse
from willing.payments.queries import (
    account_of,
    batch_of,
    closed_pay_outs,
    find_bank_details,
    open_pay_outs,
    pay_out_files,
    require_file,
    require_pay_out,
)
from willing.people.models import School
from willing.people.queries import today


class PayOutFileForm(Plain):
    """Which kind of file, and when the bank is to pay."""

    format = forms.ChoiceField(label=gettext_lazy("Kind of file"), choices=PayOutFile.Format.choices)
    pays_on = forms.DateField(
        label=gettext_lazy("Day of payment"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    @classmethod
    def of(cls, school: School) -> "PayOutFileForm":
        """Return a form with what fits the school's account, for today."""
        details = find_bank_details(school)
        account = details.account if details else None
        kind = PayOutFile.Format.SEPA if account and account.is_iban else PayOutFile.Format.CSV
        kind = PayOutFile.Format.BACS if account and account.is_uk else kind
        return cls(initial={"format": kind, "pays_on": today(school)})


@require_safe
@allow_roles(*OFFICE)
def pay_outs(request: PageRequest) -> HttpResponse:
    """List what waits, what is in files, and what is done."""
    return _page(request)


def _page(
    request: PageRequest, *, form: PayOutFileForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    school = request.school
    rows = open_pay_outs(school)
    context = {
        "asked": [_shown(one) for one in rows if one.state == PayOut.State.ASKED],
        "approved": [_shown(one) for one in rows if one.state == PayOut.State.APPROVED],
        "filed": [one for one in rows if one.state == PayOut.State.FILED],
        "closed": closed_pay_outs(school),
        "files": pay_out_files(school),
        "form": form or PayOutFileForm.of(school),
        "refusal": refusal,
        "details": find_bank_details(school),
        "has_cash": any(one.way == PayOut.Route.CASH and one.state == PayOut.State.ASKED for one in rows),
        "drawers": [one.drawer for one in open_office_sessions(school)],
    }
    return show(request, "console/bank/pay_outs.html", context, status=status)


def _shown(one: PayOut) -> dict[str, Any]:
    """Return a pay-out with its payee's account, opened for the office that has to check it."""
    try:
        account = account_of(one) if one.way == PayOut.Route.TRANSFER else None
    except Refused:
        account = None
    return {"pay_out": one, "account": account}


@require_POST
@allow_roles(*OFFICE)
def decide(request: PageRequest, pay_out_id: UUID) -> HttpResponse:
    """Approve a pay-out, refuse it, or put the money back that the bank has returned."""
    found = require_pay_out(request.school, pay_out_id)
    reason, by = request.POST.get("reason", ""), user_of(request)
    try:
        if "approve" in request.POST:
            approve(found.id, by=by, out_of=_drawer(request))
            messages.success(request, _("Approved. The money has left the balance."))
        elif "refuse" in request.POST:
            refuse(found.id, reason, by=by)
            messages.success(request, _("Refused. The family can read the reason."))
        elif "returned" in request.POST:
            mark_returned(found.id, reason, by=by)
            messages.success(request, _("The money is on the balance again."))
        else:
            return HttpResponse(status=400)
    except Refused as refused:
        return _page(request, refusal=str(refused.message), status=409)
    return redirect("console:pay-outs")


def _drawer(request: PageRequest) -> Drawer | None:
    """Return the drawer that was chosen; None for the safe. Raises Refused drawer_unknown."""
    chosen = request.POST.get("out_of", "")
    if not chosen:
        return None
    try:
        return require_drawer(request.school, UUID(chosen))
    except ValueError:
        raise drawer_unknown() from None


@require_safe
@allow_roles(*OFFICE)
def cash_pdf(request: PageRequest) -> HttpResponse:
    """Give the list of what is asked for in cash, with room for signatures."""
    rows = [one for one in open_pay_outs(request.school) if one.way == PayOut.Route.CASH]
    asked = [one for one in rows if one.state == PayOut.State.ASKED]
    return pdf_answer(request, cash_list(request.school, asked), "pay-outs-in-cash")


@require_POST
@allow_roles(*OFFICE)
def new_file(request: PageRequest) -> HttpResponse:
    """Put everything that is approved into a file for the bank."""
    school, form = request.school, PayOutFileForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    ready = [one.id for one in open_pay_outs(school) if one.state == PayOut.State.APPROVED]
    kind, pays_on = PayOutFile.Format(form.cleaned_data["format"]), form.cleaned_data["pays_on"]
    assert isinstance(pays_on, date)
    try:
        made = make_file(school, ready, kind, by=user_of(request), pays_on=pays_on)
    except Refused as refused:
        form.add_error("format", str(refused.message))
        return _page(request, form=form, status=409)
    messages.success(
        request, _("File %(number)s is made. Download it and give it to the bank.") % {"number": made.number}
    )
    return redirect("console:pay-outs")


@require_safe
@allow_roles(*OFFICE)
def download(request: PageRequest, number: int) -> HttpResponse:
    """Give a file for the bank; again, it is the same to the byte."""
    file = require_file(request.school, number)
    name, kind = name_of(file.format, file.number)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(write_file(file.format, batch_of(file)), content_type=kind, headers=headers)


@require_POST
@allow_roles(*OFFICE)
def paid(request: PageRequest, number: int) -> HttpResponse:
    """Record that the bank has carried out a file."""
    mark_paid(require_file(request.school, number), by=user_of(request))
    messages.success(request, _("Recorded as paid."))
    return redirect("console:pay-outs")
