"""The receipt of money that a family handed over at the office."""

from django.utils.translation import get_language, gettext

from willing.core.money import format_minor
from willing.documents.parts import Document, DocumentTable, Section, fix, moment_text
from willing.drawers.models import PayIn
from willing.people.models import School


def pay_in_receipt(school: School, paid: PayIn) -> Document:
    """Return the receipt of a pay-in, in the reader's language: number, sum, how, for whom, when."""
    person = paid.transfer.credit.person
    assert person is not None, "only wallets are paid into"
    amount = format_minor(paid.transfer.amount_minor, school.currency, get_language() or "en")
    rows = [
        (gettext("Receipt number"), str(paid.number)),
        (gettext("Amount"), amount),
        (gettext("Paid by"), str(paid.get_method_display())),
        (gettext("For"), person.full_name),
        (gettext("Till number"), str(person.till_number)),
        (gettext("Time"), moment_text(paid.at, school)),
        (gettext("Taken in by"), paid.received_by.get_full_name() if paid.received_by else "–"),
    ]
    title = gettext("Receipt: money paid in")
    section = Section(
        gettext("Paid in"),
        (gettext("It can be spent at once."),),
        table=DocumentTable((gettext("Item"), gettext("Details")), fix(rows)),
    )
    return Document(title, school.name, (section,))
