"""The blind count of a till's drawer by the cashier who is signed on there."""

from willing.core.transactions import atomic
from willing.drawers.models import DrawerSession
from willing.drawers.queries import drawer_of_till
from willing.drawers.sessions import count_drawer
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import cashier_of
from willing.till import cash_errors


@atomic
def count_at_till(terminal: Terminal, counted_minor: int) -> DrawerSession:
    """Take what a cashier counted. The close stays with the office and the canteen manager.

    Raises Refused count_needs_sign_on, till_takes_no_cash, drawer_closed.
    """
    cashier = cashier_of(terminal)
    if cashier is None:
        raise cash_errors.count_needs_sign_on()
    drawer = drawer_of_till(terminal)
    if drawer is None:
        raise cash_errors.till_takes_no_cash()
    return count_drawer(drawer, counted_minor, by=cashier)
