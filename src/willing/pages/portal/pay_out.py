"""A guardian asks for money back from a child's balance and sees what becomes of the request."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.core.ids import derive_id
from willing.ledger.queries import available_minor
from willing.pages.portal.access import FamilyViewer, show
from willing.pages.portal.consent_answers import find_uuid
from willing.pages.portal.money import AmountForm
from willing.pages.ui.account_fields import AccountFields
from willing.payments.models import PayOut
from willing.payments.pay_outs import AskedBy, ask_pay_out
from willing.payments.queries import pay_outs_of


class PayOutForm(AccountFields, AmountForm):
    """How much goes back, and where to."""

    def __init__(self, *args: Any, currency: str, available: int, **kwargs: Any) -> None:
        """Offer all that is there."""
        label = _("Amount in %(currency)s") % {"currency": currency}
        super().__init__(*args, currency=currency, label=label, **kwargs)
        self.available = available
        if available > 0:
            self.fields["amount"].initial = Decimal(available).scaleb(-self.precision)

    def clean(self) -> dict[str, Any]:
        """Ask for no more than is there."""
        said = super().clean()
        amount: Decimal | None = said.get("amount")
        if amount is not None and int(amount.scaleb(self.precision)) > self.available:
            self.add_error("amount", _("There is less money in the account than that."))
        return said


@require_http_methods(["GET", "POST"])
def pay_out(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Show the pay-outs of a child and their states; take a new one."""
    assert seat.guardian is not None
    person, known = seat.person, pay_outs_of(seat.person)
    asked = sum(one.amount_minor for one in known if one.state == PayOut.State.ASKED)
    available = available_minor(person) - asked
    posted = request.POST if request.method == "POST" else None
    form = PayOutForm(posted, currency=person.school.currency, available=_free(posted, available, known))
    if posted is not None and form.is_valid() and form.amount_minor is not None:
        key: UUID = form.cleaned_data["key"]
        ask_pay_out(
            person, form.amount_minor, asked_by=AskedBy(guardian=seat.guardian), key=key, account=form.account
        )
        messages.success(request, _("Your request is with the school office."))
        return redirect(f"{seat.base}money/pay-out/")
    context = {"form": form, "pay_outs": known, "available_minor": available}
    return show(request, seat, "portal/pay_out.html", context, status=200 if posted is None else 422)


def _free(posted: Any, available: int, known: list[PayOut]) -> int:
    """Return what may be asked for; a form that was sent before finds its own sum there still."""
    key = find_uuid(posted.get("key", "")) if posted is not None else None
    own = derive_id(key, "pay-out") if key else None
    return available + sum(one.amount_minor for one in known if one.id == own)
