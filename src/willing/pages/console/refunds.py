"""Giving a payment back, or some of what was bought with it."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.money import format_minor
from willing.drawers.models import Drawer
from willing.drawers.queries import open_sessions
from willing.pages.console.forms import Keyed
from willing.pages.console.helpers import message_once, show, user_of
from willing.pages.console.roles import REFUNDS
from willing.people.models import School
from willing.till import errors
from willing.till.models import BasketLine, Sale
from willing.till.paid_by import PaidBy
from willing.till.queries import find_sale, refunds_of
from willing.till.refund_models import Refund
from willing.till.refunds import RefundedBy, refund_sale


class RefundForm(Keyed):
    """How many of each line go back, and why. Where no line is sent, all that is left goes back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For the office and the log. Please name nobody here."),
    )

    def __init__(
        self, *args: Any, lines: list[BasketLine], drawers: list[Drawer] | None = None, **kwargs: Any
    ) -> None:
        """Offer what is left of each line, all of it chosen beforehand; drawers: for a sale in cash."""
        super().__init__(*args, **kwargs)
        self.drawers = {str(one.pk): one for one in drawers or []}
        if drawers is not None:
            self.fields["drawer"] = forms.ChoiceField(
                label=_("Out of which drawer"), choices=[(pk, one.name) for pk, one in self.drawers.items()]
            )
        self.lines = [line for line in lines if line.left]
        for line in self.lines:
            self.fields[self._name(line)] = forms.IntegerField(
                min_value=0,
                max_value=line.left,
                initial=line.left,
                required=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            )

    @staticmethod
    def _name(line: BasketLine) -> str:
        return f"line-{line.pk}"

    @property
    def rows(self) -> list[tuple[BasketLine, forms.BoundField]]:
        """The lines with their fields."""
        return [(line, self[self._name(line)]) for line in self.lines]

    @property
    def drawer(self) -> Drawer | None:
        """The drawer that was chosen; None for what was not paid in cash."""
        return self.drawers.get(self.cleaned_data.get("drawer", ""))

    @property
    def quantities(self) -> dict[UUID, int] | None:
        """How many of which product; None where the browser sent no line."""
        if not any(self._name(line) in self.data for line in self.lines):
            return None
        wanted = {line.product_id: self.cleaned_data.get(self._name(line)) or 0 for line in self.lines}
        return {product: quantity for product, quantity in wanted.items() if quantity}


@require_http_methods(["GET", "POST"])
@allow_roles(*REFUNDS)
def refund(request: PageRequest, sale_id: UUID) -> HttpResponse:
    """Ask once, then give a sale back, or what was chosen of it."""
    school = request.school
    sale = find_sale(school, sale_id)
    if sale is None:
        raise errors.sale_unknown()
    posted = request.POST if request.method == "POST" else None
    drawers = _drawers_for(sale) if sale.way == PaidBy.CASH else None
    form = RefundForm(posted, lines=list(sale.basket.lines.all()), drawers=drawers)
    refusal = ""
    if posted is not None and form.is_valid():
        by = RefundedBy(user=user_of(request), reason=form.cleaned_data["reason"], drawer=form.drawer)
        try:
            given = refund_sale(sale.id, key=form.cleaned_data["key"], by=by, quantities=form.quantities)
        except Refused as refused:
            refusal = str(refused.message)
        else:
            message_once(request, form.cleaned_data["key"], _done(sale, given))
            return redirect(_day_of(sale, school))
    context = {
        "sale": sale,
        "left_minor": sale.total_minor - sale.refunded_minor,
        "refunds": refunds_of(sale),
        "form": form,
        "refusal": refusal,
        "way": PaidBy(sale.way).label,
        "is_cash": drawers is not None,
        "back": _day_of(sale, school),
    }
    status = 409 if refusal else 200 if posted is None else 422
    return show(request, "console/refund.html", context, status=status)


def _drawers_for(sale: Sale) -> list[Drawer]:
    """Return the open drawers, the one that took the money first."""
    drawers = [one.drawer for one in open_sessions(sale.school)]
    taken = sale.drawer_session.drawer_id if sale.drawer_session else None
    return sorted(drawers, key=lambda one: (one.pk != taken, one.name))


def _done(sale: Sale, given: Refund) -> str:
    if given.handed_minor is None:
        return _("Receipt %(number)s: the money was refunded.") % {"number": sale.receipt_number}
    text = _("Receipt %(number)s: please hand over %(sum)s from the drawer.")
    handed = format_minor(given.handed_minor, sale.school.currency, get_language() or "en")
    return text % {"number": sale.receipt_number, "sum": handed}


def _day_of(sale: Sale, school: School) -> str:
    address = reverse("console:today")
    return f"{address}?day={sale.settled_at.astimezone(ZoneInfo(school.time_zone)).date().isoformat()}"
