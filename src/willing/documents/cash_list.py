"""The list of pay-outs in cash, with a line for the signature of whoever takes the money."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext

from willing.core.money import format_minor
from willing.documents.parts import Document, DocumentTable, Section, fix
from willing.payments.models import PayOut
from willing.people.models import School
from willing.people.queries import today

# Room to write in: as wide as so many characters, and three lines high.
SIGNATURE = f"{' ' * 36}\n \n "


def cash_list(school: School, pay_outs: Sequence[PayOut]) -> Document:
    """Return the list of what is asked for in cash and not paid yet, for the office to have signed."""
    zone, language = ZoneInfo(school.time_zone), get_language() or "en"
    rows = [
        (
            one.person.full_name,
            one.person.year_group.name if one.person.year_group else "",
            format_minor(one.amount_minor, school.currency, language),
            one.guardian.name if one.guardian else "",
            one.asked_at.astimezone(zone).date().isoformat(),
            SIGNATURE,
        )
        for one in pay_outs
    ]
    headings = (
        gettext("Name"),
        gettext("Class"),
        gettext("Amount"),
        gettext("Asked for by"),
        gettext("Asked for on"),
        gettext("Received: name, date, signature"),
    )
    total = format_minor(sum(one.amount_minor for one in pay_outs), school.currency, language)
    return Document(
        gettext("Pay-outs in cash"),
        f"{school.name} · {today(school).isoformat()}",
        (
            Section(
                gettext("In all %(sum)s") % {"sum": total},
                (gettext("Hand over the money against a signature, then press Paid in cash, signed for."),),
                table=DocumentTable(headings, fix(rows)),
            ),
        ),
    )
