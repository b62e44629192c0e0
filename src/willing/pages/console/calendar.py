"""The calendar: weekdays and hours, terms, closed days, days that are opened, and a file of holidays."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.pages.console.calendar_forms import FORMS, CalendarFileForm, EntryForm, WeekForm, shown_entry
from willing.pages.console.helpers import message_once, show, user_of
from willing.pages.console.roles import KEEPS_THE_CALENDAR
from willing.people.calendar import (
    add_closed_days,
    add_entry,
    change_entry,
    delete_entry,
    require_entry,
    set_week,
)
from willing.people.calendar_files import read_closed_days
from willing.people.calendar_rules import CalendarSpan, NoSchool
from willing.people.errors import calendar_entry_not_valid
from willing.people.models import CalendarEntry, School
from willing.people.queries import today
from willing.people.school_days import calendar_day, entries_of, is_set, next_school_day, week_of

# The last term is soon over: from then on no day would have school.
WARNED_DAYS = 30
HEADS = {
    "term": (gettext_lazy("Add a term"), gettext_lazy("Term")),
    "closed": (gettext_lazy("Add closed days"), gettext_lazy("Closed days")),
    "opened": (gettext_lazy("Add an extra school day"), gettext_lazy("Extra school day")),
}
WHY_NOT: dict[NoSchool, Promise] = {
    NoSchool.CLOSED: gettext_lazy("Today is closed."),
    NoSchool.WEEKDAY: gettext_lazy("This weekday has no school."),
    NoSchool.NO_TERM: gettext_lazy("Today is in no term."),
}
# What keeps a row of a file out of the calendar.
ROW_FAULTS: dict[str, Promise] = {
    "date_not_valid": gettext_lazy("This date can't be read. Please write dates as 2026-12-25."),
    "part_of_a_day": gettext_lazy("This is only a part of a day."),
    "repeats": gettext_lazy("This repeats. Please add its days by hand."),
}


@require_http_methods(["GET", "POST"])
@allow_roles(*KEEPS_THE_CALENDAR)
def calendar(request: PageRequest) -> HttpResponse:
    """Show the calendar; set the week."""
    school = request.school
    form = WeekForm(request.POST or None, school=school, week=week_of(school))
    if request.method == "POST" and form.is_valid():
        set_week(school, form.cleaned_data["week"], by=user_of(request).pk)
        messages.success(request, _("Saved."))
        return redirect("console:calendar")
    context = {**_state(school), "form": form, **_lists(school)}
    return show(request, "console/calendar.html", context, status=422 if form.errors else 200)


def _state(school: School) -> dict[str, Any]:
    """Return what the calendar says of today, and whether its end is near."""
    day = today(school)
    found = calendar_day(school, day)
    following = next_school_day(school, day)
    ends = max((one.last_day for one in entries_of(school) if one.kind == "term"), default=None)
    return {
        "is_set": is_set(school),
        "in_calendar": found,
        "why_not": WHY_NOT.get(found.why_not, ""),
        "hours": week_of(school).get(found.weekday, ()),
        "next_day": following,
        "ends": ends if ends and ends - day <= timedelta(days=WARNED_DAYS) else None,
    }


def _lists(school: School) -> dict[str, Any]:
    """Return the entries by kind, what is over last and the newest of it first."""
    day, entries = today(school), entries_of(school)
    return {
        "groups": [
            (kind, FORMS[kind].__name__, [one for one in entries if one.kind == kind and one.last_day >= day])
            for kind in FORMS
        ],
        "past": [one for one in reversed(entries) if one.last_day < day],
    }


@require_http_methods(["GET", "POST"])
@allow_roles(*KEEPS_THE_CALENDAR)
def add(request: PageRequest, kind: str) -> HttpResponse:
    """Add a term, closed days, or a day that is opened."""
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        try:
            add_entry(request.school, form.entry(), by=user_of(request).pk, entry_id=key)
        except Refused as refused:
            form.refuse(refused)
        else:
            message_once(request, key, _("It is in the calendar."))
            return redirect("console:calendar")
    return _show_entry(request, form, HEADS[kind][0])


@require_http_methods(["GET", "POST"])
@allow_roles(*KEEPS_THE_CALENDAR)
def entry(request: PageRequest, entry_id: UUID) -> HttpResponse:
    """Change an entry."""
    held = require_entry(request.school, entry_id)
    posted = request.POST if request.method == "POST" else None
    form = FORMS[held.kind](posted, initial=shown_entry(held))
    if request.method == "POST" and form.is_valid():
        try:
            change_entry(request.school, entry_id, form.entry(), by=user_of(request).pk)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("console:calendar")
    return _show_entry(request, form, HEADS[held.kind][1], held)


def _show_entry(
    request: PageRequest, form: EntryForm, title: Promise, held: CalendarEntry | None = None
) -> HttpResponse:
    context = {"form": form, "title": title, "kind": form.kind, "held": held}
    return show(request, "console/calendar_entry.html", context, status=422 if form.errors else 200)


@require_POST
@allow_roles(*KEEPS_THE_CALENDAR)
def delete(request: PageRequest, entry_id: UUID) -> HttpResponse:
    """Delete an entry."""
    delete_entry(request.school, entry_id, by=user_of(request).pk)
    messages.success(request, _("It is deleted from the calendar."))
    return redirect("console:calendar")


@require_http_methods(["GET", "POST"])
@allow_roles(*KEEPS_THE_CALENDAR)
def import_page(request: PageRequest) -> HttpResponse:
    """Take a file of closed days, show what is in it, and add what stays ticked."""
    if request.method == "POST" and "answer" in request.POST:
        return _import(request)
    form = CalendarFileForm(request.POST or None, request.FILES or None)
    rows: list[Any] = []
    if request.method == "POST" and form.is_valid():
        try:
            rows = _rows(request.school, form.cleaned_data["file"].read())
        except Refused as refused:
            form.add_error("file", str(refused.message))
    context = {"form": form, "rows": rows, "new": sum(one["is_new"] for one in rows)}
    return show(request, "console/calendar_import.html", context, status=422 if form.errors else 200)


def _rows(school: School, content: bytes) -> list[dict[str, Any]]:
    held = {(one.first_day, one.last_day) for one in entries_of(school) if one.kind == "closed"}
    return [
        {
            "name": row.name,
            "days": row.days,
            "value": f"{row.days.first_day}/{row.days.last_day}/{row.name}" if row.days else "",
            "fault": _fault(row.fault),
            "is_new": row.days is not None and (row.days.first_day, row.days.last_day) not in held,
        }
        for row in read_closed_days(content, today(school))
    ]


def _fault(fault: str) -> object:
    if not fault:
        return ""
    return ROW_FAULTS.get(fault) or calendar_entry_not_valid(fault).message


def _import(request: PageRequest) -> HttpResponse:
    days = [_ticked(one) for one in request.POST.getlist("days")]
    added = add_closed_days(request.school, days, by=user_of(request).pk)
    text = ngettext("%(count)s entry was added.", "%(count)s entries were added.", added)
    messages.success(request, text % {"count": added})
    return redirect("console:calendar")


def _ticked(text: str) -> CalendarSpan:
    """Return what a tick of the page stands for. Raises BadRequest for what the page never wrote."""
    try:
        first, last, name = text.split("/", 2)
        return CalendarSpan("closed", date.fromisoformat(first), date.fromisoformat(last), name)
    except ValueError:
        raise BadRequest from None
