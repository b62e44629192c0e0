"""The month for the accountant: its report, its files, and closing it."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.books.actions import close_month
from willing.books.beancount import to_beancount
from willing.books.exports import TYPES, to_document
from willing.books.month_reports import account_namer, journal, movements_report, trial_balance
from willing.books.months import find_month_end, month_of, next_month
from willing.books.reports import BooksReport
from willing.documents.parts import Document
from willing.pages.console.daily_sales import EARLIEST
from willing.pages.console.document_pages import pdf_answer
from willing.pages.console.helpers import show, user_of
from willing.pages.console.report_tables import file_answer, shown
from willing.pages.console.roles import CLOSES_MONTHS
from willing.people.queries import today


def _asked_month(request: PageRequest) -> date:
    """Return the first day of the month that the address names; of the last one where it names none."""
    this = today(request.school).replace(day=1)
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '') or request.POST.get('month', '')}-01")
    except ValueError:
        return (this - timedelta(days=1)).replace(day=1)
    return min(max(asked, EARLIEST), this)


@require_safe
@allow_roles(*CLOSES_MONTHS)
def month_end(request: PageRequest) -> HttpResponse:
    """Show a month's trial balance and movements."""
    school, first = request.school, _asked_month(request)
    month, closed, name = month_of(school, first), find_month_end(school, first), account_namer(school)
    this = today(school).replace(day=1)
    context = {
        "first": first,
        "before": max(first - timedelta(days=1), EARLIEST),
        "after": next_month(first) if first < this else None,
        "closed": closed,
        "is_over": first < this,
        "is_balanced": month.is_balanced,
        "balance": shown(trial_balance(month, name), month.currency),
        "movements": shown(movements_report(month, name), month.currency),
        "forms": (*TYPES, "beancount"),
    }
    return show(request, "console/money/month_end.html", context)


@require_safe
@allow_roles(*CLOSES_MONTHS)
def month_end_file(request: PageRequest, form: str) -> HttpResponse:
    """Give a month as CSV or XLSX (the journal), PDF (balance and movements) or text for beancount."""
    school, first = request.school, _asked_month(request)
    month, name = month_of(school, first), account_namer(school)
    file = f"month-{first:%Y-%m}"
    if form == "beancount":
        headers = {"Content-Disposition": f'attachment; filename="willing-{file}.beancount"'}
        answer = HttpResponse(to_beancount(month), content_type="text/plain; charset=utf-8", headers=headers)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    if form == "pdf":
        parts = [trial_balance(month, name), movements_report(month, name)]
        return pdf_answer(request, _document(parts, month.currency, month.sha256), file)
    return file_answer(request, journal(month, name), file, form)


def _document(reports: list[BooksReport], currency: str, digest: str) -> Document:
    sections = tuple(
        section for one in reports for section in to_document(one, currency, titled=True).sections
    )
    return Document(gettext("Month end"), f"{reports[0].about} · SHA-256 {digest}", sections)


@require_POST
@allow_roles(*CLOSES_MONTHS)
def close(request: PageRequest) -> HttpResponse:
    """Close a month."""
    first = _asked_month(request)
    close_month(request.school, first, by=user_of(request))
    messages.success(request, gettext("The month is closed. Its report stays as it is."))
    return redirect(f"{reverse('console:month-end')}?month={first:%Y-%m}")
