"""Every block, check, override, near miss and reaction, for the officer and the office, with a file."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.allergens.models import AllergenEvent
from willing.allergens.queries import events_between
from willing.allergens.table import labels, split
from willing.allergens.wording import WHY
from willing.pages.console.allergen_forms import AllergenPeriodForm
from willing.pages.console.helpers import show, user_of
from willing.pages.console.meals import csv_answer
from willing.pages.console.roles import READS_ALLERGEN_EVENTS
from willing.pages.console.view_log import record_views
from willing.people.queries import day_bounds, today

DAYS_SHOWN = 30
SHOWN_MAX = 500


@require_safe
@allow_roles(*READS_ALLERGEN_EVENTS)
def allergen_events(request: PageRequest) -> HttpResponse:
    """List what happened in a time, with how often."""
    first, last, form = _period(request)
    found = _found(request, first, last)
    counts = {kind: sum(one.kind == kind for one in found) for kind in AllergenEvent.Kind.values}
    context = {
        "form": form,
        "first": first,
        "last": last,
        "counts": [(AllergenEvent.Kind(kind).label, count) for kind, count in counts.items()],
        "events": [(one, labels(split(one.allergens)), WHY[one.why]) for one in found[:SHOWN_MAX]],
        "is_cut": len(found) > SHOWN_MAX,
        "shown_max": SHOWN_MAX,
    }
    return show(request, "console/allergen_events.html", context, status=422 if form.errors else 200)


@require_safe
@allow_roles(*READS_ALLERGEN_EVENTS)
def allergen_events_csv(request: PageRequest) -> HttpResponse:
    """Give the same as a list, for the review of the school's allergy policy."""
    first, last, _form = _period(request)
    zone = ZoneInfo(request.school.time_zone)
    headings = [
        *(_("When"), _("What"), _("Pupil number"), _("Name"), _("Class"), _("Dish"), _("Allergens")),
        *(_("Why"), _("Reason"), _("By"), _("Till")),
    ]
    rows = [
        [
            one.happened_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            str(one.get_kind_display()),
            one.person.till_number,
            one.person.full_name,
            one.person.year_group.name if one.person.year_group else "",
            one.dish,
            "; ".join(labels(split(one.allergens))),
            str(WHY[one.why]),
            one.reason,
            one.user.get_full_name() if one.user else "",
            one.terminal.name if one.terminal else "",
        ]
        for one in _found(request, first, last)
    ]
    return csv_answer("allergen-events", headings, rows)


def _period(request: PageRequest) -> tuple[date, date, AllergenPeriodForm]:
    """Return the days that are asked for: the last thirty where none, or none that is one, is given."""
    day = today(request.school)
    usual = {"first": day - timedelta(days=DAYS_SHOWN), "last": day}
    form = AllergenPeriodForm(request.GET if "first" in request.GET else usual)
    if form.is_valid():
        return form.cleaned_data["first"], form.cleaned_data["last"], form
    return usual["first"], usual["last"], form


def _found(request: PageRequest, first: date, last: date) -> list[AllergenEvent]:
    school = request.school
    found = events_between(school, day_bounds(school, first)[0], day_bounds(school, last)[1])
    record_views(list({one.person_id: one.person for one in found}.values()), by=user_of(request))
    return found
