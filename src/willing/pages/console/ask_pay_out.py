"""The office asks for a pay-out from a person's page: for a family that comes to the desk, or writes."""

from decimal import Decimal
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.ledger.queries import available_minor
from willing.pages.console.forms import Keyed, MoneyForm
from willing.pages.console.helpers import message_once, show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.ui.account_fields import AccountFields
from willing.payments.account_rules import BankAccount
from willing.payments.models import PayOut
from willing.payments.pay_outs import AskedBy, ask_pay_out
from willing.payments.queries import last_payer_account, pay_outs_of
from willing.people.models import Person
from willing.people.queries import require_person


class PayOutForm(AccountFields, Keyed, MoneyForm):
    """How much goes back, and where to; at first all that is there, to where the money last came from."""

    def suggest(self, available_minor: int, account: BankAccount | None) -> None:
        """Put what is probable into a form that nobody has filled in."""
        self.fields["amount"].initial = Decimal(available_minor).scaleb(-self.precision)
        if account is None:
            self.fields["way"].initial = PayOut.Route.CASH
        else:
            self.fields["holder"].initial, self.fields["number"].initial = account.holder, account.shown


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def ask(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Show what there is to pay out and what is asked for already; record a request."""
    found = require_person(request.school, person_id)
    asked = [one for one in pay_outs_of(found) if one.state == PayOut.State.ASKED]
    available = available_minor(found) - sum(one.amount_minor for one in asked)
    posted = request.POST if request.method == "POST" else None
    form = PayOutForm(posted, currency=request.school.currency)
    status = 200 if posted is None else 422
    if posted is None and available > 0:
        form.suggest(available, _known_account(found))
    if posted is not None and form.is_valid():
        key: UUID = form.cleaned_data["key"]
        try:
            _ask(request, found, form)
        except Refused as refused:
            form.add_error("amount", str(refused.message))
            status = 409
        else:
            message_once(request, key, _("Recorded. Approve it here when it is to be paid."))
            return redirect("console:pay-outs")
    context = {"person": found, "form": form, "asked": asked, "available_minor": available}
    return show(request, "console/money/ask_pay_out.html", context, status=status)


def _ask(request: PageRequest, found: Person, form: PayOutForm) -> None:
    key, by = form.cleaned_data["key"], AskedBy(user=user_of(request))
    ask_pay_out(found, form.amount_minor, asked_by=by, key=key, account=form.account)


def _known_account(found: Person) -> BankAccount | None:
    try:
        return last_payer_account(found)
    except Refused:
        return None  # the keys are not there now: the office types it
