"""The writer of the school's own bank account."""

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.payments.account_rules import BankAccount
from willing.payments.models import BankDetails
from willing.payments.sealing import seal_own
from willing.people.models import School


@atomic
def set_bank_details(
    school: School, account: BankAccount, references: BankDetails.References, *, by: User
) -> BankDetails:
    """Set where families pay to, and the kind of reference on letters and pages from now on.

    References of the other kind that are written down somewhere go on working.
    """
    found, _ = BankDetails.objects.update_or_create(
        school=school,
        defaults={
            "sealed": seal_own(account, school.pk),
            "references": references,
            "user": by,
            "set_at": now(),
        },
    )
    record("bank_details.set", subject=school.id, facts={"references": references, "by": by.pk}, personal={})
    return found


@atomic
def remove_bank_details(school: School, *, by: User) -> None:
    """Ask for nothing by the bank any more. Twice changes nothing."""
    removed, _ = BankDetails.objects.filter(school=school).delete()
    if removed:
        record("bank_details.removed", subject=school.id, facts={"by": by.pk}, personal={})
