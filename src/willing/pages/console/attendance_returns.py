"""What a school gives its authority from the registers: a day's signed file, new pupils, those who left."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.attendance.queries import find_settings
from willing.attendance.return_queries import ReturnDue, returns_due
from willing.attendance.returns import make_day_file, record_return
from willing.audit.signing import own_key
from willing.books.reports import BooksReport, Column
from willing.core.errors import Refused
from willing.pages.console.helpers import show, user_of
from willing.pages.console.report_tables import file_answer
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_list, record_views
from willing.people.queries import require_person, today


@require_safe
@allow_roles(*OFFICE)
def returns(request: PageRequest) -> HttpResponse:
    """Show a day's file, and which pupils are to be named to the authority by when."""
    if find_settings(request.school) is None:
        return show(request, "console/attendance/empty.html", {"may_set_up": True})
    due = returns_due(request.school)
    record_views(list({one.person for one in due}), by=user_of(request))
    context = {
        "day": today(request.school),
        "open": [one for one in due if one.sent is None],
        "sent": [one for one in due if one.sent is not None],
        "key": str(own_key()),
    }
    return show(request, "console/attendance/returns.html", context)


@require_POST
@allow_roles(*OFFICE)
def day_file(request: PageRequest) -> HttpResponse:
    """Give the registers of a day as a signed file."""
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        messages.error(request, _("Enter the day as a date."))
        return redirect("console:attendance-returns")
    try:
        made = make_day_file(request.school, day, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:attendance-returns")
    name = f"attendance-{day.isoformat()}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(made.as_zip(), content_type="application/zip", headers=headers)


@require_POST
@allow_roles(*OFFICE)
def sent(request: PageRequest) -> HttpResponse:
    """Take that a pupil was named to the authority."""
    try:
        person = require_person(request.school, UUID(request.POST.get("person", "")))
        day = date.fromisoformat(request.POST.get("day", ""))
        record_return(person, request.POST.get("kind", ""), day, by=user_of(request))
    except (ValueError, Refused) as error:
        said = error.message if isinstance(error, Refused) else _("This can't be read. Please try again.")
        messages.error(request, str(said))
    else:
        messages.success(request, _("Recorded as sent."))
    return redirect("console:attendance-returns")


@require_safe
@allow_roles(*OFFICE)
def returns_file(request: PageRequest, form: str) -> HttpResponse:
    """Give the pupils that are still to be named as CSV, XLSX or PDF; that it was made is in the log."""
    due = [one for one in returns_due(request.school) if one.sent is None]
    columns = (
        _("Return"),
        _("Day"),
        _("Due"),
        _("ID in the register"),
        _("Family name"),
        _("Given name"),
        _("Date of birth"),
        _("Class"),
    )
    report = BooksReport(
        _("New pupils and those who left"),
        today(request.school).isoformat(),
        tuple(Column(one) for one in columns),
        tuple(_row(one) for one in due),
    )
    answer = file_answer(request, report, "roll-returns", form)
    record_list(request.school, "returns", len(due), by=user_of(request))
    return answer


def _row(one: ReturnDue) -> tuple[str, ...]:
    person = one.person
    return (
        one.kind,
        one.day.isoformat(),
        one.due.isoformat(),
        person.external_id,
        person.family_name,
        person.given_name,
        person.birth_date.isoformat() if person.birth_date else "",
        person.year_group.name if person.year_group else "",
    )
