"""The writers of baskets: opened, filled, emptied, cancelled."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from willing.allergens.queries import needs_in_one_column
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic, lock
from willing.drawers.queries import open_session_at
from willing.entitlements.queries import periods_in_one_column
from willing.ledger.errors import key_reused
from willing.people.models import School
from willing.terminals.models import Terminal
from willing.till import errors, menu_errors
from willing.till.basket_states import (
    LIVE,
    back_to_open,
    close_unpaid,
    expire_if_left,
    require_live,
    require_state,
    touch,
)
from willing.till.limits import limits_in_one_column
from willing.till.menu import availability
from willing.till.menu_models import Product, SpecialPrice
from willing.till.menu_rules import Availability
from willing.till.models import Basket, BasketLine
from willing.till.rules import QUANTITY_MAX
from willing.till.tills import require_selling


@atomic
def open_basket(terminal: Terminal, basket_id: UUID, lines: Sequence[tuple[Product, int]]) -> Basket:
    """Open a basket with all its lines. The same id with the same lines again returns the same basket.

    Raises Refused terminal_does_not_sell, product_unknown, product_not_today, product_sold_out,
    basket_already_open, idempotency_key_reused.
    """
    locked = lock_till(terminal)
    found = {one.pk: one for one in _live_or_same.all(basket=basket_id, terminal=locked.pk)}
    if (earlier := found.pop(basket_id, None)) is not None:
        had = sorted(earlier.lines.values_list("product_id", "quantity"))
        if had != sorted((product.id, quantity) for product, quantity in lines):
            raise key_reused()
        return earlier
    if any(expire_if_left(one).state in LIVE for one in found.values()):
        raise errors.basket_already_open()
    basket = _new_basket(locked, basket_id)
    new = [_new_line(basket, product, quantity) for product, quantity in lines]
    basket.lines_read, basket.looks_read = BasketLine.objects.bulk_create(new), 0
    return basket


@prepared
def _live_or_same(basket: Parameter, terminal: Parameter) -> QuerySet[Basket]:
    return lock(Basket.objects).filter(Q(pk=basket) | Q(state__in=LIVE), terminal=terminal)


def _new_basket(terminal: Terminal, basket_id: UUID) -> Basket:
    at = now()
    basket = Basket(id=basket_id, terminal=terminal, opened_at=at, touched_at=at)
    basket.save(force_insert=True)
    return basket


def find_live_basket(terminal: Terminal) -> Basket | None:
    """Return the till's basket, locked, unless it was left for so long that it has just expired."""
    basket = lock(Basket.objects).filter(terminal=terminal, state__in=LIVE).first()
    return basket if basket is not None and expire_if_left(basket).state in LIVE else None


@prepared
def _locked_terminal(terminal: Parameter) -> QuerySet[Terminal]:
    rows = lock(Terminal.objects).select_related("school__limits", "school__face_rules")
    return rows.filter(pk=terminal)


def lock_till(terminal: Terminal) -> Terminal:
    """Lock a terminal that may sell. Raises Refused terminal_does_not_sell."""
    locked = _locked_terminal.one(terminal=terminal.pk)
    require_selling(locked)
    return locked


@atomic
def add_product(terminal: Terminal, product: Product) -> Basket:
    """Put one of a product into the till's basket, opening a basket where none is open."""
    lock_till(terminal)
    basket = find_live_basket(terminal) or _new_basket(terminal, new_id())
    require_state(basket, Basket.State.OPEN)
    line = basket.lines.filter(product=product).first()
    if line is None:
        new = _new_line(basket, product, 1)
        new.save(force_insert=True)
    else:
        _put_more(line, product, line.quantity + 1)
    touch(basket)
    return basket


@atomic
def set_quantity(terminal: Terminal, product_id: UUID, quantity: int) -> Basket:
    """Let there be so many of a product that is in the till's basket; 0 takes its line out.

    Fewer also while a person is shown; more only before. Raises Refused basket_empty, product_unknown,
    quantity_not_valid, already_identified, product_not_today, product_sold_out.
    """
    return _set_quantity(_require_line(require_live_basket(terminal), product_id), quantity)


@atomic
def set_line(terminal: Terminal, basket_id: UUID, product_id: UUID, quantity: int) -> Basket:
    """Do the same in a basket that its id names, unless that one is closed or parked."""
    basket = require_basket(terminal, basket_id)
    require_live(basket)
    return _set_quantity(_require_line(basket, product_id), quantity)


def _require_line(basket: Basket, product_id: UUID) -> BasketLine:
    line = basket.lines.filter(product_id=product_id).select_related("product").first()
    if line is None:
        raise errors.product_unknown()
    line.basket = basket
    return line


def _set_quantity(line: BasketLine, quantity: int) -> Basket:
    basket = line.basket
    if quantity > line.quantity:
        require_state(basket, Basket.State.OPEN)
        _put_more(line, line.product, quantity)
    elif quantity == 0:
        line.delete()
    else:
        _require_quantity(quantity)
        line.quantity = quantity
        line.save(update_fields=["quantity"])
    touch(basket)
    if basket.state == Basket.State.IDENTIFIED and not basket.lines.exists():
        back_to_open(basket)
    return basket


def _require_quantity(quantity: int) -> None:
    if not 1 <= quantity <= QUANTITY_MAX:
        raise errors.quantity_not_valid()


def _put_more(line: BasketLine, product: Product, quantity: int) -> None:
    """Let there be more of a product, at its price of now; where that changed, the screen says so."""
    new = _new_line(line.basket, product, quantity)
    if new.price_minor != line.price_minor:
        line.was_minor = line.price_minor
        line.price_minor, line.listed_minor = new.price_minor, new.listed_minor
    line.quantity = quantity
    line.save(update_fields=["quantity", "price_minor", "listed_minor", "was_minor"])


def _new_line(basket: Basket, product: Product, quantity: int) -> BasketLine:
    _require_sold(basket.terminal.school, product)
    _require_quantity(quantity)
    return BasketLine(
        basket=basket,
        product=product,
        name=product.name,
        name_zh_hans=product.name_zh_hans,
        quantity=quantity,
        price_minor=product.price_minor,
        listed_minor=product.price_minor,
        tax_code=product.tax_code,
    )


def _require_sold(school: School, product: Product) -> None:
    """Raise Refused product_unknown, product_not_today, product_sold_out unless it is sold now."""
    now_sold = availability(school, product)
    if product.school_id != school.pk or now_sold is Availability.HIDDEN:
        raise errors.product_unknown()
    if now_sold is Availability.NOT_TODAY:
        raise menu_errors.product_not_today()
    if now_sold is Availability.SOLD_OUT:
        raise menu_errors.product_sold_out()


@atomic
def remove_product(terminal: Terminal, product_id: UUID) -> Basket:
    """Take one of a product out of the till's basket; the last one takes the line with it.

    Also while someone is shown: the sum they saw only falls, and extras that are not covered can be put back
    without asking who they are a second time.
    """
    line = _require_line(require_live_basket(terminal), product_id)
    return _set_quantity(line, line.quantity - 1)


@atomic
def cancel_basket(terminal: Terminal, basket_id: UUID) -> Basket:
    """Close a basket without a payment, and take it off the closing list. Twice is once; never a paid one."""
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.PAID:
        raise errors.basket_closed()
    if basket.state != Basket.State.CANCELLED:
        close_unpaid(basket)
    if basket.parked_at is not None:
        basket.parked_at = None
        basket.save(update_fields=["parked_at"])
    return basket


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
    basket = _locked_basket.first(basket=basket_id, terminal=terminal.pk)
    if basket is None:
        raise errors.basket_unknown()
    return expire_if_left(basket)


@prepared
def _locked_basket(basket: Parameter, terminal: Parameter) -> QuerySet[Basket]:
    rows = _joined(lock(Basket.objects)).filter(pk=basket, terminal=terminal)
    more = {"limit_rows": limits_in_one_column("person"), "drawer_session": open_session_at("terminal")}
    return rows.annotate(entitlement_rows=periods_in_one_column("person"), **more)


def show_basket(terminal: Terminal) -> Basket | None:
    """Return the basket that is open or identified at a till, or None."""
    return _shown.first(terminal=terminal.pk)


@prepared
def _shown(terminal: Parameter) -> QuerySet[Basket]:
    return _joined(Basket.objects.all()).filter(terminal=terminal, state__in=LIVE)


def find_basket(terminal: Terminal, basket_id: UUID) -> Basket | None:
    """Return a basket of this till, in whatever state, or None."""
    return _joined(Basket.objects.all()).filter(pk=basket_id, terminal=terminal).first()


def basket_total_minor(basket: Basket) -> int:
    """Return the sum of a basket, in minor units."""
    return sum(line.total_minor for line in lines_of(basket))


def lines_of(basket: Basket) -> list[BasketLine]:
    """Return a basket's lines with their products."""
    return _lines_of.all(basket=basket.pk) if basket.lines_read is None else basket.lines_read


@prepared
def _lines_of(basket: Parameter) -> QuerySet[BasketLine]:
    special = SpecialPrice.objects.filter(product=OuterRef("product_id"))
    return (
        BasketLine.objects.filter(basket=basket)
        .select_related("product__declaration")
        .annotate(has_special=Exists(special))
    )


def read_lines(basket: Basket) -> list[BasketLine]:
    """Return the same, and remember them for the rest of a request that changes none of them."""
    basket.lines_read = lines_of(basket)
    return basket.lines_read


# All that a sale asks of a basket's terminal and person, in the basket's own query.
JOINED = (
    "terminal__school__limits",
    "terminal__school__face_rules",
    "person__school__limits",
    "person__year_group",
    "card",
)


def _joined(rows: QuerySet[Basket]) -> QuerySet[Basket]:
    needs = needs_in_one_column("person")
    return rows.select_related("terminal__sign_on__user", *JOINED).annotate(need_rows=needs)
