"""Codes set for many at once, or for a pupil on certain days: what is proposed, set, recorded, undone."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.attendance.models import SetCode
from willing.attendance.queries import (
    codes_of,
    find_settings,
    groups_of,
    lists_of,
    require_settings,
    times_of,
)
from willing.attendance.rules import CodeSet, Proposer
from willing.attendance.set_code_queries import (
    LISTED_MAX,
    SetCodeWork,
    SetSummary,
    days_off_with_marks,
    has_come_since,
    new_on_roll,
    require_set_code,
    set_codes_listed,
    summarise_set,
    under_way,
    wanted_set,
    work_of,
)
from willing.attendance.set_code_rules import WantedSet, closing_code, settable
from willing.attendance.set_codes import NewSet, record_set_code, require_valid, set_code, undo_set_code
from willing.core.errors import Refused
from willing.jobs.queries import JobProgress
from willing.pages.console.helpers import show, user_of
from willing.pages.console.register_labels import label_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.set_code_forms import EVERYONE, GROUP, PERSON, OfferedForSet, SetCodeForm
from willing.pages.console.view_log import record_views
from willing.people.models import Person
from willing.people.queries import by_name, present_persons, today

NAMED_MAX = 12


@dataclass(frozen=True)
class ShownSetCode:
    """A code that was set, as the list shows it. has_come: days of it have come since it was set.

    work: how far the worker is with it; None where it has nothing to do.
    """

    row: SetCode
    label: str
    whom: str
    when: str
    has_come: bool
    work: SetCodeWork | None


@require_safe
@allow_roles(*OFFICE)
def set_codes(request: PageRequest) -> HttpResponse:
    """List what is proposed, what holds, and what was undone lately."""
    school = request.school
    if find_settings(school) is None:
        return show(request, "console/attendance/empty.html", {"may_set_up": True})
    codes = codes_of(require_settings(school))
    new = new_on_roll(school)
    rows = set_codes_listed(school)
    named = [one.person for row in rows for one in row.whom.all() if one.person]
    record_views(list({*new, *named}), by=user_of(request))
    names = {str(one.number): one.name for one in times_of(school)}
    works = under_way(rows)
    day = today(school)
    shown = [_shown(one, codes, names, works.get(one.pk)) for one in rows]
    context = {
        "closed": days_off_with_marks(school),
        "closing": closing_code(codes),
        "new": new,
        "roll": next((one.symbol for one in settable(codes) if Proposer.ROLL in one.proposed_from), ""),
        "hold": [one for one in shown if one.row.undone_at is None and one.row.last_day >= day],
        "over": [one for one in shown if one.row.undone_at is None and one.row.last_day < day],
        "undone": [one for one in shown if one.row.undone_at is not None],
    }
    return show(request, "console/attendance/set_codes.html", context)


def _shown(row: SetCode, codes: CodeSet, names: dict[str, str], work: SetCodeWork | None) -> ShownSetCode:
    return ShownSetCode(
        row,
        label_of(codes, row.symbol),
        _whom(row),
        _when(wanted_set(row), names),
        has_come_since(row.school, row),
        work,
    )


def _whom(row: SetCode) -> str:
    if row.is_for_everyone:
        return _("Everyone in registers")
    names = [one.group.title if one.group else one.person.full_name for one in row.whom.all()]  # type: ignore[union-attr]
    return _named(names)


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED_MAX])
    more = len(names) - NAMED_MAX
    if more <= 0:
        return shown
    text = ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more)
    return text % {"names": shown, "count": more}


def _when(wanted: WantedSet, names: dict[str, str]) -> str:
    """Return on which weekdays and in which registers; "" for each."""
    weekdays = [str(WEEKDAYS[one - 1]) for one in sorted(wanted.weekdays)]
    registers = [name for number, name in names.items() if int(number) in wanted.numbers]
    return ", ".join([*weekdays, *registers])


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def set_one(request: PageRequest) -> HttpResponse:
    """Take which code, for whom and when; show what it would do, and do it on a second press."""
    school, user = request.school, user_of(request)
    if find_settings(school) is None:
        return show(request, "console/attendance/empty.html", {"may_set_up": True})
    form = _form(request)
    preview: SetSummary | None = None
    if form.is_bound and form.is_valid():
        try:
            new = require_valid(school, form.new)
            if "confirm" in request.POST:
                return _done(request, new)
            if "change" not in request.POST:
                preview = summarise_set(school, new.wanted, new.whom, replaces=new.replaces)
        except Refused as refused:
            form.show_refusal(refused)
    context: dict[str, Any] = {"form": form, "preview": preview}
    if preview is not None:
        context |= _seen(request, form, preview)
    is_wrong = form.is_bound and bool(form.errors)
    record_views(_persons(request), by=user)
    return show(request, "console/attendance/set_code.html", context, status=422 if is_wrong else 200)


def _done(request: PageRequest, new: NewSet) -> HttpResponse:
    row = set_code(request.school, new, by=user_of(request))
    return _after(request, row.pk)


def _after(request: PageRequest, set_code_id: UUID) -> HttpResponse:
    """Say what became of a press, or go to the page that says how far the worker is."""
    work = work_of(require_set_code(request.school, set_code_id))
    if not work.is_over:
        return redirect("console:set-code-progress", set_code_id=set_code_id)
    messages.success(request, _described(work))
    return redirect("console:set-codes")


def _described(work: SetCodeWork) -> str:
    if work.is_undo:
        return _("Undone. What was there before holds again.")
    if not work.done:
        return _("Set. It is proposed on its days.")
    text = ngettext("Set. %(count)s mark recorded.", "Set. %(count)s marks recorded.", work.done)
    return text % {"count": work.done}


@require_safe
@allow_roles(*OFFICE)
def progress(request: PageRequest, set_code_id: UUID) -> HttpResponse:
    """Show how far the worker is, and go on once it is over; to the page's script, say only how far it is."""
    try:
        row = require_set_code(request.school, set_code_id)
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:set-codes")
    work = work_of(row)
    said = _progress(work)
    if "part" in request.GET:
        return JsonResponse(said, headers={"Cache-Control": "no-store"})
    if work.is_over:
        return _after(request, set_code_id)
    return show(request, "console/attendance/set_code_progress.html", {"row": row, "work": work, **said})


def _progress(work: SetCodeWork) -> dict[str, object]:
    """Return how far the worker is, in words and numbers. stays, waits: which page is right."""
    step = _("What was there before is put back") if work.is_undo else _("Marks are recorded")
    if work.standing is JobProgress.PUT_OFF:
        step = _("It stopped at a fault. What is done stays, and the rest is tried again within minutes.")
    return {
        "stays": not work.is_over,
        "waits": work.standing is JobProgress.PUT_OFF,
        "step": step,
        "rows": _("%(done)s of %(total)s marks") % {"done": work.done, "total": work.total},
        "done": work.done,
        "total": work.total,
    }


def _form(request: PageRequest) -> SetCodeForm:
    school = request.school
    codes = codes_of(require_settings(school))
    offered = OfferedForSet(
        [(one.symbol, f"{one.symbol} · {label_of(codes, one.symbol)}") for one in settable(codes)],
        [(f"{GROUP}{one.id}", one.title) for one in [*groups_of(school), *lists_of(school)]],
        [(str(one.number), one.name) for one in times_of(school)],
        _persons(request),
    )
    if request.method == "POST":
        return SetCodeForm(request.POST, offered=offered)
    asked, day = request.GET, today(school).isoformat()
    chosen = [f"{PERSON}{one.pk}" for one in offered.persons]
    initial = {
        "symbol": asked.get("symbol", ""),
        "first_day": asked.get("day", day),
        "last_day": asked.get("day", day),
        "whom": [EVERYONE] if "everyone" in asked else chosen,
        "replaces": "replaces" in asked,
        "reason": asked.get("reason", ""),
    }
    return SetCodeForm(initial=initial, offered=offered)


def _persons(request: PageRequest) -> list[Person]:
    """Return the pupils that the page was opened for, or that its form names."""
    pupils = present_persons(request.school).filter(kind=Person.Kind.PUPIL)
    if "new" in request.GET:
        return new_on_roll(request.school)
    sent = [one.removeprefix(PERSON) for one in request.POST.getlist("whom") if one.startswith(PERSON)]
    ids = []
    for one in [*sent, *request.GET.getlist("person")]:
        try:
            ids.append(UUID(one))
        except ValueError:
            continue
    return list(pupils.filter(pk__in=ids).order_by("given_name", "family_name", "id"))


def _seen(request: PageRequest, form: SetCodeForm, preview: SetSummary) -> dict[str, Any]:
    """Return what the second press is shown: who is marked otherwise by name, and the form's values."""
    codes = codes_of(require_settings(request.school))
    # Only those who are shown are read, and only their names are seen.
    persons = list(Person.objects.filter(pk__in=list(preview.left)).order_by(*by_name())[:LISTED_MAX])
    record_views(persons, by=user_of(request))
    left = [
        (one, ", ".join(sorted(label_of(codes, held) for held in preview.left[one.pk]))) for one in persons
    ]
    said = form.cleaned_data
    return {
        "label": dict(form.fields["symbol"].choices)[said["symbol"]],  # type: ignore[attr-defined]
        "whom": _named([dict(form.fields["whom"].choices)[one] for one in said["whom"]]),  # type: ignore[attr-defined]
        "classes": sorted(preview.classes.items()),
        "left": left,
        "left_more": len(preview.left) - len(left),
        "when": _when(form.new.wanted, dict(form.offered.numbers)),
        "sent": [
            (name, value) for name, values in request.POST.lists() for value in values if name in form.fields
        ],
    }


@require_POST
@allow_roles(*OFFICE)
def record_one(request: PageRequest, set_code_id: UUID) -> HttpResponse:
    """Record the marks of days that have come since a code was set ahead."""
    try:
        count = record_set_code(request.school, set_code_id, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:set-codes")
    if count is None:
        return redirect("console:set-code-progress", set_code_id=set_code_id)
    text = ngettext("%(count)s mark recorded.", "%(count)s marks recorded.", count)
    messages.success(request, text % {"count": count})
    return redirect("console:set-codes")


@require_POST
@allow_roles(*OFFICE)
def undo_one(request: PageRequest, set_code_id: UUID) -> HttpResponse:
    """Undo what was set: what held before holds again."""
    try:
        count = undo_set_code(request.school, set_code_id, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:set-codes")
    if count is None:
        return redirect("console:set-code-progress", set_code_id=set_code_id)
    text = ngettext(
        "Undone. In %(count)s place what was there before holds again.",
        "Undone. In %(count)s places what was there before holds again.",
        count,
    )
    messages.success(request, text % {"count": count})
    return redirect("console:set-codes")
