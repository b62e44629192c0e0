"""The page of the fuses: what warns, what has blown, what the officer decides, at which numbers."""

from decimal import Decimal
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
from willing.dpia.fuse_labels import CAUSES, cause_of
from willing.dpia.fuse_models import REASON_CHARS_MAX, Fuse
from willing.dpia.fuse_rules import RANGES, Bounds
from willing.dpia.fuses import decide_fuse, policy_of, set_bounds, signed_bounds
from willing.dpia.queries import fuses_decided, fuses_of
from willing.pages.console.document_pages import is_officer, submit
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import COMPARES_WAYS, PROTECTS, READS_PROTECTION
from willing.people.models import School
from willing.people.queries import today

SHARE = "_permille"
LABELS = {
    "uses_min": gettext_lazy("Payments in 30 days, at least"),
    "pupils_min": gettext_lazy("Pupils who made them, at least"),
    "faces_permille": gettext_lazy("Share of them with a face, in %"),
    "wait_permille": gettext_lazy("The face's wait, in % of the card's"),
    "wait_days": gettext_lazy("On how many days in a row"),
    "wrong_permille": gettext_lazy("Wrong persons, in % of the uses"),
    "consultation_days": gettext_lazy("A consultation of families counts for, in days"),
}


class BoundsForm(Plain):
    """At which numbers fuses blow; shares in per cent with one decimal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field of each number, within its range."""
        super().__init__(*args, **kwargs)
        for name, (low, high) in RANGES.items():
            self.fields[name] = _field(name, low, high)

    @property
    def bounds(self) -> Bounds:
        """What was entered."""
        found = self.cleaned_data
        return Bounds(**{name: int(found[name] * (10 if name.endswith(SHARE) else 1)) for name in RANGES})

    @staticmethod
    def of(bounds: Bounds) -> dict[str, Any]:
        """Return bounds as the form shows them."""
        shown = {name: Decimal(getattr(bounds, name)) for name in RANGES}
        return {name: value / 10 if name.endswith(SHARE) else value for name, value in shown.items()}


def _field(name: str, low: int, high: int) -> forms.Field:
    scale = 10 if name.endswith(SHARE) else 1
    return forms.DecimalField(
        label=LABELS[name],
        min_value=Decimal(low) / scale,
        max_value=Decimal(high) / scale,
        decimal_places=1 if scale > 1 else 0,
        help_text=_("%(low)s to %(high)s") % {"low": f"{low / scale:g}", "high": f"{high / scale:g}"},
    )


class FuseDecisionForm(Plain):
    """Why faces go on although the numbers say otherwise, and until when."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_CHARS_MAX,
        help_text=gettext_lazy("It is logged. Please name nobody here."),
    )
    until = forms.DateField(
        label=gettext_lazy("The numbers count again from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("At most 366 days ahead. Before that day faces go on."),
    )


@require_safe
@allow_roles(*READS_PROTECTION)
def fuses(request: PageRequest) -> HttpResponse:
    """Show what warns or has blown, what is decided, and the numbers."""
    return _show(request)


def _show(
    request: PageRequest,
    decided: tuple[UUID, FuseDecisionForm] | None = None,
    bounds_form: BoundsForm | None = None,
) -> HttpResponse:
    school = request.school
    policy = policy_of(school)
    found = [
        (one, CAUSES[one.kind], decided[1] if decided and decided[0] == one.id else FuseDecisionForm())
        for one in fuses_of(school)
    ]
    for fuse, _cause, decision in found:
        decision.auto_id = f"decide-{fuse.id}-%s"
    form = bounds_form or BoundsForm(initial=BoundsForm.of(policy.bounds))
    context = {
        "fuses": found,
        "decided": [(one, CAUSES[one.kind]) for one in fuses_decided(school, today(school))],
        "weighed_on": policy.weighed_on,
        "bounds_form": form,
        "is_unsigned": policy.bounds != signed_bounds(school),
        "may_compare": not request.roles.isdisjoint(COMPARES_WAYS),
        "is_dpo": is_officer(request),
    }
    return show(
        request, "console/protection/fuses.html", context, status=422 if decided or bounds_form else 200
    )


@require_POST
@allow_roles(*PROTECTS)
def decide(request: PageRequest, fuse_id: UUID) -> HttpResponse:
    """Record the officer's decision about a fuse."""
    form = FuseDecisionForm(request.POST)

    def deed() -> Fuse:
        said = form.cleaned_data
        return decide_fuse(
            request.school, fuse_id, reason=said["reason"], until=said["until"], by=user_of(request)
        )

    if not submit(form, deed):
        return _show(request, (fuse_id, form))
    messages.success(request, _("Your decision is recorded. Faces go on until that day."))
    return redirect("console:fuses")


@require_POST
@allow_roles(*PROTECTS)
def change_bounds(request: PageRequest) -> HttpResponse:
    """Set at which numbers fuses blow, from the next signature on."""
    form = BoundsForm(request.POST)
    if not submit(form, lambda: set_bounds(request.school, form.bounds, by=user_of(request))):
        return _show(request, bounds_form=form)
    messages.success(request, _("The numbers are set. They hold once the assessment is signed with them."))
    return redirect("console:fuses")


def fuse_notes(school: School) -> list[Fuse]:
    """Return the fuses that a page names, each with its `cause`."""
    found = fuses_of(school)
    for one in found:
        one.cause = cause_of(one)  # type: ignore[attr-defined]
    return found
