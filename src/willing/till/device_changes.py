"""What a till does when another device is paired with it."""

from willing.core.transactions import lock
from willing.terminals.models import Terminal
from willing.till.basket_states import LIVE, close_unpaid
from willing.till.models import Basket, Sale
from willing.till.payment import settle_sale


def close_left_basket(sender: type[Terminal], terminal: Terminal, **_: object) -> None:  # noqa: ARG001
    """Close what an earlier device left open; what a pupil has confirmed is settled instead."""
    for sale in Sale.objects.filter(terminal=terminal, state=Sale.State.HELD):
        settle_sale(sale.id)
    basket = lock(Basket.objects).filter(terminal=terminal, state__in=LIVE).first()
    if basket is not None:
        close_unpaid(basket)
