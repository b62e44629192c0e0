"""Purchases that look like duplicates: what the night found and refunded, and what the office decides."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.meals.duplicates import keep_both, listed_duplicates, refund_duplicate
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_views


@require_safe
@allow_roles(*OFFICE)
def duplicates(request: PageRequest) -> HttpResponse:
    """Show the pairs of the last thirty days, those that wait for a decision first."""
    found = listed_duplicates(request.school)
    persons = {one.second.person.id: one.second.person for one in found if one.second.person is not None}
    record_views(list(persons.values()), by=user_of(request))
    return show(request, "console/meals/duplicates.html", {"pairs": found})


@require_POST
@allow_roles(*OFFICE)
def refund_pair(request: PageRequest, pair_id: UUID) -> HttpResponse:
    """Refund the second purchase of a pair."""
    done = _("The second purchase is refunded, and the family is written to.")
    return _decide(request, lambda: refund_duplicate(request.school, pair_id, by=user_of(request)), done)


@require_POST
@allow_roles(*OFFICE)
def keep_pair(request: PageRequest, pair_id: UUID) -> HttpResponse:
    """Keep both purchases; what was refunded at night is charged again."""
    done = _("Both purchases stay. What was refunded is charged again.")
    return _decide(request, lambda: keep_both(request.school, pair_id, by=user_of(request)), done)


def _decide(request: PageRequest, deed: Callable[[], object], done: str) -> HttpResponse:
    try:
        deed()
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, done)
    return redirect("console:duplicates")
