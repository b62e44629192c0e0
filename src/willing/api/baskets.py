"""Baskets over the API: open, identify, pay or cancel."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from ninja import Body, Router, Status

from willing.api import schemas as s
from willing.api.access import Key, TerminalToken, TillRequest, write_of
from willing.api.outputs import basket_out, sale_out
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import inside
from willing.credentials.shares import require_no_share
from willing.terminals.models import Terminal
from willing.terminals.request_keys import KeyedDeed, Request, do_in_steps, do_once
from willing.till import baskets
from willing.till.basket_states import expire_if_due, expire_left_basket
from willing.till.baskets import find_basket, show_basket
from willing.till.errors import basket_unknown, product_unknown
from willing.till.identification import deny_identity, identify_by_card_once, identify_by_pin
from willing.till.look_ups import identify_by_cashier
from willing.till.menu_models import Product
from willing.till.models import Basket, Sale
from willing.till.payment import Checked, confirm_once, sale_id_of

router = Router(auth=TerminalToken())


def do_to_basket(
    write: Request,
    deed: Callable[[UUID], Basket | Refused],
    outcome: Callable[[UUID], UUID] | None = None,
) -> Basket:
    """Do something with a basket once; return the basket as it is now."""
    return do_once(write, KeyedDeed(deed, lambda one: require_basket(write.terminal, one), outcome))


def require_basket(till: Terminal, basket_id: UUID) -> Basket:
    """Return a basket of this till. Raises Refused basket_unknown."""
    found = find_basket(till, basket_id)
    if found is None:
        raise basket_unknown()
    return found


@router.post("/baskets", response={201: s.BasketOut}, tags=["baskets"], operation_id="open_basket")
def open_basket(request: TillRequest, body: s.BasketIn, key: Key) -> Any:
    """Open a basket with all its lines."""
    till, write = request.auth, write_of(request.auth, key, "open_basket", body=body)
    # What the key stands for is settled first: a product that is gone by now refuses no repetition.
    opened = do_to_basket(
        write,
        lambda row: inside(baskets.open_basket)(till, _basket_id(row), _lines(body.lines)),
        outcome=_basket_id,
    )
    return Status(201, basket_out(opened))


def _basket_id(row: UUID) -> UUID:
    return derive_id(row, "basket")


def _lines(lines: list[s.LineIn]) -> list[tuple[Product, int]]:
    quantities: dict[UUID, int] = {}
    for line in lines:
        quantities[line.product] = quantities.get(line.product, 0) + line.quantity
    products = Product.objects.in_bulk(list(quantities))
    if len(products) != len(quantities):
        raise product_unknown()
    return [(products[product_id], quantity) for product_id, quantity in quantities.items()]


@router.get("/baskets/current", response=s.BasketOut, tags=["baskets"], operation_id="current_basket")
def current_basket(request: TillRequest) -> Any:
    """Return the basket that is open at this till; 404 where none is."""
    left = expire_left_basket(request.auth)
    found = show_basket(request.auth)
    if found is None:
        raise basket_unknown()
    if left is not None and left.pk == found.pk:
        found.expired = left.expired  # and so the answer says so
    return basket_out(found)


@router.post(
    "/baskets/current/cancel",
    response=s.BasketOut,
    tags=["baskets"],
    operation_id="cancel_current_basket",
)
def cancel_current_basket(request: TillRequest, key: Key) -> Any:
    """Close the basket that is open at this till without a payment, without knowing its id."""
    till = request.auth
    write = write_of(till, key, "cancel_current_basket")
    return basket_out(do_to_basket(write, lambda _row: inside(baskets.cancel_current_basket)(till)))


@router.get("/baskets/{uuid:basket_id}", response=s.BasketOut, tags=["baskets"], operation_id="basket")
def basket(request: TillRequest, basket_id: UUID) -> Any:
    """Return a basket of this till."""
    found = require_basket(request.auth, basket_id)
    if expire_if_due(found):
        expired, found = found.expired, require_basket(request.auth, basket_id)
        found.expired = expired  # and so the answer says so
    return basket_out(found)


@router.post(
    "/baskets/{uuid:basket_id}/cancel", response=s.BasketOut, tags=["baskets"], operation_id="cancel_basket"
)
def cancel_basket(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Close a basket without a payment."""
    till = request.auth
    write = write_of(till, key, "cancel_basket", subject=basket_id)
    return basket_out(do_to_basket(write, lambda _row: inside(baskets.cancel_basket)(till, basket_id)))


@router.post(
    "/baskets/{uuid:basket_id}/identify", response=s.BasketOut, tags=["baskets"], operation_id="identify"
)
def identify(
    request: TillRequest,
    basket_id: UUID,
    body: Annotated[s.IdentifyIn, Body()],
    key: Key,
) -> Any:
    """Identify who pays: by a card's code, by number and PIN, or by the cashier. It expires in 30 seconds."""
    till = request.auth
    if isinstance(body, s.CardIn):
        require_no_share(body.code)  # before anything of it is kept, the digest of the request included
    write = write_of(till, key, "identify", subject=basket_id, body=body)
    if isinstance(body, s.CardIn):
        by_card = inside(identify_by_card_once)
        shown_now = do_to_basket(
            write, lambda _row: by_card(till, basket_id, body.code), lambda _row: basket_id
        )
        return basket_out(shown_now)
    if isinstance(body, s.StaffIn):
        by_staff = inside(identify_by_cashier)
        found = do_to_basket(
            write, lambda _row: by_staff(till, basket_id, body.person), lambda _row: basket_id
        )
        return basket_out(found)
    # The count of a PIN's attempts is committed before the PIN is compared, so this one goes in steps.
    shown = do_in_steps(write, lambda _row: identify_by_pin(till, basket_id, body.number, body.pin).id)
    return basket_out(require_basket(till, shown))


@router.post("/baskets/{uuid:basket_id}/deny", response=s.BasketOut, tags=["baskets"], operation_id="deny")
def deny(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Record the pupil's "Not me": forget who was shown."""
    till = request.auth
    write = write_of(till, key, "deny", subject=basket_id)
    return basket_out(do_to_basket(write, lambda _row: inside(deny_identity)(till, basket_id)))


@router.post(
    "/baskets/{uuid:basket_id}/confirm", response=s.SaleOut, tags=["baskets"], operation_id="confirm"
)
def confirm(request: TillRequest, basket_id: UUID, body: s.ConfirmIn, key: Key) -> Any:
    """Charge the sum that was shown, after the pupil's "Yes, pay": one basket, one charge."""
    till = request.auth
    write = write_of(till, key, "confirm", subject=basket_id, body=body)
    sell = inside(confirm_once)
    by_id = Sale.objects
    deed = KeyedDeed(
        lambda _row: sell(
            till,
            basket_id,
            body.total_minor,
            Checked(body.main_meals_checked, body.allergens_checked),
            is_repeat_checked=body.repeat_checked,
        ),
        lambda one: by_id.get(pk=one),
        lambda _row: sale_id_of(basket_id),
    )
    return sale_out(do_once(write, deed))
