"""Lists of attendance for the office: missing reasons, ten sessions in ten weeks, patterns, one pupil."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.attendance.list_rules import SCHOOL_WEEKS, UNAUTHORISED_SESSIONS, first_of_weeks
from willing.attendance.lists import (
    PatternOf,
    long_absences,
    not_taken,
    over_threshold,
    patterns,
    school_days,
    unexplained,
)
from willing.attendance.note_queries import notes_of
from willing.attendance.queries import codes_of, find_settings, require_settings, times_of
from willing.attendance.records import person_record
from willing.books.reports import BooksReport, Cell, Column, Unit
from willing.pages.console.helpers import show, user_of
from willing.pages.console.navigation import Page
from willing.pages.console.register_labels import label_of, percent
from willing.pages.console.report_tables import file_answer, shown
from willing.pages.console.roles import OFFICE, READS_CAMERA_NOTICES, TAKES_REGISTERS
from willing.pages.console.view_log import record_list, record_view, record_views
from willing.people.models import Person
from willing.people.queries import classes_of, require_person, today

SHOWN = 50
DOORS = (
    Page(
        "console:attendance-lists",
        gettext_lazy("Lists of attendance"),
        gettext_lazy("Missing reasons, ten sessions in ten weeks, long absences"),
        "ui/icons/search.svg",
        OFFICE,
    ),
    Page(
        "console:set-codes",
        gettext_lazy("Codes for many at once"),
        gettext_lazy("A bus that did not run, a closed site, a planned closure, a pupil's timetable"),
        "ui/icons/people.svg",
        OFFICE,
    ),
    Page(
        "console:register-week",
        gettext_lazy("A week of a class"),
        gettext_lazy("Every mark, with percentages, as a file too"),
        "ui/icons/clock.svg",
        TAKES_REGISTERS,
    ),
    Page(
        "console:attendance-patterns",
        gettext_lazy("Patterns of absence"),
        gettext_lazy("By weekday, by session, beside holidays: counts only"),
        "ui/icons/chart.svg",
        OFFICE,
    ),
    Page(
        "console:register-notes",
        gettext_lazy("What families wrote about marks"),
        gettext_lazy("Notes to read, corrections to answer"),
        "ui/icons/letter.svg",
        OFFICE,
    ),
    Page(
        "console:attendance-returns",
        gettext_lazy("Files and returns for the authority"),
        gettext_lazy("A day's registers as a signed file, new pupils, those who left"),
        "ui/icons/upload.svg",
        OFFICE,
    ),
    Page(
        "console:register-notice",
        gettext_lazy("Notice for families about registers"),
        gettext_lazy("What is kept, who reads it, for how long; to print"),
        "ui/icons/receipt.svg",
        READS_CAMERA_NOTICES,
    ),
)


def doors_for(request: PageRequest) -> list[Page]:
    """Return the pages about attendance that someone may open."""
    return [one for one in DOORS if not request.roles.isdisjoint(one.roles)]


@require_safe
@allow_roles(*OFFICE)
def lists(request: PageRequest) -> HttpResponse:
    """Show what the office has to look into. Nothing on it is sent to anyone."""
    school = request.school
    if find_settings(school) is None:
        return show(request, "console/attendance/empty.html", {"may_set_up": True})
    days = school_days(school)
    start = int(asked) * SHOWN if (asked := request.GET.get("page", "")).isdecimal() and len(asked) < 4 else 0
    number, missing = unexplained(school, days, start=start, limit=SHOWN)
    first, over = over_threshold(school, days)
    away = long_absences(school)
    ids = {one.held.person_id for one in missing} | {one.person_id for one in [*over, *away]}
    record_views(list(Person.objects.filter(pk__in=ids)), by=user_of(request))
    page = start // SHOWN
    times = {one.number: one.name for one in times_of(school)}
    untaken = not_taken(school, days)
    context = {
        "number": number,
        "missing": [(one, times.get(one.held.number, str(one.held.number))) for one in missing],
        "previous": page - 1 if page else None,
        "next": page + 1 if start + SHOWN < number else None,
        "first": first,
        "over": over,
        "away": away,
        "not_taken": [
            (day, ", ".join(f"{one.group.title} ({one.time.name})" for one in due)) for day, due in untaken
        ],
        "untaken": sum(len(due) for _day, due in untaken),
        "sessions": UNAUTHORISED_SESSIONS,
        "weeks": SCHOOL_WEEKS,
    }
    return show(request, "console/attendance/lists.html", context)


@require_safe
@allow_roles(*OFFICE)
def pattern_page(request: PageRequest) -> HttpResponse:
    """Show on which sessions the pupils of a class were absent within ten school weeks."""
    school = request.school
    if find_settings(school) is None:
        return show(request, "console/attendance/empty.html", {"may_set_up": True})
    groups = [one.name for one in classes_of(school)]
    group = request.GET.get("class", "")
    group = group if group in groups else next(iter(groups), "")
    first, found = _patterns(request, group)
    persons = Person.objects.filter(pk__in=[one.person_id for one in found])
    record_views(list(persons), by=user_of(request))
    report = _report(request, found, first)
    context = {
        "groups": groups,
        "group": group,
        "first": first,
        "table": shown(report, school.currency),
        "is_empty": report.is_empty,
        "weeks": SCHOOL_WEEKS,
        "forms": ("csv", "xlsx"),
    }
    return show(request, "console/attendance/patterns.html", context)


@require_safe
@allow_roles(*OFFICE)
def pattern_file(request: PageRequest, form: str) -> HttpResponse:
    """Give the patterns of a class, or of the school, as CSV, XLSX or PDF; that it was made is in the log."""
    require_settings(request.school)
    first, found = _patterns(request, request.GET.get("class", ""))
    answer = file_answer(request, _report(request, found, first), "absence-patterns", form)
    record_list(request.school, "patterns", len(found), by=user_of(request))
    return answer


def _patterns(request: PageRequest, group: str) -> tuple[date, list[PatternOf]]:
    day = today(request.school)
    first = first_of_weeks(school_days(request.school), until=day) or day
    return first, patterns(request.school, first, day, group=group)


def _report(request: PageRequest, found: Sequence[PatternOf], first: date) -> BooksReport:
    times = times_of(request.school)
    weekdays = sorted({1, 2, 3, 4, 5, *(day for one in found for day in one.pattern.by_weekday)})
    columns = (
        Column(_("Pupil")),
        Column(_("Class")),
        Column(_("Sessions missed"), Unit.NUMBER),
        *(Column(str(WEEKDAYS_ABBR[one - 1]), Unit.NUMBER) for one in weekdays),
        *(Column(one.name, Unit.NUMBER) for one in times),
        Column(_("Beside a holiday"), Unit.NUMBER),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.name.name,
            one.name.group,
            one.pattern.total,
            *(one.pattern.by_weekday.get(day, 0) for day in weekdays),
            *(one.pattern.by_number.get(time.number, 0) for time in times),
            one.pattern.beside_holidays,
        )
        for one in found
    )
    return BooksReport(_("Patterns of absence"), f"{first} – {today(request.school)}", columns, rows)


@require_safe
@allow_roles(*OFFICE)
def pupil(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Show what holds for a pupil within ten school weeks, counted, and what the family wrote."""
    school = request.school
    person = require_person(school, person_id)
    codes = codes_of(require_settings(school))
    day = today(school)
    first = first_of_weeks(school_days(school), until=day) or day
    record = person_record(person, first, day)
    record_view(person, by=user_of(request))
    times = {one.number: one.name for one in times_of(school)}
    context: dict[str, Any] = {
        "person": person,
        "first": first,
        "record": record,
        "percent": percent(record.rate.share),
        "marks": [
            (one, times.get(one.number, str(one.number)), label_of(codes, one.symbol)) for one in record.held
        ],
        "values": {str(key): number for key, number in (record.values or {}).items()},
        "notes": notes_of(person, is_staff=True),
        "person_url": reverse("console:person", args=[person.id]),
    }
    return show(request, "console/attendance/pupil.html", context)
