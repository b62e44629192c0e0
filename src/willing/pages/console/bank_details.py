"""The school's bank account: where families pay to. The administrator's alone; the office reads it."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.pages.console.bank_forms import OwnAccountForm, account_of_form
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import ADMINISTERS, OFFICE, READS_BANK_DETAILS
from willing.payments.bank_details import remove_bank_details, set_bank_details
from willing.payments.models import BankDetails
from willing.payments.queries import find_bank_details


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_BANK_DETAILS)
def bank_details(request: PageRequest) -> HttpResponse:
    """Show the school's account, and let an administrator set or remove it."""
    school, status = request.school, 200
    may_change = not request.roles.isdisjoint(ADMINISTERS)
    details = find_bank_details(school)
    form = OwnAccountForm.of(details, school.name, school.country)
    if request.method == "POST":
        if not may_change:
            return HttpResponseForbidden()
        if "remove" in request.POST:
            remove_bank_details(school, by=user_of(request))
            messages.success(request, _("Families are not asked to pay by the bank any more."))
            return redirect("console:bank-details")
        form, status = OwnAccountForm(request.POST), 422
        if form.is_valid() and _saved(request, form):
            messages.success(request, _("Saved. Letters and family pages show this account from now on."))
            return redirect("console:bank-details")
    back = "console:settings" if request.roles.isdisjoint(OFFICE) else "console:money"
    context = {"form": form, "details": details, "may_change": may_change, "back": back}
    return show(request, "console/bank/details.html", context, status=status)


def _saved(request: PageRequest, form: OwnAccountForm) -> bool:
    try:
        account = account_of_form(form)
    except Refused as refused:
        form.refuse(refused.code, str(refused.message))
        return False
    kind = BankDetails.References(form.cleaned_data["references"])
    set_bank_details(request.school, account, kind, by=user_of(request))
    return True
