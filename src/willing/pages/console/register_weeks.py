"""A week of a group, by ISO 8601: every mark, what the sessions count as, and the same as a file."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.attendance.list_rules import Week
from willing.attendance.models import RegisterGroup
from willing.attendance.queries import codes_of, find_settings, groups_of, require_settings, teachers_of
from willing.attendance.records import GroupWeek, group_week
from willing.books.reports import BooksReport, Column, Unit
from willing.pages.console.helpers import show, user_of
from willing.pages.console.register_labels import label_of, percent
from willing.pages.console.report_tables import file_answer
from willing.pages.console.roles import OFFICE, TAKES_REGISTERS
from willing.pages.console.view_log import record_list, record_views
from willing.people.queries import today


@require_safe
@allow_roles(*TAKES_REGISTERS)
def week(request: PageRequest) -> HttpResponse:
    """Show a group's week; without a choice this week of the reader's own group."""
    school = request.school
    groups = groups_of(school)
    if find_settings(school) is None or not groups:
        return show(request, "console/attendance/empty.html", {"may_set_up": False})
    group, asked = _asked(request, groups)
    found = group_week(group, asked)
    record_views([one.person for one in found.rows], by=user_of(request))
    codes = codes_of(require_settings(school))
    symbols = sorted({one.symbol for row in found.rows for one in row.cells if one})
    context = {
        "groups": groups,
        "group": group,
        "week": asked,
        "is_read": Week.read(request.GET.get("week", str(asked))) is not None,
        "found": found,
        "headings": _headings(found),
        "rows": [(one, percent(one.rate.share)) for one in found.rows],
        "percent": percent(found.rate.share),
        "legend": [(one, label_of(codes, one)) for one in symbols],
        "may_open_pupils": not request.roles.isdisjoint(OFFICE),
        "forms": ("csv", "xlsx"),
    }
    return show(request, "console/attendance/week.html", context)


def _asked(request: PageRequest, groups: list[RegisterGroup]) -> tuple[RegisterGroup, Week]:
    wanted = request.GET.get("group", "")
    group = next((one for one in groups if str(one.id) == wanted), None)
    if group is None:
        me, teachers = user_of(request), teachers_of(groups)
        group = next((one for one in groups if me in teachers.get(one.id, ())), groups[0])
    return group, Week.read(request.GET.get("week", "")) or Week.of(today(request.school))


def _headings(found: GroupWeek) -> list[tuple[str, str]]:
    names = {one.number: one.name for one in found.times}
    return [(_short(day), names[number]) for day, number in found.columns]


def _short(day: date) -> str:
    return f"{WEEKDAYS_ABBR[day.weekday()]} {day.day}"


@require_safe
@allow_roles(*TAKES_REGISTERS)
def week_file(request: PageRequest, group_id: UUID, form: str) -> HttpResponse:
    """Give a group's week as CSV, XLSX or PDF; that it was made is in the log."""
    require_settings(request.school)
    groups = groups_of(request.school)
    group, asked = _asked(request, [one for one in groups if one.id == group_id] or groups)
    found = group_week(group, asked)
    report = BooksReport(
        group.title,
        str(asked),
        (
            Column(_("Pupil")),
            *(Column(f"{day} {time}") for day, time in _headings(found)),
            Column(_("Attended"), Unit.NUMBER),
            Column(_("Authorised"), Unit.NUMBER),
            Column(_("Unauthorised"), Unit.NUMBER),
        ),
        tuple(
            (
                one.name.name,
                *(cell.symbol if cell else "" for cell in one.cells),
                one.rate.attended,
                one.rate.authorised,
                one.rate.unauthorised,
            )
            for one in found.rows
        ),
    )
    answer = file_answer(request, report, f"attendance-{asked}", form)
    record_list(request.school, "week", len(found.rows), by=user_of(request))
    return answer
