"""The office's pages about free and reduced meals: a person's, those that wait for a check, whole classes."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.entitlements import actions
from willing.entitlements.models import Entitlement
from willing.entitlements.queries import (
    due_day,
    due_entitlements,
    entitlements_of,
    held_on,
    unspent_rules_of,
)
from willing.pages.console.entitlement_forms import (
    CheckForm,
    ClassesForm,
    EntitlementForm,
    LastDayForm,
    UnspentForm,
    show_refusal,
)
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_views
from willing.people.models import Person
from willing.people.queries import classes_of, require_person, today
from willing.till.grants import grant_of

DUE_SHOWN = 200


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def of_person(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Show what the school pays for a person's food; grant more. The look at it is in the log."""
    found = require_person(request.school, person_id)
    form = EntitlementForm(request.POST if request.method == "POST" else None, school=request.school)
    if form.is_bound and form.is_valid():
        try:
            actions.grant(found, form.new, by=user_of(request))
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Granted. No till, no receipt and no cashier shows it."))
            return redirect("console:entitlements-of", person_id=found.id)
    return _show_person(request, found, form, status=422 if form.is_bound else 200)


def _show_person(
    request: PageRequest, person: Person, form: EntitlementForm, *, status: int = 200
) -> HttpResponse:
    record_views([person], by=user_of(request))
    day = today(request.school)
    rows = entitlements_of(person)
    context = {
        "person": person,
        "rows": [(one, one.last_day is not None and one.last_day < day) for one in rows],
        "today": day,
        "grant": grant_of(person),
        "form": form,
    }
    return show(request, "console/entitlements_of.html", context, status=status)


@require_POST
@allow_roles(*OFFICE)
def set_last_day(request: PageRequest, person_id: UUID, entitlement_id: UUID) -> HttpResponse:
    """Let an entitlement end with a day."""
    found = require_person(request.school, person_id)
    form = LastDayForm(request.POST)
    if form.is_valid():
        last_day: date = form.cleaned_data["last_day"]
        actions.revoke_entitlement(found, entitlement_id, last_day, by=user_of(request))
        messages.success(request, _("That day is the last one."))
    else:
        messages.error(request, _("Please choose a day."))
    return redirect("console:entitlements-of", person_id=found.id)


@require_POST
@allow_roles(*OFFICE)
def check(request: PageRequest, person_id: UUID, entitlement_id: UUID) -> HttpResponse:
    """Record that the office has looked whether an entitlement still holds."""
    found = require_person(request.school, person_id)
    form = CheckForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose a day."))
        return redirect("console:entitlements-of", person_id=found.id)
    said = form.cleaned_data
    try:
        actions.confirm_entitlement(
            found,
            entitlement_id,
            check_on=said["check_on"],
            last_day=said["last_day"],
            by=user_of(request),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Checked. The log says that you have looked."))
    return redirect("console:entitlements-of", person_id=found.id)


@require_safe
@allow_roles(*OFFICE)
def overview(request: PageRequest) -> HttpResponse:
    """Show what waits for a check, how many eat free, what happens to the unspent, and whole classes."""
    return _show_overview(request)


def _show_overview(
    request: PageRequest,
    *,
    classes_form: ClassesForm | None = None,
    unspent_form: UnspentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    school = request.school
    all_due = due_entitlements(school)
    due = all_due[:DUE_SHOWN]
    record_views(list({one.person_id: one.person for one in due}.values()), by=user_of(request))
    rules = unspent_rules_of(school)
    shown = {"rule": rules.rule, "days_max": rules.days_max, "breakfast_until": rules.breakfast_until}
    held = list(held_on(school, today(school)).filter(person__left_at=None))
    context = {
        "due": [(one, due_day(one)) for one in due],
        "due_more": len(all_due) - len(due),
        "today": today(school),
        "counts": _counts(held),
        "persons": len({one.person_id for one in held}),
        "classes_form": classes_form or ClassesForm(school=school, classes=classes_of(school)),
        "has_classes": bool(classes_of(school)),
        "unspent_form": unspent_form or UnspentForm(initial=shown),
    }
    return show(request, "console/entitlements.html", context, status=status)


def _counts(held: list[Entitlement]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for one in held:
        counts[one.source_label] = counts.get(one.source_label, 0) + 1
    return sorted(counts.items(), key=lambda one: -one[1])


@require_POST
@allow_roles(*OFFICE)
def grant_classes(request: PageRequest) -> HttpResponse:
    """Grant the same to every pupil of some classes."""
    school = request.school
    form = ClassesForm(request.POST, school=school, classes=classes_of(school))
    if form.is_valid():
        ids = [int(one) for one in form.cleaned_data["classes"]]
        try:
            granted, left_out = actions.grant_all(school, ids, form.new, by=user_of(request))
        except Refused as refused:
            show_refusal(form, refused)
        else:
            text = ngettext("Granted to %(count)s pupil.", "Granted to %(count)s pupils.", granted)
            messages.success(request, text % {"count": granted})
            if left_out:
                text = ngettext(
                    "%(count)s had it from this source already.",
                    "%(count)s had it from this source already.",
                    left_out,
                )
                messages.info(request, text % {"count": left_out})
            return redirect("console:entitlements")
    return _show_overview(request, classes_form=form, status=422)


@require_POST
@allow_roles(*OFFICE)
def unspent(request: PageRequest) -> HttpResponse:
    """Decide what happens to what is left of a day's sum."""
    form = UnspentForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        actions.set_unspent_rules(
            request.school,
            said["rule"],
            by=user_of(request),
            days_max=said["days_max"],
            breakfast_until=said["breakfast_until"],
        )
        messages.success(request, _("Decided. Families read it on their page."))
        return redirect("console:entitlements")
    return _show_overview(request, unspent_form=form, status=422)
