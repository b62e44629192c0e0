"""The school's limits: what holds now, what the table of currencies says, and what the school sets."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.money import format_minor, write_minor
from willing.pages.console.forms import MINOR_MAX, Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.menu_forms import PriceField
from willing.pages.console.roles import SETS_LIMITS
from willing.people.models import School
from willing.till.school_limits import NewSchoolLimits, default_limits, limits_in_force, set_school_limits

FIELDS: dict[str, tuple[Promise, Promise]] = {
    "grace": (
        _("Grace for main meals"),
        _("How far a main meal may take a balance below zero. Beyond it the school carries the meal."),
    ),
    "purchase": (
        _("One purchase, all ways to pay"),
        _("For everyone. A family may choose less. A main meal is always sold."),
    ),
    "daily": (
        _("A day, all ways to pay together"),
        _("For everyone. A family may choose less. A main meal is always sold."),
    ),
    "weekly": (
        _("A week, all ways to pay together"),
        _("From the first school day of the week. A family may choose less. A main meal is always sold."),
    ),
    "face_daily": (
        _("Of a day, a face alone"),
        _("Never more than all ways together in a day or a week. 0: only together with a card or PIN."),
    ),
    "unusual_price": (
        _("Ask about a price above"),
        _("A higher price on the menu is confirmed once."),
    ),
    "large_pay_in": (
        _("Ask about a pay-in above"),
        _("The office confirms a larger sum once, so that 2000 is not paid in for 20."),
    ),
    "guardian_max": (
        _("The highest limit that a guardian can choose"),
        _("So that a slipped digit is noticed before it is a limit that limits nothing."),
    ),
}


class LimitsForm(Plain):
    """The school's limits. Empty: what the table says; for a day, no limit."""

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        """Show what holds, each with what the table says."""
        held, table = limits_in_force(school), default_limits(school.currency)
        shown = {name: getattr(held, f"{name}_minor") for name in FIELDS}
        kwargs["initial"] = {
            name: "" if sum_ is None else write_minor(sum_, school.currency) for name, sum_ in shown.items()
        }
        super().__init__(*args, **kwargs)
        for name, (label, hint) in FIELDS.items():
            said = _default(getattr(table, f"{name}_minor"), school.currency)
            self.fields[name] = PriceField(
                school.currency, label=label, help_text=f"{hint} {said}", required=False
            )
        self._table = table

    def clean(self) -> dict[str, Any]:
        """Refuse sums that no book holds."""
        said: dict[str, Any] = super().clean() or {}
        for name, sum_ in list(said.items()):
            if sum_ is not None and sum_ > MINOR_MAX:
                self.add_error(name, gettext("This sum is too large."))
        return said

    @property
    def grace_minor(self) -> int:
        """The grace, in minor units."""
        said: int | None = self.cleaned_data["grace"]
        return self._table.grace_minor if said is None else said

    @property
    def limits(self) -> NewSchoolLimits:
        """What the school sets; what is as the table says is left to it."""
        names = ("face_daily", "daily", "unusual_price", "large_pay_in", "guardian_max", "purchase", "weekly")
        said = {f"{name}_minor": self.cleaned_data[name] for name in names}
        return NewSchoolLimits(
            **{name: sum_ if sum_ != getattr(self._table, name) else None for name, sum_ in said.items()}
        )


def _default(minor: int | None, currency: str) -> str:
    if minor is None:
        return gettext("Empty: no limit.")
    amount = format_minor(minor, currency, get_language() or "en")
    return gettext("Empty: %(amount)s, as usual for this currency.") % {"amount": amount}


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_LIMITS)
def limits(request: PageRequest) -> HttpResponse:
    """Show the school's limits; set them."""
    school, status = request.school, 200
    form = LimitsForm(request.POST if request.method == "POST" else None, school=school)
    if request.method == "POST":
        if form.is_valid():
            try:
                set_school_limits(school, form.limits, by=user_of(request), grace_minor=form.grace_minor)
            except Refused as refused:
                form.add_error("face_daily", str(refused.message))
            else:
                messages.success(request, gettext("The new limits apply from now on."))
                return redirect("console:limits")
        status = 422
    return show(request, "console/limits.html", {"form": form}, status=status)
