"""The front door, and what waits behind it for those who work here."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_anyone, needs_second_factor, roles_in_session
from willing.accounts.queries import has_administrator
from willing.credentials.trial import trial_persons
from willing.pages.console.evening_houses import evening_houses
from willing.pages.console.first_lunch import steps_shown
from willing.pages.console.helpers import show, user_of
from willing.pages.console.navigation import TILL
from willing.pages.console.roles import ANY_STAFF, OFFICE
from willing.pages.console.waiting import waiting_for
from willing.people.models import School
from willing.people.requests import find_school_of
from willing.till.reports import tills_not_seen


@never_cache
@require_safe
@allow_anyone("the front door")
def home(request: HttpRequest) -> HttpResponse:
    """Show where to go, and to staff what waits."""
    roles = roles_in_session(request)
    if not roles and needs_second_factor(request):
        return redirect("mfa_index")
    if "guardian" in roles:
        return redirect("portal:family")
    if "pupil" in roles:
        return redirect("portal:me")
    school = find_school_of(request)
    if school is not None and not roles.isdisjoint(ANY_STAFF):
        return _front(request, school, roles)
    is_new = school is None or (school.set_up_at is None and not has_administrator(school))
    context = {"school": school, "set_up": reverse("set-up:code") if is_new else "", "till": TILL}
    return render(request, "console/home.html", context)


def _front(request: HttpRequest, school: School, roles: frozenset[str]) -> HttpResponse:
    """Show staff what waits for their roles, the way to the first lunch, and every page that is theirs."""
    page = cast("PageRequest", request)
    page.school, page.roles = school, roles
    is_unfinished = school.set_up_at is None and "administrator" in roles
    is_office = not roles.isdisjoint(OFFICE)
    context = {
        "steps": steps_shown(school) if is_office else [],
        "invented": len(trial_persons(school)) if is_office else 0,
        "absent_tills": tills_not_seen(school) if is_office else [],
        "unfinished": reverse("set-up:people") if is_unfinished else "",
        "waiting": waiting_for(roles, school, user_of(page), evening_houses(page)),
    }
    return show(page, "console/front.html", context)
