"""A school in euros whose account and references are set."""

import pytest
from tests.payments.samples import camt, entry

from willing.payments.account_rules import read_account
from willing.payments.bank_details import set_bank_details
from willing.payments.camt import read_camt
from willing.payments.matching import book_waiting
from willing.payments.models import BankDetails
from willing.payments.reference_rules import write_reference
from willing.payments.references import number_of
from willing.payments.statements import store_statement
from willing.people.models import School

OWN = {"holder": "Test School", "number": "DE02120300000000202051", "bic": "BYLADEM1001"}
LARGE = 10_000


class Bank:
    """The cast's school, and what its bank writes."""

    def __init__(self, cast):
        School.objects.update(currency="EUR")
        self.cast, self.school = cast, cast.school
        self.office = cast.user("office")
        set_bank_details(self.school, read_account(OWN), BankDetails.References.CREDITOR, by=self.office)

    def reference(self, name, kind="creditor"):
        return write_reference(number_of(self.cast.person(name)), kind)

    def store(self, *entries, content=None, **how):
        return store_statement(
            self.school, read_camt(content or camt(*entries, **how), "EUR"), by=self.office
        )

    def load(self, *entries, content=None, large=LARGE, **how):
        """Import a statement; return what was stored and what was booked."""
        return self.store(*entries, content=content, **how), book_waiting(
            self.school, large_minor=large, by=self.office
        )

    def pays(self, name, amount="25.00", **how):
        """An entry with a person's reference."""
        return entry(amount, self.reference(name), **how)


@pytest.fixture
def bank(cast):
    return Bank(cast)
