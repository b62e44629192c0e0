"""Health: whether everything runs as it should, for the people who can do something about it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.audit.clock_state import clock_state
from willing.core.errors import Refused
from willing.ops.clock import accept_clock
from willing.ops.health import conditions
from willing.pages.console.helpers import show, user_of
from willing.pages.console.protection_forms import ReasonForm
from willing.pages.console.roles import ADMINISTERS, READS_PROTECTION


@require_safe
@allow_roles(*READS_PROTECTION)
def health(request: PageRequest) -> HttpResponse:
    """List what `willing doctor` knows of this installation, what is wrong first."""
    return _list(request, ReasonForm())


def _list(
    request: PageRequest, clock_form: ReasonForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    school = request.school
    found = conditions(school)
    operates = not request.roles.isdisjoint(ADMINISTERS)
    context = {
        "faults": [condition for condition in found if not condition.is_ok],
        "in_order": [condition for condition in found if condition.is_ok],
        "clock_form": clock_form if operates and clock_state().is_behind else None,
        "refusal": refusal,
    }
    return show(request, "console/health.html", context, status=status)


@require_POST
@allow_roles(*ADMINISTERS)
def confirm_clock(request: PageRequest) -> HttpResponse:
    """Take the operator's word that the clock is right now."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    try:
        accept_clock(request.school, reason=form.cleaned_data["reason"], by=user_of(request))
    except Refused as refused:
        return _list(request, form, refusal=str(refused.message), status=409)
    messages.success(request, _("It is recorded that the clock is correct."))
    return redirect("console:health")
