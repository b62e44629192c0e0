"""The HTTP API, version 1: what a till of another maker needs, and no more.

Every write carries an Idempotency-Key, which stands for the operation, its subject and its body
(till.request_keys): a repeated request does nothing again and is answered from what the first one led to.
"""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Query, Router, Status

from willing.accounts.attempts import require_few_attempts
from willing.api import errors
from willing.api import schemas as s
from willing.api.access import Key, TerminalToken, TillRequest, write_of
from willing.api.cursors import read_cursor, write_cursor
from willing.api.document import DescribedAPI
from willing.api.outputs import (
    basket_out,
    day_out,
    product_out,
    refund_out,
    sale_out,
    sale_with_lines_out,
    session_out,
    terminal_out,
)
from willing.api.problems import answer_errors
from willing.biometrics.errors import session_closed
from willing.biometrics.models import FaceSession
from willing.biometrics.rules import FRAME_BYTES_MAX
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import atomic, inside
from willing.terminals.models import Device, Terminal
from willing.terminals.pairing import Pairing
from willing.terminals.request_keys import Deed, Request, claim, do_at_most_once, do_in_steps, do_once
from willing.till import baskets, face_identification
from willing.till import menu as till_menu
from willing.till.basket_states import expire_if_due, expire_left_basket
from willing.till.baskets import find_basket, show_basket
from willing.till.errors import basket_unknown, product_unknown, sale_unknown
from willing.till.face_identification import open_face_session, session_id_of, submit_frame
from willing.till.identification import deny_identity, identify_by_card_once, identify_by_pin
from willing.till.models import Basket, Product, Refund, Sale
from willing.till.payment import confirm_once, sale_id_of
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.sale_pages import SalePageRequest, day_of_till, find_sale_of, page_of_sales
from willing.till.tills import pair_till

api = DescribedAPI(
    title="Willing",
    version="1.1.0",
    description="Sell at a paired till. Amounts: whole minor units. Errors: problem details (RFC 9457).",
    urls_namespace="api",
)
answer_errors(api)
router = Router(auth=TerminalToken())


@api.post("/pair", response=s.PairOut, tags=["terminal"], operation_id="pair")
def pair(request: HttpRequest, body: s.PairIn, key: Key) -> Any:
    """Turn a one-time pairing code into this till's token."""
    require_few_attempts(request, "pair")
    paired = _pair(body, key)
    return s.PairOut(token=paired.token, terminal=terminal_out(paired.terminal))


@atomic
def _pair(body: s.PairIn, key: str) -> Pairing:
    # The key belongs to the code until the till is known, and to the till from then on.
    paired = pair_till(body.code, key=key, device=Device.API)
    claim(write_of(paired.terminal, key, "pair", body=body), outcome=paired.terminal.id)
    return paired


@router.get("/terminal", response=s.TerminalOut, tags=["terminal"], operation_id="terminal")
def terminal(request: TillRequest) -> Any:
    """Say which till this token belongs to, and which ways work there now."""
    return terminal_out(request.auth)


@router.get("/menu", response=list[s.ProductOut], tags=["menu"], operation_id="menu")
def menu(request: TillRequest) -> Any:
    """List what is on sale."""
    return [product_out(product) for product in till_menu.menu(request.school)]


def _once(
    write: Request,
    deed: Callable[[UUID], Basket | Refused],
    outcome: Callable[[UUID], UUID] | None = None,
) -> Basket:
    """Do something with a basket once; return the basket as it is now."""
    return do_once(write, Deed(deed, lambda one: _require_basket(write.terminal, one), outcome))


def _require_basket(till: Terminal, basket_id: UUID) -> Basket:
    found = find_basket(till, basket_id)
    if found is None:
        raise basket_unknown()
    return found


@router.post("/baskets", response={201: s.BasketOut}, tags=["baskets"], operation_id="open_basket")
def open_basket(request: TillRequest, body: s.BasketIn, key: Key) -> Any:
    """Open a basket with all its lines."""
    till, write = request.auth, write_of(request.auth, key, "open_basket", body=body)
    # What the key stands for is settled first: a product that is gone by now refuses no repetition.
    opened = _once(
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
    expire_left_basket(request.auth)
    found = show_basket(request.auth)
    if found is None:
        raise basket_unknown()
    return basket_out(found)


@router.post(
    "/baskets/current/cancel",
    response=s.BasketOut,
    tags=["baskets"],
    operation_id="cancel_current_basket",
)
def cancel_current_basket(request: TillRequest, key: Key) -> Any:
    """Close the basket that is open at this till without a payment, whoever knows its id."""
    till = request.auth
    write = write_of(till, key, "cancel_current_basket")
    return basket_out(_once(write, lambda _row: inside(baskets.cancel_current_basket)(till)))


@router.get("/baskets/{uuid:basket_id}", response=s.BasketOut, tags=["baskets"], operation_id="basket")
def basket(request: TillRequest, basket_id: UUID) -> Any:
    """Return a basket of this till."""
    found = _require_basket(request.auth, basket_id)
    if expire_if_due(found):
        found = _require_basket(request.auth, basket_id)
    return basket_out(found)


@router.post(
    "/baskets/{uuid:basket_id}/cancel", response=s.BasketOut, tags=["baskets"], operation_id="cancel_basket"
)
def cancel_basket(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Close a basket without a payment."""
    till = request.auth
    write = write_of(till, key, "cancel_basket", subject=basket_id)
    return basket_out(_once(write, lambda _row: inside(baskets.cancel_basket)(till, basket_id)))


@router.post(
    "/baskets/{uuid:basket_id}/identify", response=s.BasketOut, tags=["baskets"], operation_id="identify"
)
def identify(
    request: TillRequest,
    basket_id: UUID,
    body: Annotated[s.IdentifyIn, Body()],
    key: Key,
) -> Any:
    """Say who pays, by a card's code or by number and PIN. The name is forgotten after three minutes."""
    till = request.auth

    write = write_of(till, key, "identify", subject=basket_id, body=body)
    if isinstance(body, s.CardIn):
        by_card = inside(identify_by_card_once)
        shown_now = _once(write, lambda _row: by_card(till, basket_id, body.code), lambda _row: basket_id)
        return basket_out(shown_now)
    # The count of a PIN's tries is committed before the PIN is compared, so this one goes in steps.
    shown = do_in_steps(write, lambda _row: identify_by_pin(till, basket_id, body.number, body.pin).id)
    return basket_out(_require_basket(till, shown))


@router.post("/baskets/{uuid:basket_id}/deny", response=s.BasketOut, tags=["baskets"], operation_id="deny")
def deny(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Take the pupil's "Not me": forget who was shown."""
    till = request.auth
    write = write_of(till, key, "deny", subject=basket_id)
    return basket_out(_once(write, lambda _row: inside(deny_identity)(till, basket_id)))


@router.post(
    "/baskets/{uuid:basket_id}/confirm", response=s.SaleOut, tags=["baskets"], operation_id="confirm"
)
def confirm(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Take the pupil's "Yes, pay". One basket is one charge, however often this comes."""
    till = request.auth
    write = write_of(till, key, "confirm", subject=basket_id)
    by_id = Sale.objects.select_related("refund")
    deed = Deed(
        lambda _row: inside(confirm_once)(till, basket_id),
        lambda one: by_id.get(pk=one),
        lambda _row: sale_id_of(basket_id),
    )
    return sale_out(do_once(write, deed))


@router.post(
    "/baskets/{uuid:basket_id}/sessions",
    response={201: s.SessionOut},
    tags=["face sessions"],
    operation_id="open_session",
)
def open_session(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Open a face session for a basket, after the pupil's own press.

    On an open basket it looks among all, where the school does that; on one that a card or PIN has identified
    it compares with that one person. A look that is not sure never stands in the way of paying.
    """
    till = request.auth
    write = write_of(till, key, "open_session", subject=basket_id)
    deed = Deed(
        lambda row: inside(open_face_session)(till, basket_id, key=str(row)),
        _require_session,
        lambda row: session_id_of(basket_id, str(row)),
    )
    opened = do_once(write, deed)
    return Status(201, session_out(opened))


def _require_session(session_id: UUID) -> FaceSession:
    return FaceSession.objects.get(pk=session_id)


@router.post(
    "/sessions/{uuid:session_id}/frames",
    response=s.FrameOut,
    tags=["face sessions"],
    operation_id="frame",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def frame(request: TillRequest, session_id: UUID, key: Key) -> Any:
    """Give one JPEG frame to an open session of this till. The frame is looked at and dropped."""
    till, picture = request.auth, request.body
    if len(picture) > FRAME_BYTES_MAX:  # of what came, not of what was announced
        raise errors.frame_too_large()
    write = write_of(till, key, "frame", subject=session_id, body=picture)
    answer = do_at_most_once(write, session_id, lambda: submit_frame(till, session_id, picture))
    if answer is not None:
        return s.FrameOut(state=answer.state, hint=answer.hint)
    return s.FrameOut(state=_state_of_session(till, session_id), hint="")


def _state_of_session(till: Terminal, session_id: UUID) -> str:
    session = FaceSession.objects.filter(pk=session_id, terminal=till).first()
    if session is None:
        raise session_closed()
    return "looking" if session.state == FaceSession.State.OPEN else session.state


@router.post(
    "/sessions/{uuid:session_id}/stop",
    response=s.SessionOut,
    tags=["face sessions"],
    operation_id="stop_session",
)
def stop_session(request: TillRequest, session_id: UUID, key: Key) -> Any:
    """Close a face session without an answer."""
    till = request.auth
    write = write_of(till, key, "stop_session", subject=session_id)
    stop = inside(face_identification.stop_session)
    deed = Deed(lambda _row: stop(till, session_id), _require_session, lambda _row: session_id)
    return session_out(do_once(write, deed))


@router.get("/sales", response=s.SalesOut, tags=["sales"], operation_id="sales")
def sales(request: TillRequest, asked: Query[s.SalesIn]) -> Any:
    """List this till's sales, the newest first, a page at a time."""
    wanted = SalePageRequest(
        day=asked.day,
        begin=asked.begin,
        end=asked.end,
        is_refunded=asked.refunded,
        refunded_on=asked.refunded_on,
    )
    after = read_cursor(asked.cursor) if asked.cursor else None
    page, end = page_of_sales(request.auth, wanted, after=after, limit=asked.limit)
    return s.SalesOut(items=[sale_out(one) for one in page], next_cursor=write_cursor(end) if end else None)


@router.get("/sales/{uuid:sale_id}", response=s.SaleWithLinesOut, tags=["sales"], operation_id="sale")
def sale(request: TillRequest, sale_id: UUID) -> Any:
    """Return one sale of this till, with what was bought."""
    found = find_sale_of(request.auth, sale_id)
    if found is None:
        raise sale_unknown()
    return sale_with_lines_out(found, request.school.currency)


@router.get("/days/{day}", response=s.DayOut, tags=["sales"], operation_id="day")
def day(request: TillRequest, day: s.Day) -> Any:
    """Return the sums of a day of the school's own time zone, to close this till with."""
    return day_out(day_of_till(request.auth, day), request.school)


@router.post("/sales/{uuid:sale_id}/refund", response=s.RefundOut, tags=["sales"], operation_id="refund")
def refund(request: TillRequest, sale_id: UUID, body: s.RefundIn, key: Key) -> Any:
    """Give the whole of a sale of this till back. The office gives a till the right to do so."""
    by = RefundedBy(terminal=request.auth, reason=body.reason)
    write = write_of(request.auth, key, "refund", subject=sale_id, body=body)
    by_id = Refund.objects.select_related("sale")
    give_back = inside(refund_sale)
    deed = Deed(
        lambda row: give_back(sale_id, key=derive_id(row, "refund"), by=by), lambda one: by_id.get(pk=one)
    )
    return refund_out(do_once(write, deed))


api.add_router("", router)
