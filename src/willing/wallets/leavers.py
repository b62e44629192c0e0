"""What nobody has chosen for a leaver's money in time: it is paid out, where an account is known."""

from collections.abc import Sequence

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record_many
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import atomic
from willing.payments.pay_outs import AskedBy, ask_pay_out
from willing.payments.queries import last_payer_account
from willing.people.models import School
from willing.wallets.queries import LeaverBalance, leaver_balances
from willing.wallets.rules import Leaver


def settle_leavers(school: School) -> int:
    """Ask for the pay-out of what leavers have left and nobody chose for in time. Nightly; twice is once.

    It goes to the account from which the bank last brought money for them; the office approves it like any
    other. Where none is known, or the office refused it, the office's list says that the family is to be
    asked. Never to a sibling: that is the family's to choose. Return how many were asked for.
    """
    asked = 0
    for one in leaver_balances(school):
        if one.state is not Leaver.DUE:
            continue
        assert one.person.left_at is not None
        try:
            account = last_payer_account(one.person)
        except Refused:
            continue  # the keys are not there now; the next night tries again
        if account is not None:
            key = derive_id(one.person.id, "leaver", one.person.left_at.isoformat(), str(one.balance_minor))
            ask_pay_out(one.person, one.balance_minor, asked_by=AskedBy(), key=key, account=account)
            asked += 1
    return asked


@atomic
def record_leaver_letters(leavers: Sequence[LeaverBalance], *, by: User) -> None:
    """Record for whom a letter about the money that a leaver has left was printed."""
    record_many([NewEntry("leaver.letter_printed", one.person.id, {"by": by.pk}, {}) for one in leavers])
