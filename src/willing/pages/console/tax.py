"""The rates of tax: which hold, set one from a day on, delete one that was a mistake."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.books.actions import NewRate, delete_tax_rate, set_tax_rate
from willing.books.models import Buyer, TaxRate
from willing.books.reports import rate_text
from willing.pages.console.daily_sales import EARLIEST
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import SETS_TAX
from willing.people.models import School
from willing.people.queries import today
from willing.till.menu_models import Product
from willing.till.menu_rules import TAX_CODE_CHARS_MAX


class RateForm(Plain):
    """A rate of a tax code from a day on."""

    code = forms.CharField(
        label=_("Tax code"),
        max_length=TAX_CODE_CHARS_MAX,
        required=False,
        help_text=_("As products name it. Empty: everything without a code."),
    )
    buyer = forms.ChoiceField(
        label=_("Buyers"), choices=[("", _("Everyone")), *Buyer.choices], required=False
    )
    percent = forms.DecimalField(
        label=_("Rate in percent"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": "6"}),
        help_text=_("It is in the price. 0 for what is exempt or outside the scope."),
    )
    first_day = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_first_day(self) -> Any:
        """Refuse days for which there can be no report."""
        if self.cleaned_data["first_day"] < EARLIEST:
            raise forms.ValidationError(gettext("Please enter a later day."))
        return self.cleaned_data["first_day"]

    @property
    def new(self) -> NewRate:
        """The rate that was entered."""
        said = self.cleaned_data
        return NewRate(said["code"], said["buyer"], int(said["percent"] * 100), said["first_day"])


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_TAX)
def tax(request: PageRequest) -> HttpResponse:
    """Show the rates; set one."""
    school = request.school
    form = RateForm(request.POST or None, initial={"first_day": today(school)})
    if request.method == "POST" and form.is_valid():
        set_tax_rate(school, form.new, by=user_of(request))
        messages.success(request, gettext("The rate is set. Reports of its days are counted anew."))
        return redirect("console:tax")
    rates = [(one, rate_text(one.rate)) for one in TaxRate.objects.filter(school=school)]
    context = {"form": form, "rates": rates, "without": _codes_without(school)}
    return show(request, "console/money/tax.html", context, status=422 if form.errors else 200)


def _codes_without(school: School) -> list[str]:
    """Return the codes of products on sale that have no rate; for the code that is empty, a dash."""
    used = set(Product.objects.filter(school=school, is_on_sale=True).values_list("tax_code", flat=True))
    rated = set(TaxRate.objects.filter(school=school).values_list("code", flat=True))
    return [code or "–" for code in sorted(used - rated)]


@require_POST
@allow_roles(*SETS_TAX)
def delete(request: PageRequest, rate_id: UUID) -> HttpResponse:
    """Delete a rate that was set by mistake."""
    delete_tax_rate(request.school, rate_id, by=user_of(request))
    messages.success(request, gettext("The rate was deleted."))
    return redirect("console:tax")
