"""The letter that says how to pay in by the bank, in the family's language."""

from django.utils import translation
from django.utils.translation import gettext

from willing.documents.parts import Document, DocumentTable, Drawing, Section, fix
from willing.documents.qr_code import qr_svg
from willing.payments.pay_in import PayInDetails
from willing.people.models import Person
from willing.people.queries import family_language


def pay_in_letter(person: Person, details: PayInDetails) -> Document:
    """Return the letter to one person's family, with the code to scan where banks read one."""
    with translation.override(family_language(person)):
        return _letter(person, details)


def _letter(person: Person, details: PayInDetails) -> Document:
    account, school = details.account, person.school
    rows = [
        (gettext("Payee"), account.holder),
        (gettext("Account"), account.shown),
        *([(gettext("BIC"), account.bic)] if account.bic else []),
        *([(gettext("Bank"), account.bank_name)] if account.bank_name else []),
        (gettext("Payment reference"), details.reference),
        (gettext("Amount"), gettext("as much as you like")),
    ]
    scan = gettext("Or scan this code with your bank's app and enter the amount.")
    return Document(
        gettext("Paying in for %(name)s") % {"name": person.given_name},
        school.name,
        (
            Section(
                gettext("By bank transfer, free of charge"),
                (
                    gettext(
                        "Send any amount from any account. The reference is this child's own: with it the "
                        "money is booked as soon as the school has the bank's statement, usually on the next "
                        "working day."
                    ),
                ),
                table=DocumentTable((gettext("Item"), gettext("Details")), fix(rows)),
            ),
            *(
                [
                    Section(
                        gettext("With your bank's app"),
                        (scan,),
                        picture=Drawing(
                            qr_svg(details.code, border=4),
                            gettext("QR code of the payee, account and reference"),
                        ),
                    )
                ]
                if details.code
                else []
            ),
            Section(
                gettext("Without a bank account"),
                (gettext("Cash is taken at the school office. Nobody goes without a meal over a balance."),),
            ),
        ),
        bill=details.bill,
    )
