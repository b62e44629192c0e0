"""The HTTP API, version 1: what a till of another maker needs, and no more.

Every write carries an Idempotency-Key. The key names the row that the write makes (core.ids.derive_id), or
the deed is idempotent by nature, so that a repeated request finds what the first one did.
"""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Header, NinjaAPI, Router, Status
from ninja.security import HttpBearer

from willing.api import errors
from willing.api import schemas as s
from willing.api.problems import answer_errors
from willing.biometrics.models import FaceSession
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.till import actions, queries
from willing.till.errors import basket_unknown, product_unknown
from willing.till.models import Basket, Product, Sale, Terminal

FRAME_BYTES_MAX = 2_000_000


class TillRequest(HttpRequest):
    """A request by a paired till; `auth` is that till."""

    auth: Terminal


class TerminalToken(HttpBearer):
    """Let a paired terminal act with its token."""

    def authenticate(self, request: HttpRequest, token: str) -> Terminal | None:  # noqa: ARG002
        """Return the terminal, or None where the token belongs to none."""
        try:
            return actions.require_terminal(token)
        except Refused:
            return None


api = NinjaAPI(
    title="Willing",
    version="1.0.0",
    description="Sell at a paired till. Amounts: whole minor units. Errors: problem details (RFC 9457).",
    urls_namespace="api",
)
answer_errors(api)
router = Router(auth=TerminalToken())
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


def _require_key(key: str) -> str:
    if not key.strip() or not key.isprintable():
        raise errors.idempotency_key_missing()
    return key


@api.post("/pair", response=s.PairOut, tags=["terminal"], operation_id="pair")
def pair(request: HttpRequest, body: s.PairIn, key: Key) -> Any:  # noqa: ARG001
    """Turn a one-time pairing code into this till's token."""
    paired = actions.pair_terminal(body.code, key=_require_key(key))
    return s.PairOut(token=paired.token, terminal=_terminal(paired.terminal))


@router.get("/terminal", response=s.TerminalOut, tags=["terminal"], operation_id="terminal")
def terminal(request: TillRequest) -> Any:
    """Say which till this token belongs to, and which ways work there now."""
    return _terminal(request.auth)


@router.get("/menu", response=list[s.ProductOut], tags=["menu"], operation_id="menu")
def menu(request: TillRequest) -> Any:
    """List what is on sale."""
    return [
        s.ProductOut(
            id=product.id,
            name=product.label,
            price_minor=product.price_minor,
            is_main_meal=product.is_main_meal,
            category=product.category,
            barcode=product.barcode,
        )
        for product in queries.menu(request.auth.school)
    ]


@router.post("/baskets", response={201: s.BasketOut}, tags=["baskets"], operation_id="open_basket")
def open_basket(request: TillRequest, body: s.BasketIn, key: Key) -> Any:
    """Open a basket with all its lines."""
    basket_id = derive_id(request.auth.id, "basket", _require_key(key))
    quantities: dict[UUID, int] = {}
    for line in body.lines:
        quantities[line.product] = quantities.get(line.product, 0) + line.quantity
    products = Product.objects.in_bulk(list(quantities))
    if len(products) != len(quantities):
        raise product_unknown()
    lines = [(products[product_id], quantity) for product_id, quantity in quantities.items()]
    return Status(201, _basket(actions.open_basket(request.auth, basket_id, lines)))


@router.get("/baskets/{uuid:basket_id}", response=s.BasketOut, tags=["baskets"], operation_id="basket")
def basket(request: TillRequest, basket_id: UUID) -> Any:
    """Return a basket of this till."""
    found = queries.find_basket(request.auth, basket_id)
    if found is None:
        raise basket_unknown()
    return _basket(found)


@router.post(
    "/baskets/{uuid:basket_id}/cancel", response=s.BasketOut, tags=["baskets"], operation_id="cancel_basket"
)
def cancel_basket(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Close a basket without a payment."""
    _require_key(key)
    return _basket(actions.cancel_basket(request.auth, basket_id))


@router.post(
    "/baskets/{uuid:basket_id}/identify", response=s.BasketOut, tags=["baskets"], operation_id="identify"
)
def identify(
    request: TillRequest,
    basket_id: UUID,
    body: Annotated[s.IdentifyIn, Body()],
    key: Key,
) -> Any:
    """Say who pays, by a card's code or by number and PIN."""
    _require_key(key)
    if isinstance(body, s.CardIn):
        return _basket(actions.identify_by_card(request.auth, basket_id, body.code))
    return _basket(actions.identify_by_pin(request.auth, basket_id, body.number, body.pin))


@router.post("/baskets/{uuid:basket_id}/deny", response=s.BasketOut, tags=["baskets"], operation_id="deny")
def deny(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Take the pupil's "Not me": forget who was shown."""
    _require_key(key)
    return _basket(actions.deny_identity(request.auth, basket_id))


@router.post(
    "/baskets/{uuid:basket_id}/confirm", response=s.SaleOut, tags=["baskets"], operation_id="confirm"
)
def confirm(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Take the pupil's "Yes, pay". One basket is one charge, however often this comes."""
    _require_key(key)
    return _sale(actions.confirm_basket(request.auth, basket_id))


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
    return Status(201, _session(actions.open_face_session(request.auth, basket_id, key=_require_key(key))))


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
    _require_key(key)
    if int(request.headers.get("Content-Length") or 0) > FRAME_BYTES_MAX:
        raise errors.frame_too_large()
    answer = actions.submit_frame(request.auth, session_id, request.body)
    return s.FrameOut(state=answer.state, hint=answer.hint)


@router.post(
    "/sessions/{uuid:session_id}/stop",
    response=s.SessionOut,
    tags=["face sessions"],
    operation_id="stop_session",
)
def stop_session(request: TillRequest, session_id: UUID, key: Key) -> Any:
    """Close a face session without an answer."""
    _require_key(key)
    return _session(actions.stop_session(request.auth, session_id))


@router.get("/sales", response=list[s.SaleOut], tags=["sales"], operation_id="sales")
def sales(request: TillRequest) -> Any:
    """List the newest fifty sales of this till."""
    return [_sale(sale) for sale in queries.sales_of_terminal(request.auth)]


@router.post("/sales/{uuid:sale_id}/refund", response=s.RefundOut, tags=["sales"], operation_id="refund")
def refund(request: TillRequest, sale_id: UUID, body: s.RefundIn, key: Key) -> Any:
    """Give the whole of a sale of this till back."""
    by = actions.RefundedBy(terminal=request.auth, reason=body.reason)
    refund_id = derive_id(request.auth.id, "refund", _require_key(key))
    done = actions.refund_sale(sale_id, key=refund_id, by=by)
    return s.RefundOut(id=done.id, sale=done.sale_id, amount_minor=done.sale.total_minor, at=done.at)


api.add_router("", router)


def _terminal(till: Terminal) -> s.TerminalOut:
    return s.TerminalOut(
        id=till.id,
        name=till.name,
        purpose=till.purpose,
        ways=queries.ways_here(till),
        currency=till.school.currency,
    )


def _basket(basket: Basket) -> s.BasketOut:
    lines = [
        s.LineOut(
            product=line.product_id,
            name=line.product.label,
            quantity=line.quantity,
            price_minor=line.price_minor,
            total_minor=line.total_minor,
        )
        for line in basket.lines.select_related("product")
    ]
    person = basket.person
    year = str(person.year_group) if person and person.year_group else ""
    sale = basket.sales.exclude(state=Sale.State.VOIDED).first()
    return s.BasketOut(
        id=basket.id,
        state=basket.state,
        total_minor=sum(line.total_minor for line in lines),
        currency=basket.terminal.school.currency,
        way=basket.way,
        claim=basket.claim,
        face=queries.face_offer(basket).value,
        person=s.PersonOut(first_name=person.given_name, year=year) if person else None,
        lines=lines,
        sale=_sale(sale) if sale else None,
    )


def _sale(sale: Sale) -> s.SaleOut:
    return s.SaleOut(
        id=sale.id,
        basket=sale.basket_id,
        state=sale.state,
        way=sale.way,
        total_minor=sale.total_minor,
        receipt_number=sale.receipt_number,
        settled_at=sale.settled_at,
        is_refunded=hasattr(sale, "refund"),
    )


def _session(session: FaceSession) -> s.SessionOut:
    return s.SessionOut(id=session.id, state=session.state, mode=session.mode, ends_at=session.ends_at)
