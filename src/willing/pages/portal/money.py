"""A child's money for a family: balance, statements, money between siblings, a leaver's choice."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from babel.numbers import get_currency_precision
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.core.errors import Refused
from willing.documents.pdf import to_pdf
from willing.documents.statement import statement_csv, statement_document
from willing.ledger.queries import available_minor
from willing.pages.portal.access import FamilyViewer, show
from willing.pages.portal.consent_answers import find_uuid
from willing.pages.ui.focus import FocusesErrors
from willing.people.look import look_of
from willing.people.models import Person
from willing.wallets.low_balance import set_low_balance
from willing.wallets.moves import give_to_school, move_to_sibling
from willing.wallets.queries import leaver_balance_of, low_balance_of, siblings_of
from willing.wallets.statement import WalletStatement, months_of, statement_of

MINOR_MAX = 2**31 - 1


class AmountForm(FocusesErrors):
    """A sum in the school's currency, under its own key: pressed twice, it moves once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, label: str, is_needed: bool = True, **kwargs: Any) -> None:
        """Take as many decimals as the currency has."""
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        self.precision = get_currency_precision(currency)
        self.fields["key"].initial = uuid4
        self.fields["amount"] = forms.DecimalField(
            label=label,
            required=is_needed,
            min_value=Decimal(1).scaleb(-self.precision),
            max_value=Decimal(MINOR_MAX).scaleb(-self.precision),
            decimal_places=self.precision,
            widget=forms.NumberInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )

    @property
    def amount_minor(self) -> int | None:
        """The sum in minor units; None where the field was left empty."""
        amount: Decimal | None = self.cleaned_data["amount"]
        return None if amount is None else int(amount.scaleb(self.precision))


@require_safe
def balance(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Return the balance where it is another one than the page shows (?known=), else nothing."""
    found = available_minor(seat.person)
    if request.GET.get("known") == str(found):
        return HttpResponse(status=204)
    context = {"base": seat.base, "balance_minor": found, "currency": seat.person.school.currency}
    return render(request, "portal/_balance.html", context)


@require_safe
def money(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Show a child's balance, statements, siblings, and what a leaver's family may choose."""
    return _money(request, seat, {})


def _money(
    request: HttpRequest, seat: FamilyViewer, bound: dict[str, AmountForm], *, status: int = 200
) -> HttpResponse:
    person, guardian = seat.person, seat.guardian
    assert guardian is not None
    currency = person.school.currency
    low = low_balance_of(guardian, person)
    forms_ = {
        "sibling_form": AmountForm(
            currency=currency, label=_("Amount in %(currency)s") % {"currency": currency}
        ),
        "low_form": _low_form(seat, low),
        **bound,
    }
    context = {
        **forms_,
        "balance_minor": available_minor(person),
        "months": months_of(person),
        "siblings": siblings_of(person, guardian),
        "leaver": leaver_balance_of(person),
        "give_key": uuid4(),
        "low_minor": low,
        "has_mail": bool(guardian.email),
    }
    return show(request, seat, "portal/money.html", context, status=status)


def _low_form(seat: FamilyViewer, low: int | None, *data: Any) -> AmountForm:
    currency = seat.person.school.currency
    form = AmountForm(
        *data,
        currency=currency,
        label=_("E-mail me when the balance falls below (%(currency)s)") % {"currency": currency},
        is_needed=False,
        auto_id="low-%s",
    )
    if low is not None and not form.is_bound:
        form.initial["amount"] = Decimal(low).scaleb(-form.precision)
    return form


@require_POST
def to_sibling(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Ask once, then move money to another child of this guardian."""
    assert seat.guardian is not None
    currency = seat.person.school.currency
    label = _("Amount in %(currency)s") % {"currency": currency}
    form = AmountForm(request.POST, currency=currency, label=label)
    taker = _sibling(seat, request.POST.get("to", ""))
    if not form.is_valid() or form.amount_minor is None:
        return _money(request, seat, {"sibling_form": form}, status=422)
    if "confirmed" not in request.POST:
        context = {"form": form, "taker": taker, "amount_minor": form.amount_minor}
        return show(request, seat, "portal/to_sibling.html", context)
    key: UUID = form.cleaned_data["key"]
    try:
        move_to_sibling(seat.person, taker, form.amount_minor, key=key, by=seat.guardian)
    except Refused as refused:
        if refused.code != "balance_too_small":
            raise
        form.add_error("amount", str(refused.message))
        return _money(request, seat, {"sibling_form": form}, status=409)
    messages.success(request, _("The money is on %(name)s's balance now.") % {"name": taker.given_name})
    return redirect(f"{seat.base}money/")


def _sibling(seat: FamilyViewer, wanted: str) -> Person:
    chosen = find_uuid(wanted)
    found = next((one for one in siblings_of(seat.person, seat.guardian) if one.id == chosen), None)
    if found is None:
        raise Http404
    return found


@require_POST
def give(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Give what a leaver has left to the school's meals: asked on the page, done in one press of its own."""
    assert seat.guardian is not None
    key = find_uuid(request.POST.get("key", ""))
    found = leaver_balance_of(seat.person)
    if key is None:
        return HttpResponse(status=400)
    if found is not None and found.balance_minor > 0:
        give_to_school(seat.person, found.balance_minor, key=key, by=seat.guardian)
        messages.success(request, _("Thank you. The money goes to the school's meals."))
    return redirect(f"{seat.base}money/")


@require_POST
def low_balance(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Take below which balance a guardian wants an e-mail; an empty field, that they want none."""
    assert seat.guardian is not None
    form = _low_form(seat, None, {**request.POST.dict(), "key": str(uuid4())})
    if not form.is_valid():
        return _money(request, seat, {"low_form": form}, status=422)
    set_low_balance(seat.guardian, seat.person, form.amount_minor)
    messages.success(request, _("Your choice of e-mails is saved."))
    return redirect(f"{seat.base}money/#low")


@require_safe
def statement(request: HttpRequest, seat: FamilyViewer, year: int, month: int) -> HttpResponse:
    """Show a month: the balance before, every movement, the balance after."""
    found = _statement(seat, year, month)
    context = {"statement": found, "document": statement_document(found), "months": months_of(seat.person)}
    return show(request, seat, "portal/statement.html", context)


@require_safe
def statement_list(request: HttpRequest, seat: FamilyViewer, year: int, month: int) -> HttpResponse:  # noqa: ARG001
    """Give a month as CSV; the mark at its beginning tells spreadsheets that it is UTF-8."""
    text = "\ufeff" + statement_csv(_statement(seat, year, month))
    name = f'attachment; filename="statement-{year}-{month:02}.csv"'
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


@require_safe
def statement_pdf(request: HttpRequest, seat: FamilyViewer, year: int, month: int) -> HttpResponse:  # noqa: ARG001
    """Give a month as PDF."""
    found = _statement(seat, year, month)
    pdf = to_pdf(statement_document(found), look_of(seat.person.school))
    name = f'inline; filename="statement-{year}-{month:02}.pdf"'
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": name})


def _statement(seat: FamilyViewer, year: int, month: int) -> WalletStatement:
    try:
        wanted = date(year, month, 1)
    except (ValueError, OverflowError):
        raise Http404 from None
    if wanted not in months_of(seat.person):
        raise Http404
    return statement_of(seat.person, wanted)
