"""Reports of sales over any time: on a page, with a chart, and as files."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpResponse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.books.reports import TITLES, BooksReport, Unit, sales_report, summary_of
from willing.books.tallies import By
from willing.books.totals import sums_by_day, tally_days
from willing.core.money import format_minor
from willing.pages.console import charts
from willing.pages.console.daily_sales import EARLIEST
from willing.pages.console.helpers import show
from willing.pages.console.report_tables import file_answer, shown
from willing.pages.console.roles import READS_MONEY
from willing.people.models import School
from willing.people.queries import today

# A report of more than this is asked for in parts.
DAYS_MAX = 400


@dataclass(frozen=True)
class Range:
    """A time from a day to another. fault: why what was asked for is not what is shown."""

    first: date
    last: date
    fault: str = ""

    @property
    def query(self) -> str:
        """The part of an address that asks for it."""
        return f"first={self.first.isoformat()}&last={self.last.isoformat()}"


def asked_range(request: PageRequest) -> Range:
    """Return the time that the address names; this month where it names none or one that can't be."""
    latest = today(request.school)
    usual = Range(latest.replace(day=1), latest)
    first, last = request.GET.get("first", ""), request.GET.get("last", "")
    if not first and not last:
        return usual
    try:
        found = Range(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return Range(usual.first, usual.last, gettext("Enter both days as dates."))
    if found.first > found.last or found.first < EARLIEST:
        return Range(usual.first, usual.last, gettext("The first day is after the last."))
    if (found.last - found.first).days >= DAYS_MAX:
        said = gettext("At most %(days)s days at a time, please.") % {"days": DAYS_MAX}
        return Range(usual.first, usual.last, said)
    return found


def presets(school: School) -> list[tuple[str, Range]]:
    """Return the times that are asked for most, with their names."""
    day = today(school)
    monday, first = day - timedelta(days=day.weekday()), day.replace(day=1)
    before = first - timedelta(days=1)
    return [
        (gettext("Today"), Range(day, day)),
        (gettext("This week"), Range(monday, day)),
        (gettext("Last week"), Range(monday - timedelta(days=7), monday - timedelta(days=1))),
        (gettext("This month"), Range(first, day)),
        (gettext("Last month"), Range(before.replace(day=1), before)),
    ]


@require_safe
@allow_roles(*READS_MONEY)
def sales(request: PageRequest) -> HttpResponse:
    """Show one report of the sales of a time, with its chart."""
    kind, asked = _kind(request), asked_range(request)
    tally = tally_days(request.school, asked.first, asked.last)
    report = sales_report(request.school, kind, asked.first, asked.last, tally)
    context = {
        "by": kind,
        "kinds": TITLES.items(),
        "range": asked,
        "presets": [
            (label, one, one == Range(asked.first, asked.last)) for label, one in presets(request.school)
        ],
        "summary": summary_of(tally),
        "report": report,
        "table": shown(report, request.school.currency),
        "chart": _chart(request, kind, report),
        "days": _days(request, asked) if kind == By.PRODUCT else None,
        "forms": ("csv", "xlsx", "pdf"),
    }
    return show(request, "console/money/sales.html", context, status=422 if asked.fault else 200)


@require_safe
@allow_roles(*READS_MONEY)
def sales_file(request: PageRequest, form: str) -> HttpResponse:
    """Give one report of sales as CSV, XLSX or PDF."""
    kind, asked = _kind(request), asked_range(request)
    report = sales_report(request.school, kind, asked.first, asked.last)
    return file_answer(request, report, f"sales-{kind}-{asked.first}-{asked.last}", form)


def _kind(request: PageRequest) -> By:
    by = request.GET.get("by", By.PRODUCT)
    return By(by) if by in TITLES else By.PRODUCT


def _chart(request: PageRequest, kind: By, report: BooksReport) -> charts.Chart | None:
    """Draw the sums of a report; that of tax is a table only."""
    if kind == By.TAX:
        return None
    place = next(at for at, one in enumerate(report.columns) if one.unit == Unit.MONEY)
    rows = []
    for row in report.rows:
        label, value = row[0], row[place]
        assert isinstance(label, str)
        assert isinstance(value, int)
        rows.append((label, format_minor(value, request.school.currency, get_language() or "en"), value))
    said = gettext("Bars for the sums in the table: %(what)s") % {"what": report.about}
    return charts.horizontal(report.title, said, rows)


def _days(request: PageRequest, asked: Range) -> charts.Chart | None:
    sums = sums_by_day(request.school, asked.first, asked.last)
    if not sums:
        return None
    most = max(sums.values())
    best = next(day for day, value in sums.items() if value == most)
    said = gettext("A column for each day. The most was sold on %(day)s: %(amount)s.") % {
        "day": best.isoformat(),
        "amount": format_minor(most, request.school.currency, get_language() or "en"),
    }
    return charts.days(gettext("Sales by day"), said, sums)
