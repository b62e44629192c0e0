"""What is on the tray over the API: change a line, put a basket aside, take it back."""

from typing import Any
from uuid import UUID

from ninja import Router

from willing.api import schemas as s
from willing.api.access import Key, TerminalToken, TillRequest, write_of
from willing.api.baskets import do_to_basket
from willing.api.outputs import basket_out
from willing.core.transactions import inside
from willing.till import baskets, parking
from willing.till.basket_states import expire_left_basket

router = Router(auth=TerminalToken())


@router.post(
    "/baskets/{uuid:basket_id}/lines/{uuid:product_id}",
    response=s.BasketOut,
    tags=["baskets"],
    operation_id="set_line",
)
def set_line(request: TillRequest, basket_id: UUID, product_id: UUID, body: s.QuantityIn, key: Key) -> Any:
    """Say how many of a product a basket holds; 0 puts it back. More only before a person is shown."""
    till = request.auth
    write = write_of(till, key, "set_line", subject=f"{basket_id}/{product_id}", body=body)
    change = inside(baskets.set_line)
    return basket_out(do_to_basket(write, lambda _row: change(till, basket_id, product_id, body.quantity)))


@router.get("/baskets/parked", response=list[s.ParkedOut], tags=["baskets"], operation_id="parked_baskets")
def parked_baskets(request: TillRequest) -> Any:
    """List what was put aside at this till and not taken back, the oldest first."""
    expire_left_basket(request.auth)
    return [
        s.ParkedOut(
            id=one.id,
            parked_at=one.parked_at,
            items=one.items,
            total_minor=one.total_minor,
            is_over=one.is_over,
        )
        for one in parking.closing_list(request.auth)
    ]


@router.post(
    "/baskets/{uuid:basket_id}/park", response=s.BasketOut, tags=["baskets"], operation_id="park_basket"
)
def park_basket(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Put a basket aside, so that others can pay meanwhile; who was shown is forgotten."""
    till = request.auth
    write = write_of(till, key, "park_basket", subject=basket_id)
    return basket_out(do_to_basket(write, lambda _row: inside(parking.park)(till, basket_id)))


@router.post(
    "/baskets/{uuid:basket_id}/take-back", response=s.BasketOut, tags=["baskets"], operation_id="take_back"
)
def take_back(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Go on with a basket that was put aside; the one that is open at the till is put aside for it."""
    till = request.auth
    write = write_of(till, key, "take_back", subject=basket_id)
    return basket_out(do_to_basket(write, lambda _row: inside(parking.take_back)(till, basket_id)))
