"""Money: what was taken today, where the money is, and the way to its pages."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.books.labels import ACCOUNTS
from willing.books.queries import balances_by_kind
from willing.pages.console.helpers import show
from willing.pages.console.navigation import Page
from willing.pages.console.roles import (
    CLOSES_MONTHS,
    OFFICE,
    READS_BANK_DETAILS,
    READS_MONEY,
    READS_THE_DAY,
    SETS_TAX,
    WRITES_OFF,
)
from willing.people.queries import today
from willing.till.reports import day_summary

# Where the landing page leads, each only for those who may open it. A page of money is listed here rather
# than in the navigation.
DOORS = (
    Page(
        "console:today",
        _("The day's sales"),
        _("Every payment, refunds, waits"),
        "ui/icons/receipt.svg",
        READS_THE_DAY,
    ),
    Page(
        "console:drawers",
        _("Drawers"),
        _("Change, count, close, cash to the bank"),
        "ui/icons/lock.svg",
        READS_MONEY,
    ),
    Page(
        "console:bank",
        _("Bank"),
        _("Import a statement, payments that wait"),
        "ui/icons/download.svg",
        OFFICE,
    ),
    Page(
        "console:pay-outs",
        _("Pay-outs"),
        _("What families want back, files for the bank"),
        "ui/icons/upload.svg",
        OFFICE,
    ),
    Page(
        "console:bank-details",
        _("Bank details"),
        _("The account that families pay to"),
        "ui/icons/settings.svg",
        READS_BANK_DETAILS,
    ),
    Page(
        "console:sales",
        _("Sales reports"),
        _("By product, way, hour, class; meals, tax"),
        "ui/icons/chart.svg",
        READS_MONEY,
    ),
    Page(
        "console:month-end",
        _("Month end"),
        _("Trial balance, movements, files for the accountant"),
        "ui/icons/lock.svg",
        CLOSES_MONTHS,
    ),
    Page(
        "console:tax",
        _("Rates of tax"),
        _("By tax code, buyers and day"),
        "ui/icons/settings.svg",
        SETS_TAX,
    ),
    Page(
        "console:leavers",
        _("Leavers' balances"),
        _("Who has left with money or a debt"),
        "ui/icons/people.svg",
        WRITES_OFF,
    ),
)


@require_safe
@allow_roles(*READS_MONEY)
def money(request: PageRequest) -> HttpResponse:
    """Show today's takings, the balances for the office, and the pages about money."""
    school = request.school
    reads_balances = not request.roles.isdisjoint(OFFICE)
    balances = balances_by_kind(school) if reads_balances else {}
    context = {
        "summary": day_summary(school, today(school)),
        "balances": [(ACCOUNTS[kind], balances[kind]) for kind in ACCOUNTS if balances.get(kind)],
        "reads_balances": reads_balances,
        "doors": [one for one in DOORS if not request.roles.isdisjoint(one.roles)],
    }
    return show(request, "console/money/money.html", context)
