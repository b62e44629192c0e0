"""Sales over the API: lists, one sale, the sums of a day, refunds."""

from collections import Counter
from typing import Any
from uuid import UUID

from ninja import Query, Router

from willing.api import schemas as s
from willing.api.access import Key, TerminalToken, TillRequest, write_of
from willing.api.cursors import read_cursor, write_cursor
from willing.api.outputs import day_out, refund_out, sale_out, sale_with_lines_out
from willing.core.ids import derive_id
from willing.core.transactions import inside
from willing.terminals.request_keys import KeyedDeed, do_once
from willing.till.errors import sale_unknown
from willing.till.refund_models import Refund
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.sale_pages import SalePageRequest, day_of_till, find_sale_of, page_of_sales

router = Router(auth=TerminalToken())


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
    """Return this till's sums of a day, in the school's own time zone."""
    return day_out(day_of_till(request.auth, day), request.school)


@router.post("/sales/{uuid:sale_id}/refund", response=s.RefundOut, tags=["sales"], operation_id="refund")
def refund(request: TillRequest, sale_id: UUID, body: s.RefundIn, key: Key) -> Any:
    """Refund a sale of this till, or some of its lines. The office decides whether a till may do so."""
    by = RefundedBy(terminal=request.auth, reason=body.reason)
    write = write_of(request.auth, key, "refund", subject=sale_id, body=body)
    quantities = _quantities(body.lines) if body.lines else None
    by_id = Refund.objects.select_related("sale").prefetch_related("lines__line")
    refund_once = inside(refund_sale)
    deed = KeyedDeed(
        lambda row: refund_once(sale_id, key=derive_id(row, "refund"), by=by, quantities=quantities),
        lambda one: by_id.get(pk=one),
    )
    return refund_out(do_once(write, deed))


def _quantities(lines: list[s.LineIn]) -> Counter[UUID]:
    quantities: Counter[UUID] = Counter()
    for one in lines:
        quantities[one.product] += one.quantity
    return quantities
