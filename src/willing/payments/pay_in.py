"""What a family needs to pay in by the bank: the account, the reference, a code where banks read one."""

from dataclasses import dataclass
from uuid import UUID

import segno

from willing.payments.account_rules import BankAccount
from willing.payments.payment_codes import payment_code
from willing.payments.queries import find_bank_details
from willing.payments.reference_rules import write_reference
from willing.payments.references import numbers_of
from willing.people.models import Person, School


@dataclass(frozen=True)
class PayInDetails:
    """How to pay in for one person. code: None where no code is read."""

    account: BankAccount
    reference: str
    code: segno.QRCode | None


def pay_in_details(school: School, persons: list[Person]) -> dict[UUID, PayInDetails]:
    """Return how to pay in for each person; nothing before the school has set its account.

    A person's reference is made the first time that it is shown.
    """
    details = find_bank_details(school)
    if details is None:
        return {}
    found = {}
    for person_id, number in numbers_of(school, [one.pk for one in persons]).items():
        reference = write_reference(number, details.references)
        code = payment_code(details.account, reference, "", school.currency)
        found[person_id] = PayInDetails(details.account, reference, code)
    return found
