"""A report of the books as its page shows it, and as a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.utils.translation import get_language

from willing.accounts.access import PageRequest
from willing.books.exports import TYPES, export, write_cell
from willing.books.reports import BooksReport, Cell, Unit
from willing.documents.parts import Banner
from willing.people.look import look_of


@dataclass(frozen=True)
class ShownCell:
    """A cell with the heading of its column; is_number: it is set to the right."""

    text: str
    heading: str
    is_number: bool


@dataclass(frozen=True)
class ShownTable:
    """A table as its template writes it."""

    columns: Sequence[ShownCell]
    rows: Sequence[Sequence[ShownCell]]
    total: Sequence[ShownCell]


def shown(report: BooksReport, currency: str) -> ShownTable:
    """Return a report's cells as people read them."""
    return ShownTable(
        [ShownCell("", one.heading, one.unit != Unit.TEXT) for one in report.columns],
        [_row(report, row, currency) for row in report.rows],
        _row(report, report.total, currency) if report.total else (),
    )


def _row(report: BooksReport, row: Sequence[Cell], currency: str) -> list[ShownCell]:
    language = get_language() or "en"
    return [
        ShownCell(write_cell(cell, one, currency, language), one.heading, one.unit != Unit.TEXT)
        for cell, one in zip(row, report.columns, strict=True)
    ]


def file_answer(
    request: PageRequest, report: BooksReport, name: str, form: str, banner: Banner | None = None
) -> HttpResponse:
    """Give a report as the file `willing-NAME.FORM`, kept by no cache. Raises Http404 for another form.

    banner: over it on paper.
    """
    if form not in TYPES:
        raise Http404
    content = export(report, form, request.school.currency, look_of(request.school), banner)
    headers = {
        "Content-Disposition": f'attachment; filename="willing-{name}.{form}"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=TYPES[form], headers=headers)
