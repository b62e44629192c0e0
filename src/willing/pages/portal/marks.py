"""A pupil's own marks in words, week by week; a note about a day, a request that a mark be corrected."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from willing.attendance.family_notes import NewNote, write_note
from willing.attendance.list_rules import Week
from willing.attendance.models import CurrentMark, FamilyNote
from willing.attendance.note_queries import notes_of
from willing.attendance.queries import codes_of, find_current, find_settings, require_settings, times_of
from willing.attendance.records import person_record
from willing.attendance.rules import CodeSet
from willing.core.errors import Refused
from willing.pages.portal.access import FamilyViewer, show
from willing.pages.portal.forms import NoteForm
from willing.people.models import Person
from willing.people.queries import today

# So many registers a day has at most.
NUMBER_MAX = 16


@dataclass(frozen=True)
class ShownMark:
    """A mark in words, and the name of its register."""

    held: CurrentMark
    time: str
    label: str


def has_registers(person: Person) -> bool:
    """Return whether the school takes registers."""
    return find_settings(person.school) is not None


@require_safe
def marks(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Show a week's marks in words, the latest day first, and what this reader wrote."""
    person = seat.person
    if not has_registers(person):
        return show(request, seat, "portal/marks.html", {"is_set_up": False})
    present = Week.of(today(person.school))
    week = min(Week.read(request.GET.get("week", "")) or present, present)
    record = person_record(person, week.monday, week.sunday)
    codes = codes_of(require_settings(person.school))
    names = {one.number: one.name for one in times_of(person.school)}
    days: defaultdict[date, list[ShownMark]] = defaultdict(list)
    for one in record.held:
        days[one.day].append(
            ShownMark(one, names.get(one.number, str(one.number)), _label(codes, one.symbol))
        )
    context = {
        "is_set_up": True,
        "week": week,
        "before": week.before,
        "after": week.after if week < present else None,
        "days": list(days.items()),
        "rate": record.rate,
        "notes": [
            (one, names.get(one.number or 0, ""), _label(codes, one.seen_symbol) if one.seen_symbol else "")
            for one in notes_of(person, guardian=seat.guardian)
        ],
    }
    return show(request, seat, "portal/marks.html", context)


def _label(codes: CodeSet, symbol: str) -> str:
    labels = codes.codes[symbol].labels
    return labels["zh-hans" if (get_language() or "").startswith("zh") else "en"]


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Take a note about a day, or with ?day= and ?number= a request that a mark be corrected."""
    person = seat.person
    if not has_registers(person):
        raise Http404
    about = _about(request, person)
    form = NoteForm(
        request.POST if request.method == "POST" else None,
        is_about_a_mark=about is not None,
        initial={"day": today(person.school)},
    )
    if form.is_bound and form.is_valid():
        new = NewNote(
            FamilyNote.Kind.CORRECTION if about else FamilyNote.Kind.NOTE,
            about.held.day if about else form.cleaned_data["day"],
            form.cleaned_data["said"],
            about.held.number if about else None,
            seat.guardian,
        )
        try:
            write_note(person, new)
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            messages.success(request, _("Sent to the school. The answer will appear on this page."))
            return redirect(f"{seat.base}marks/")
    context = {"form": form, "about": about, "query": request.META["QUERY_STRING"]}
    return show(request, seat, "portal/write_note.html", context, status=422 if form.errors else 200)


def _about(request: HttpRequest, person: Person) -> ShownMark | None:
    """Return the mark that the address names; None where it names none."""
    asked: dict[str, Any] = {name: request.GET.get(name, "") for name in ("day", "number")}
    try:
        day, number = date.fromisoformat(asked["day"]), int(asked["number"])
    except ValueError:
        return None
    held = find_current(person.id, day, number) if 0 < number <= NUMBER_MAX else None
    if held is None:
        return None
    codes = codes_of(require_settings(person.school))
    names = {one.number: one.name for one in times_of(person.school)}
    return ShownMark(held, names.get(number, str(number)), _label(codes, held.symbol))
