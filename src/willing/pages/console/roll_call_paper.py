"""A roll call on paper and as a file: the sheets of today, the form for handing over, the report."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.books.reports import BooksReport, Cell, Column, Unit
from willing.documents.parts import moment_text
from willing.documents.pdf import letters_to_pdf
from willing.documents.roll_call_sheets import (
    reunification_form,
    roll_call_banner,
    roll_call_sheets,
    roll_call_word,
)
from willing.pages.console.document_pages import pdf_answer
from willing.pages.console.helpers import user_of
from willing.pages.console.report_tables import file_answer
from willing.pages.console.roles import ANY_STAFF
from willing.pages.console.roll_call_data import require_list
from willing.people.look import look_of
from willing.people.models import School
from willing.rollcall.devices import record_list_opened, record_report_made
from willing.rollcall.lines import RollCallLine, lines_of
from willing.rollcall.models import RollCall
from willing.rollcall.queries import current_list, progress_of, require_roll_call


@require_safe
@allow_roles(*ANY_STAFF)
def sheets(request: PageRequest) -> HttpResponse:
    """Give the sheets as of now, a sheet for each form, to be printed by hand."""
    require_list(request)
    school = request.school
    current = current_list(school)
    with timezone.override(school.time_zone):
        pdf = letters_to_pdf(roll_call_sheets(school, current), look_of(school))
    record_list_opened(school, by=user_of(request))
    headers = {"Content-Disposition": 'inline; filename="willing-roll-call.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@require_safe
@allow_roles(*ANY_STAFF)
def handing_over(request: PageRequest) -> HttpResponse:
    """Give the empty form on which pupils are handed over to their families."""
    return pdf_answer(request, reunification_form(request.school), "handing-over")


@require_safe
@allow_roles(*ANY_STAFF)
def report(request: PageRequest, roll_call_id: UUID, form: str) -> HttpResponse:
    """Give the report of a roll call as PDF, CSV or XLSX; that it was made is in the log."""
    require_list(request)
    school = request.school
    roll_call = require_roll_call(school, roll_call_id)
    made = _report(school, roll_call)
    if form == "csv":  # it has no title, and is put together with others
        kind = Column(_("Kind of roll call"))
        rows = tuple((roll_call_word(roll_call), *one) for one in made.rows)
        made = replace(made, columns=(kind, *made.columns), rows=rows)
    answer = file_answer(request, made, f"roll-call-{roll_call.kind}", form, roll_call_banner(roll_call))
    record_report_made(roll_call, form, by=user_of(request))
    return answer


def _report(school: School, roll_call: RollCall) -> BooksReport:
    progress = progress_of(roll_call)
    found = sorted(lines_of(progress), key=lambda one: (one.is_there, one.position, one.form, one.name))
    columns: tuple[Column, ...] = (
        Column(_("Assembly point")),
        Column(_("Form")),
        Column(_("Name of the person")),
        Column(_("Expected there")),
        Column(_("Why")),
        Column(_("At the assembly point")),
        Column(_("When")),
        Column(_("Seen by")),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(_row(school, one) for one in found)
    if not found:
        columns = (
            Column(_("Expected there"), Unit.NUMBER),
            Column(_("Are there"), Unit.NUMBER),
            Column(_("There, though not expected"), Unit.NUMBER),
        )
        rows = ((roll_call.expected or 0, roll_call.safe or 0, roll_call.found or 0),)
    ended = moment_text(roll_call.ended_at, school) if roll_call.ended_at else _("still running")
    counts = progress.counts
    summary = _("%(there)s of %(expected)s there") % {"there": counts.safe, "expected": counts.expected}
    period = f"{moment_text(roll_call.started_at, school)} – {ended}"
    subtitle = f"{period} · {summary}" if found else period
    return BooksReport(f"{roll_call_word(roll_call)} · {_('Roll call')}", subtitle, columns, rows)


def _row(school: School, one: RollCallLine) -> tuple[Cell, ...]:
    tick = one.tick
    return (
        one.point or _("No assembly point"),
        one.form,
        one.name,
        _("yes") if one.is_expected else _("no"),
        one.reason,
        _("yes") if tick else _("no"),
        moment_text(tick.at, school) if tick else "",
        tick.by if tick else "",
    )
