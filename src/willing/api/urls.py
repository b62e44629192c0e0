"""The HTTP API, version 1: what a till of another maker needs, and no more.

Every write carries an Idempotency-Key, which stands for the operation, its subject and its body: a repeated
request does nothing again and is answered from what the first one led to (terminals.request_keys).
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from willing.accounts.attempts import require_few_attempts
from willing.api import baskets, cashiers, faces, people, sales, tray
from willing.api import till_schemas as s
from willing.api.access import Key, TerminalToken, TillRequest, write_of
from willing.api.document import DescribedAPI
from willing.api.outputs import hours_out, product_out, terminal_out
from willing.api.problems import answer_errors
from willing.core.transactions import atomic, inside
from willing.terminals.models import Device
from willing.terminals.pairing import Pairing
from willing.terminals.request_keys import KeyedDeed, claim, do_once
from willing.terminals.sign_ons import cashier_of
from willing.till import menu as till_menu
from willing.till.products import mark_sold_out, put_back_on_sale
from willing.till.tills import pair_till

api = DescribedAPI(
    title="Willing",
    version="1.3.0",
    description="Sell at a paired till. Amounts: whole minor units. Errors: problem details (RFC 9457).",
    urls_namespace="api",
)
answer_errors(api)
router = Router(auth=TerminalToken())


@api.post("/pair", response=s.PairOut, tags=["terminal"], operation_id="pair")
def pair(request: HttpRequest, body: s.PairIn, key: Key) -> Any:
    """Exchange a one-time pairing code for this till's token."""
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
    """Return which till this token belongs to, and which ways to pay work there now."""
    return terminal_out(request.auth)


@router.get("/hours", response=s.HoursOut, tags=["terminal"], operation_id="hours")
def hours(request: TillRequest) -> Any:
    """Return whether the calendar has school and meals now; a till shows it and sells all the same."""
    return hours_out(request.school)


@router.get("/menu", response=list[s.ProductOut], tags=["menu"], operation_id="menu")
def menu(request: TillRequest) -> Any:
    """List what is sold today."""
    school = request.school
    return [product_out(product, school) for product in till_menu.menu_with_details(school)]


@router.post(
    "/menu/{uuid:product_id}/sold-out", response=s.ProductOut, tags=["menu"], operation_id="sold_out"
)
def sold_out(request: TillRequest, product_id: UUID, body: s.SoldOutIn, key: Key) -> Any:
    """Mark a product as sold out for the rest of the day, or take that back."""
    till = request.auth
    mark = mark_sold_out if body.is_sold_out else put_back_on_sale
    write = write_of(till, key, "sold_out", subject=product_id, body=body)
    deed = KeyedDeed(
        lambda _row: inside(mark)(
            till_menu.require_product(request.school, product_id), by=cashier_of(till), terminal=till
        ),
        lambda one: till_menu.require_product(request.school, one),
        lambda _row: product_id,
    )
    return product_out(do_once(write, deed), request.school)


for each in (
    router,
    cashiers.router,
    tray.router,
    baskets.router,
    people.router,
    faces.router,
    sales.router,
):
    api.add_router("", each)
