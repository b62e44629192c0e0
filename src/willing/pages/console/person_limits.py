"""What the office limits for one person, for a family that has no sign-in, beside what guardians limit."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.money import write_minor
from willing.pages.console.forms import MINOR_MAX, Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.menu_forms import PriceField
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_view
from willing.people.models import Person
from willing.people.queries import listed_guardians, require_person
from willing.till.limit_models import SpendingLimits
from willing.till.limit_rules import NewLimits
from willing.till.limits import limits_of, set_limits

LIMITS: dict[str, Promise] = {
    "purchase": _("One purchase, all ways to pay"),
    "daily": _("A day, all ways to pay together"),
    "weekly": _("A week, all ways to pay together"),
    "face_daily": _("Of a day, a face alone"),
}


class PersonLimitsForm(Plain):
    """What the office sets for one person. Empty: nothing of its own."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        """Show what the office has set."""
        own = SpendingLimits.objects.filter(person=person, guardian=None).first()
        held = {name: getattr(own, f"{name}_minor", None) for name in LIMITS}
        currency = person.school.currency
        kwargs["initial"] = {
            name: "" if sum_ is None else write_minor(sum_, currency) for name, sum_ in held.items()
        }
        super().__init__(*args, **kwargs)
        for name, label in LIMITS.items():
            self.fields[name] = PriceField(currency, label=f"{label} ({currency})", required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse sums that no book holds."""
        said: dict[str, Any] = super().clean() or {}
        for name, sum_ in list(said.items()):
            if sum_ is not None and sum_ > MINOR_MAX:
                self.add_error(name, gettext("This sum is too large."))
        return said

    @property
    def limits(self) -> NewLimits:
        """What was entered, in minor units."""
        return NewLimits(**{f"{name}_minor": self.cleaned_data[name] for name in LIMITS})


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def limits(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Show a person's limits and whose each is; set the office's. The look at it is in the log."""
    found, status = require_person(request.school, person_id), 200
    form = PersonLimitsForm(request.POST if request.method == "POST" else None, person=found)
    if request.method == "POST":
        if form.is_valid():
            try:
                set_limits(found, form.limits, by=user_of(request))
            except Refused as refused:
                form.add_error("face_daily", str(refused.message))
            else:
                messages.success(request, gettext("The new limits apply from now on."))
                return redirect("console:person-limits", person_id=found.id)
        status = 422
    else:
        record_view(found, by=user_of(request))
    context = {"person": found, "form": form, "rows": _shown(found)}
    return show(request, "console/person_limits.html", context, status=status)


def _shown(person: Person) -> list[tuple[Promise, int | None, str]]:
    """Return each limit that counts: its name, how much, and whose it is."""
    held, names = limits_of(person), {one.id: one.name for one in listed_guardians(person.id)}
    school = gettext("the school")
    return [
        (label, getattr(held, f"{name}_minor"), names.get(getattr(held.owners, name), school))
        for name, label in LIMITS.items()
    ]
