"""The writers of baskets: opened, filled, emptied, cancelled."""

from collections.abc import Sequence
from uuid import UUID

from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.ledger.errors import key_reused
from willing.terminals.models import Terminal
from willing.till import errors
from willing.till.basket_states import LIVE, back_to_open, close_unpaid, expire_if_left, touch
from willing.till.models import Basket, BasketLine, Product
from willing.till.rules import QUANTITY_MAX
from willing.till.tills import require_selling


@atomic
def open_basket(terminal: Terminal, basket_id: UUID, lines: Sequence[tuple[Product, int]]) -> Basket:
    """Open a basket with all its lines. The same id with the same lines again returns the same basket.

    Raises Refused terminal_does_not_sell, product_unknown, basket_already_open, idempotency_key_reused.
    """
    _lock_terminal(terminal)
    earlier = Basket.objects.filter(pk=basket_id, terminal=terminal).first()
    if earlier is not None:
        had = sorted(earlier.lines.values_list("product_id", "quantity"))
        if had != sorted((product.id, quantity) for product, quantity in lines):
            raise key_reused()
        return earlier
    if find_live_basket(terminal) is not None:
        raise errors.basket_already_open()
    basket = _new_basket(terminal, basket_id)
    for product, quantity in lines:
        _set_line(basket, product, quantity)
    return basket


def _new_basket(terminal: Terminal, basket_id: UUID) -> Basket:
    at = now()
    return Basket.objects.create(id=basket_id, terminal=terminal, opened_at=at, touched_at=at)


def find_live_basket(terminal: Terminal) -> Basket | None:
    """Return the till's basket, locked, unless it was left for so long that it has just expired."""
    basket = lock(Basket.objects).filter(terminal=terminal, state__in=LIVE).first()
    return basket if basket is not None and expire_if_left(basket).state in LIVE else None


def _lock_terminal(terminal: Terminal) -> Terminal:
    """Lock a terminal that may sell. Raises Refused terminal_does_not_sell."""
    locked = lock(Terminal.objects).get(pk=terminal.pk)
    require_selling(locked)
    return locked


@atomic
def add_product(terminal: Terminal, product: Product) -> Basket:
    """Put one of a product into the till's basket, opening a basket where none is open."""
    _lock_terminal(terminal)
    basket = find_live_basket(terminal) or _new_basket(terminal, new_id())
    require_state(basket, Basket.State.OPEN)
    line = basket.lines.filter(product=product).first()
    _set_line(basket, product, (line.quantity if line else 0) + 1)
    touch(basket)
    return basket


def _set_line(basket: Basket, product: Product, quantity: int) -> None:
    if product.school_id != basket.terminal.school_id or not product.is_on_sale:
        raise errors.product_unknown()
    if not 1 <= quantity <= QUANTITY_MAX:
        raise errors.quantity_not_valid()
    BasketLine.objects.update_or_create(
        basket=basket, product=product, defaults={"quantity": quantity, "price_minor": product.price_minor}
    )


@atomic
def remove_product(terminal: Terminal, product_id: UUID) -> Basket:
    """Take one of a product out of the till's basket; the last one takes the line with it.

    Also while somebody is shown: the sum they saw only falls, and extras that are not covered can be put back
    without asking who they are a second time.
    """
    basket = require_live_basket(terminal)
    line = basket.lines.filter(product_id=product_id).first()
    if line is None:
        raise errors.product_unknown()
    if line.quantity > 1:
        line.quantity -= 1
        line.save(update_fields=["quantity"])
    else:
        line.delete()
    touch(basket)
    if basket.state == Basket.State.IDENTIFIED and not basket.lines.exists():
        back_to_open(basket)
    return basket


@atomic
def cancel_basket(terminal: Terminal, basket_id: UUID) -> Basket:
    """Close a basket without a payment. Cancelling twice changes nothing; a confirmed one is refused."""
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.CANCELLED:
        return basket
    if basket.state == Basket.State.PAID:
        raise errors.basket_closed()
    return close_unpaid(basket)


@atomic
def cancel_current_basket(terminal: Terminal) -> Basket:
    """Close the till's basket without knowing its id. Raises Refused basket_unknown."""
    basket = lock(Basket.objects).filter(terminal=terminal, state__in=LIVE).first()
    if basket is None:
        raise errors.basket_unknown()
    return close_unpaid(basket)


def require_live_basket(terminal: Terminal) -> Basket:
    """Return the till's open basket, locked. Raises Refused basket_empty. Call inside a transaction."""
    basket = find_live_basket(terminal)
    if basket is None:
        raise errors.basket_empty()
    return basket


def require_basket(terminal: Terminal, basket_id: UUID) -> Basket:
    """Return a basket of this till, locked. Raises Refused basket_unknown. Call inside a transaction."""
    basket = lock(Basket.objects).filter(pk=basket_id, terminal=terminal).first()
    if basket is None:
        raise errors.basket_unknown()
    return expire_if_left(basket)


def require_state(basket: Basket, state: str) -> None:
    """Raise Refused unless a basket is in `state`: basket_closed, already_identified, not_identified."""
    if basket.state in (Basket.State.PAID, Basket.State.CANCELLED):
        raise errors.basket_closed()
    if basket.state != state:
        raise errors.already_identified() if state == Basket.State.OPEN else errors.not_identified()


def show_basket(terminal: Terminal) -> Basket | None:
    """Return the basket that is open or identified at a till, or None."""
    return (
        Basket.objects.filter(terminal=terminal, state__in=[Basket.State.OPEN, Basket.State.IDENTIFIED])
        .select_related("person__year_group", "terminal__school")
        .first()
    )


def find_basket(terminal: Terminal, basket_id: UUID) -> Basket | None:
    """Return a basket of this till, in whatever state, or None."""
    found = Basket.objects.filter(pk=basket_id, terminal=terminal)
    return found.select_related("person__year_group", "terminal__school").first()


def basket_total_minor(basket: Basket) -> int:
    """Return the sum of a basket, in minor units."""
    return sum(line.total_minor for line in basket.lines.all())
