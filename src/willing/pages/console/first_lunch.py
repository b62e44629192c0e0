"""The way to the first lunch on the front page, and the invented pupils that it was tried with."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.credentials.trial import remove_trial_pupils
from willing.ops.first_lunch import first_lunch_steps
from willing.pages.console.helpers import user_of
from willing.pages.console.roles import OFFICE
from willing.people.models import School

# What each step is called and where it is done, in the order of the way.
STEPS: dict[str, tuple[Promise, str]] = {
    "people": (_("Someone to feed"), "console:people"),
    "menu": (_("Something to sell"), "console:menu"),
    "till": (_("A paired till"), "console:terminals"),
    "credential": (_("A card or a PIN"), "console:people"),
    "money": (_("Money paid in (main meals are sold without)"), "console:people"),
    "calendar": (_("School days and hours (until then every day counts)"), "console:calendar"),
    "sale": (_("The first lunch"), "kiosk:till"),
}


@dataclass(frozen=True)
class StepShown:
    """One line of the list."""

    label: Promise
    url: str
    is_done: bool
    is_next: bool


def steps_shown(school: School) -> list[StepShown]:
    """Return the list as the front page shows it; empty once a lunch was sold."""
    steps = first_lunch_steps(school)
    following = next((one.key for one in steps if not one.is_done and not one.can_wait), "")
    return [
        StepShown(STEPS[one.key][0], reverse(STEPS[one.key][1]), one.is_done, one.key == following)
        for one in steps
    ]


@require_POST
@allow_roles(*OFFICE)
def remove_invented(request: PageRequest) -> HttpResponse:
    """Let the invented pupils leave, all of them; a second press finds nobody."""
    gone = remove_trial_pupils(request.school, by=user_of(request))
    text = ngettext("%(count)s invented pupil was removed.", "%(count)s invented pupils were removed.", gone)
    messages.success(request, text % {"count": gone})
    return redirect("console:people")
