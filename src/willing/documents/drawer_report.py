"""The report of a drawer's day: an X while it is open, its Z once it is closed."""

from django.utils.translation import get_language, gettext

from willing.core.money import format_minor
from willing.documents.parts import Document, DocumentTable, Section, fix, moment_text
from willing.drawers.labels import MOVED
from willing.drawers.models import DrawerSession
from willing.drawers.queries import DrawerReport, report_of
from willing.people.models import School


def drawer_report(school: School, session: DrawerSession) -> Document:
    """Return the X or Z of a session in the reader's language."""
    report = report_of(session)
    is_closed = session.closed_at is not None
    number = gettext("Z report %(number)s") % {"number": session.z_number}
    title = number if is_closed else gettext("X report")
    sections = [Section(gettext("What moved"), table=_moved(school, report))]
    if is_closed:
        sections.append(Section(gettext("Count"), table=_count(school, session)))
    sections.append(Section(gettext("Opened and closed"), table=_times(school, session)))
    return Document(f"{title}: {session.drawer.name}", school.name, tuple(sections))


def _sum(school: School, amount_minor: int | None) -> str:
    return format_minor(amount_minor or 0, school.currency, get_language() or "en")


def _moved(school: School, report: DrawerReport) -> DocumentTable:
    rows = [
        (gettext("Left from before"), "", _sum(school, report.session.opening_minor)),
        *(
            (str(MOVED[line.moved]), str(line.count), _sum(school, line.amount_minor))
            for line in report.lines
        ),
        (gettext("In the drawer by the books"), "", _sum(school, report.holds_minor)),
        (gettext("Cheques taken"), str(report.cheques), _sum(school, report.cheques_minor)),
    ]
    return DocumentTable((gettext("Item"), gettext("Number"), gettext("Sum")), fix(rows))


def _count(school: School, session: DrawerSession) -> DocumentTable:
    rows = [
        (gettext("By the books before the count"), _sum(school, session.expected_minor)),
        (gettext("Counted"), _sum(school, session.counted_minor)),
        (gettext("Difference"), _sum(school, session.difference_minor)),
        (gettext("Reason"), str(session.get_why_display()) if session.why else "–"),
        (gettext("Stays in the drawer"), _sum(school, session.kept_minor)),
    ]
    return DocumentTable((gettext("Item"), gettext("Details")), fix(rows))


def _times(school: School, session: DrawerSession) -> DocumentTable:
    rows = [
        (gettext("Day"), session.day.isoformat()),
        (gettext("Opened"), moment_text(session.opened_at, school)),
        (gettext("Opened by"), session.opened_by.get_full_name() if session.opened_by else "–"),
    ]
    if session.closed_at is not None:
        rows += [
            (gettext("Closed"), moment_text(session.closed_at, school)),
            (gettext("Closed by"), session.closed_by.get_full_name() if session.closed_by else "–"),
        ]
    return DocumentTable((gettext("Item"), gettext("Details")), fix(rows))
