"""What a family needs to pay in by the bank: the account, the reference, a code where banks read one."""

from dataclasses import dataclass
from uuid import UUID

import segno

from willing.payments.account_rules import BankAccount
from willing.payments.payment_codes import payment_code
from willing.payments.queries import find_bank_details
from willing.payments.reference_rules import QR, write_reference
from willing.payments.references import numbers_of
from willing.payments.swiss_bill import SwissBill, find_swiss_bill, is_qr_iban
from willing.people.models import Person, School


@dataclass(frozen=True)
class PayInDetails:
    """How to pay in for one person. code: SEPA's, bill: Switzerland's; None where it is not read."""

    account: BankAccount
    reference: str
    code: segno.QRCode | None
    bill: SwissBill | None = None

    @property
    def picture(self) -> str:
        """The code, as the address of a picture; empty where none is read."""
        if self.bill is not None:
            return self.bill.uri
        return self.code.svg_data_uri(scale=5, border=4) if self.code else ""


def pay_in_details(school: School, persons: list[Person]) -> dict[UUID, PayInDetails]:
    """Return how to pay in for each person; nothing before the school has set its account.

    A person's reference is made the first time that it is shown.
    """
    details = find_bank_details(school)
    if details is None:
        return {}
    found, account = {}, details.account
    kind = QR if is_qr_iban(account.number) else details.references
    for person_id, number in numbers_of(school, [one.pk for one in persons]).items():
        reference = write_reference(number, kind)
        bill = find_swiss_bill(account, reference, school.currency)
        code = None if bill else payment_code(account, reference, school.currency)
        found[person_id] = PayInDetails(account, reference, code, bill)
    return found
