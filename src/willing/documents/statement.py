"""A month of a wallet as a document, and as a file for a spreadsheet."""

import csv
from io import StringIO
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton
from django.utils.translation import get_language, gettext

from willing.core.money import format_minor, write_minor
from willing.core.spreadsheets import as_text
from willing.documents.parts import Document, DocumentTable, Section, fix
from willing.wallets.labels import name_of
from willing.wallets.statement import Movement, WalletStatement

# A cell that begins with one of these is a formula to a spreadsheet; a product's name may.


def _locale() -> str:
    return "zh_Hans_CN" if (get_language() or "").startswith("zh") else "en_GB"


def month_text(statement: WalletStatement) -> str:
    """Return a statement's month: March 2027."""
    return format_skeleton("yMMMM", statement.month, locale=_locale())


def moment_of(movement: Movement, statement: WalletStatement) -> str:
    """Return when something moved, in the school's time zone: 3 Mar 2027, 12:05."""
    at = movement.at.astimezone(ZoneInfo(statement.person.school.time_zone))
    day = format_date(at, "medium", locale=_locale())
    return f"{day}, {format_datetime(at, 'HH:mm', locale=_locale())}"


def statement_document(statement: WalletStatement) -> Document:
    """Return a month of a wallet with its opening and closing balance, every movement named."""
    school = statement.person.school

    def money(minor: int) -> str:
        return format_minor(minor, school.currency, get_language() or "en")

    rows = [
        (moment_of(one, statement), name_of(one), money(one.amount_minor), money(one.balance_minor))
        for one in statement.movements
    ]
    opening = ("", gettext("Balance at the beginning of the month"), "", money(statement.opening_minor))
    closing = ("", gettext("Balance at the end of the month"), "", money(statement.closing_minor))
    headings = (gettext("When"), gettext("What"), gettext("Amount"), gettext("Balance"))
    return Document(
        gettext("Statement for %(month)s: %(name)s")
        % {"month": month_text(statement), "name": statement.person.full_name},
        school.name,
        (Section(gettext("Movements"), table=DocumentTable(headings, fix([opening, *rows, closing]))),),
    )


def statement_csv(statement: WalletStatement) -> str:
    """Return the same as a list for spreadsheets: dates as ISO 8601, sums with a point and no sign."""
    school, file = statement.person.school, StringIO()
    zone, writer = ZoneInfo(school.time_zone), csv.writer(file)
    writer.writerow(
        [gettext("When"), gettext("What"), f"{gettext('Amount')} {school.currency}", gettext("Balance")]
    )
    writer.writerow(
        [
            "",
            gettext("Balance at the beginning of the month"),
            "",
            _sum(statement.opening_minor, school.currency),
        ]
    )
    for one in statement.movements:
        at = one.at.astimezone(zone).isoformat(timespec="seconds")
        sums = (_sum(one.amount_minor, school.currency), _sum(one.balance_minor, school.currency))
        writer.writerow([at, as_text(name_of(one)), *sums])
    writer.writerow(
        ["", gettext("Balance at the end of the month"), "", _sum(statement.closing_minor, school.currency)]
    )
    return file.getvalue()


def _sum(minor: int, currency: str) -> str:
    return f"-{write_minor(-minor, currency)}" if minor < 0 else write_minor(minor, currency)
