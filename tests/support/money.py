"""Money in wallets, for tests that don't care how it came there: by the bank."""

from uuid import UUID, uuid4

from willing.accounts.models import User
from willing.drawers.actions import require_office_drawer
from willing.drawers.models import Drawer
from willing.drawers.queries import open_session_of
from willing.drawers.sessions import open_session
from willing.ledger.accounts import open_school_account
from willing.ledger.actions import pay_in as pay_into
from willing.ledger.models import Account, Transfer
from willing.people.models import Person, School


def pay_in(person: Person, amount_minor: int, *, key: UUID, by: User | None = None) -> Transfer:
    """Pay into a wallet by the bank."""
    bank = open_school_account(person.school, Account.Kind.BANK)
    return pay_into(person, amount_minor, into=bank, key=key, by=by)


def office_drawer(school: School) -> Drawer:
    """Return the office's drawer, opened where it is closed."""
    drawer = require_office_drawer(school, by=None)
    if open_session_of(drawer) is None:
        open_session(drawer, key=uuid4(), by=None)
    return drawer
