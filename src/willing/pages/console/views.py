"""The front door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from willing.accounts.access import allow_anyone, needs_second_factor, roles_in_session
from willing.accounts.queries import has_administrator
from willing.credentials.trial import trial_persons
from willing.ops.health import conditions
from willing.pages.console.first_lunch import steps_shown
from willing.pages.console.navigation import TILL, areas_for
from willing.pages.console.roles import OFFICE, READS_PROTECTION
from willing.people.requests import find_school_of
from willing.till.reports import tills_not_seen


@never_cache
@require_safe
@allow_anyone("the front door")
def home(request: HttpRequest) -> HttpResponse:
    """Show where to go."""
    if needs_second_factor(request):
        return redirect("mfa_index")
    roles = roles_in_session(request)
    if "guardian" in roles:
        return redirect("portal:family")
    if "pupil" in roles:
        return redirect("portal:me")
    school = find_school_of(request)
    reads = school if not roles.isdisjoint(READS_PROTECTION) else None
    is_new = school is None or (school.set_up_at is None and not has_administrator(school))
    is_unfinished = school is not None and school.set_up_at is None and "administrator" in roles
    works = school if not roles.isdisjoint(OFFICE) else None
    context = {
        "school": school,
        "steps": steps_shown(works) if works else [],
        "absent_tills": tills_not_seen(works) if works else [],
        "invented": len(trial_persons(works)) if works else 0,
        "set_up": reverse("set-up:code") if is_new else "",
        "unfinished": reverse("set-up:people") if is_unfinished else "",
        "faults": [one for one in conditions(reads) if not one.is_ok] if reads else [],
        "areas": areas_for(roles),
        "till": None if request.user.is_authenticated else TILL,
    }
    return render(request, "console/home.html", context)
