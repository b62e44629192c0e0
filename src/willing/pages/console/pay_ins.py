"""Money that families hand over at the office: paid in once a form, with a numbered receipt."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.money import format_minor
from willing.documents.pay_in_receipt import pay_in_receipt
from willing.drawers.models import PayIn
from willing.drawers.pay_ins import take_at_office, take_pay_in
from willing.drawers.queries import require_pay_in
from willing.pages.console.document_pages import pdf_answer, show_document
from willing.pages.console.forms import PayInForm
from willing.pages.console.helpers import back_to_person, user_of
from willing.pages.console.people import show_person
from willing.pages.console.roles import OFFICE
from willing.people.models import Person
from willing.people.queries import require_person
from willing.till.school_limits import limits_in_force


@require_POST
@allow_roles(*OFFICE)
def pay_in_money(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Put money that the office received into a person's wallet, once a form, and link its receipt."""
    found = require_person(request.school, person_id)
    form = PayInForm(request.POST, school=found.school)
    if not form.is_valid():
        return show_person(request, found, pay_in_form=form, status=422)
    large_minor = limits_in_force(found.school).large_pay_in_minor
    if form.amount_minor > large_minor and request.POST.get("confirmed") != str(form.amount_minor):
        form.ask_about(form.amount_minor)
        return show_person(request, found, pay_in_form=form, status=409)
    try:
        paid = _take(request, found, form)
    except Refused as refused:
        form.add_error("amount", str(refused.message))
        return show_person(request, found, pay_in_form=form, status=409)
    _message_once(request, found, paid)
    return back_to_person(found, "money")


def _take(request: PageRequest, person: Person, form: PayInForm) -> PayIn:
    key, by = form.cleaned_data["key"], user_of(request)
    if form.drawer is not None:
        return take_pay_in(person, form.drawer, form.paying, key=key, by=by)
    return take_at_office(person, form.paying, key=key, by=by)


def _message_once(request: PageRequest, person: Person, paid: PayIn) -> None:
    key = str(paid.transfer_id)
    if request.session.get("said") == key:
        return
    request.session["said"] = key
    amount = format_minor(paid.transfer.amount_minor, person.school.currency, get_language() or "en")
    text = _("%(amount)s was paid in. Receipt %(number)s.") % {"amount": amount, "number": paid.number}
    messages.success(request, text)


@require_safe
@allow_roles(*OFFICE)
def receipt(request: PageRequest, pay_in_id: UUID) -> HttpResponse:
    """Show the receipt of a pay-in, to print or to give as a PDF."""
    paid = require_pay_in(request.school, pay_in_id)
    return show_document(
        request,
        pay_in_receipt(request.school, paid),
        template="console/pay_in_receipt.html",
        pdf=reverse("console:pay-in-receipt-pdf", args=[paid.pk]),
        person=paid.transfer.credit.person,
    )


@require_safe
@allow_roles(*OFFICE)
def receipt_pdf(request: PageRequest, pay_in_id: UUID) -> HttpResponse:
    """Give the receipt of a pay-in as a PDF."""
    paid = require_pay_in(request.school, pay_in_id)
    return pdf_answer(request, pay_in_receipt(request.school, paid), f"receipt-{paid.number}")
