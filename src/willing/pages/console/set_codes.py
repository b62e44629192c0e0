"""Codes set for many at once, or for a pupil on certain days: what is proposed, set, recorded, undone."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
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
    SetPlace,
    SetPreview,
    days_off_with_marks,
    has_come_since,
    new_on_roll,
    preview_set,
    set_codes_listed,
    wanted_set,
)
from willing.attendance.set_code_rules import WantedSet, closing_code, settable
from willing.attendance.set_codes import NewSet, record_set_code, require_valid, set_code, undo_set_code
from willing.core.errors import Refused
from willing.pages.console.helpers import show, user_of
from willing.pages.console.register_labels import label_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.set_code_forms import EVERYONE, GROUP, PERSON, OfferedForSet, SetCodeForm
from willing.pages.console.view_log import record_views
from willing.people.models import Person, School
from willing.people.queries import present_persons, today

NAMED_MAX = 12


@dataclass(frozen=True)
class ShownSetCode:
    """A code that was set, as the list shows it. has_come: days of it have come since it was set."""

    row: SetCode
    label: str
    whom: str
    when: str
    has_come: bool


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
    day, shown = today(school), [_shown(school, one, codes, names) for one in rows]
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


def _shown(school: School, row: SetCode, codes: CodeSet, names: dict[str, str]) -> ShownSetCode:
    return ShownSetCode(
        row,
        label_of(codes, row.symbol),
        _whom(row),
        _when(wanted_set(row), names),
        has_come_since(school, row),
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
    preview: SetPreview | None = None
    if form.is_bound and form.is_valid():
        try:
            new = require_valid(school, form.new)
            if "confirm" in request.POST:
                return _done(request, new)
            if "change" not in request.POST:
                preview = preview_set(school, new.wanted, new.whom, replaces=new.replaces)
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
    count = row.marks.count()
    text = ngettext("Set. %(count)s mark recorded.", "Set. %(count)s marks recorded.", count)
    messages.success(request, text % {"count": count} if count else _("Set. It is proposed on its days."))
    return redirect("console:set-codes")


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


def _seen(request: PageRequest, form: SetCodeForm, preview: SetPreview) -> dict[str, Any]:
    """Return what the second press is shown: who is marked otherwise by name, and the form's values."""
    names = {one.id: one for one in Person.objects.filter(pk__in={place.person_id for place in preview.left})}
    record_views(list(names.values()), by=user_of(request))
    codes = codes_of(require_settings(request.school))
    said = form.cleaned_data
    left: defaultdict[Person, set[str]] = defaultdict(set)
    for one in preview.left:
        left[names[one.person_id]].add(label_of(codes, _held(one)))
    return {
        "label": dict(form.fields["symbol"].choices)[said["symbol"]],  # type: ignore[attr-defined]
        "whom": _named([dict(form.fields["whom"].choices)[one] for one in said["whom"]]),  # type: ignore[attr-defined]
        "classes": sorted(Counter(one.slot.group.title for one in preview.record).items()),
        "left": [(one, ", ".join(sorted(labels))) for one, labels in list(left.items())[:LISTED_MAX]],
        "left_more": max(0, len(left) - LISTED_MAX),
        "when": _when(form.new.wanted, dict(form.offered.numbers)),
        "sent": [
            (name, value) for name, values in request.POST.lists() for value in values if name in form.fields
        ],
    }


def _held(place: SetPlace) -> str:
    return place.held.symbol if place.held else ""


@require_POST
@allow_roles(*OFFICE)
def record_one(request: PageRequest, set_code_id: UUID) -> HttpResponse:
    """Record the marks of days that have come since a code was set ahead."""
    try:
        count = record_set_code(request.school, set_code_id, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
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
    else:
        text = ngettext(
            "Undone. In %(count)s place what was there before holds again.",
            "Undone. In %(count)s places what was there before holds again.",
            count,
        )
        messages.success(request, text % {"count": count})
    return redirect("console:set-codes")
