"""After sixty days a leaver's money is paid out where the account is known, and asked about where not."""

from datetime import timedelta
from uuid import uuid4

import pytest

from willing.core.clock import now
from willing.payments.account_rules import BankAccount
from willing.payments.models import PayOut
from willing.payments.pay_outs import AskedBy, ask_pay_out, refuse
from willing.people.models import Person
from willing.wallets.leavers import settle_leavers
from willing.wallets.queries import leaver_balances
from willing.wallets.rules import Leaver

ACCOUNT = BankAccount("Gwen", "GB82WEST12345698765432")


def leave(days):
    Person.objects.filter(given_name__in=["Nia", "Bo"]).update(left_at=now() - timedelta(days=days))


def states(cast):
    return {one.person.given_name: one.state for one in leaver_balances(cast.school)}


@pytest.fixture
def known(monkeypatch):
    """The bank has brought money for Nia from an account that is still kept."""
    found = "willing.wallets.leavers.last_payer_account"
    monkeypatch.setattr(found, lambda person: ACCOUNT if person.given_name == "Nia" else None)


def test_nobody_is_paid_out_before_the_family_had_sixty_days(cast, known):
    leave(59)
    assert settle_leavers(cast.school) == 0
    assert states(cast) == {"Nia": Leaver.CHOOSING}


def test_after_that_it_is_asked_for_once_and_the_office_approves_it_like_any_other(cast, known):
    leave(61)
    assert states(cast) == {"Nia": Leaver.DUE}
    assert (settle_leavers(cast.school), settle_leavers(cast.school)) == (1, 0)
    asked = PayOut.objects.get()
    assert (asked.guardian, asked.user, asked.amount_minor, asked.way) == (None, None, 2000, "transfer")
    assert states(cast) == {"Nia": Leaver.ASKED}
    refuse(asked.id, "account closed", by=cast.user("office"))
    settle_leavers(cast.school)
    assert PayOut.objects.get().state == "refused"  # not asked for again: the office asks the family
    assert states(cast) == {"Nia": Leaver.DUE}


def test_without_a_known_account_it_is_on_the_offices_list(cast):
    leave(61)
    assert settle_leavers(cast.school) == 0
    assert states(cast) == {"Nia": Leaver.DUE}


def test_what_the_family_has_asked_for_is_not_asked_for_again(cast, known):
    leave(61)
    by = AskedBy(guardian=cast.guardian("Gwen"))
    ask_pay_out(cast.person("Nia"), 2000, asked_by=by, key=uuid4(), account=None)
    assert settle_leavers(cast.school) == 0
    assert PayOut.objects.count() == 1
