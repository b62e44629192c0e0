"""What a till does when another device is paired with it, or the office takes a way off it."""

from willing.core.transactions import lock
from willing.terminals.models import Terminal
from willing.till.basket_states import UNPAID, close_unpaid
from willing.till.models import Basket


def close_left_basket(sender: type[Terminal], terminal: Terminal, **_: object) -> None:  # noqa: ARG001
    """Close what is open or put aside there, and its camera."""
    for basket in lock(Basket.objects).filter(terminal=terminal, state__in=UNPAID).order_by("id"):
        close_unpaid(basket)
