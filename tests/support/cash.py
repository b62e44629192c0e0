"""Cash at a till: a drawer under it that is open, and sales to nobody in particular."""

from typing import Any
from uuid import uuid4

from tests.support.till import fill_basket

from willing.drawers.actions import add_drawer
from willing.drawers.models import Drawer
from willing.drawers.queries import drawer_of_till
from willing.drawers.sessions import open_session
from willing.terminals.models import Terminal
from willing.till.cash import Tender, due_in_cash, sell_for_cash
from willing.till.menu_models import Product
from willing.till.models import Sale


def open_till_drawer(terminal: Terminal, float_minor: int = 0) -> Drawer:
    """Return an open drawer under a till, with change in it."""
    drawer = drawer_of_till(terminal) or add_drawer(
        terminal.school, f"{terminal.name} drawer", terminal=terminal, by=None
    )
    open_session(drawer, float_minor, key=uuid4(), by=None)
    return drawer


def pay_cash(
    cast: Any, *products: Product, buyer: str = "visitor", tendered_minor: int | None = None
) -> Sale:
    """Let a visitor, or a colleague, pay for products (a meal where none is named); exactly, if no sum is."""
    basket = fill_basket(cast, *products)
    due = due_in_cash(basket, buyer)
    tender = Tender(buyer, due, due if tendered_minor is None else tendered_minor)
    return sell_for_cash(cast.till, basket.id, tender)
