"""The writer of baskets that are put aside: for a person who went back for a fork, while others pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from willing.core.clock import now
from willing.core.transactions import atomic, inside, lock
from willing.people.models import School
from willing.people.queries import day_bounds, today
from willing.terminals.models import Terminal
from willing.till import errors
from willing.till.basket_states import (
    back_to_open,
    close_unpaid,
    expire_if_left,
    require_live,
    stop_face_session,
)
from willing.till.baskets import (
    cancel_basket,
    find_live_basket,
    lock_till,
    require_basket,
    require_live_basket,
)
from willing.till.models import Basket
from willing.till.rules import BASKET_MINUTES_MAX


@dataclass(frozen=True)
class Parked:
    """A basket that was put aside. is_over: it was left for so long that it was closed."""

    id: UUID
    parked_at: datetime
    items: int
    total_minor: int
    is_over: bool


@atomic
def park_basket(terminal: Terminal) -> Basket:
    """Put the till's basket aside; who was shown is forgotten. Raises Refused basket_empty."""
    return _park(require_live_basket(terminal))


@atomic
def park(terminal: Terminal, basket_id: UUID) -> Basket:
    """Put a basket aside that its id names. Twice changes nothing. Raises Refused basket_empty."""
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.PARKED:
        return basket
    require_live(basket)
    return _park(basket)


def _park(basket: Basket) -> Basket:
    if not basket.lines.exists():
        raise errors.basket_empty()
    stop_face_session(basket)
    if basket.state == Basket.State.IDENTIFIED:
        back_to_open(basket)
    basket.state, basket.parked_at, basket.touched_at = Basket.State.PARKED, now(), now()
    basket.save(update_fields=["state", "parked_at", "touched_at"])
    return basket


@atomic
def take_back(terminal: Terminal, basket_id: UUID) -> Basket:
    """Go on with a basket that was put aside; one that is filled at the till is put aside for it.

    Taking it back twice changes nothing. Raises Refused basket_unknown, basket_closed.
    """
    lock_till(terminal)
    basket = _require_parked(terminal, basket_id)
    if basket.state != Basket.State.PARKED:
        return basket
    live = find_live_basket(terminal)
    if live is not None:
        _park(live) if live.lines.exists() else close_unpaid(live)
    basket.state, basket.parked_at, basket.touched_at = Basket.State.OPEN, None, now()
    basket.save(update_fields=["state", "parked_at", "touched_at"])
    return basket


@atomic
def discard_parked(terminal: Terminal, basket_id: UUID) -> Basket:
    """Close a basket that was put aside, and take it off the closing list. Raises Refused basket_unknown."""
    if not Basket.objects.filter(pk=basket_id, terminal=terminal, parked_at__isnull=False).exists():
        raise errors.basket_unknown()
    return inside(cancel_basket)(terminal, basket_id)


def _require_parked(terminal: Terminal, basket_id: UUID) -> Basket:
    basket = lock(Basket.objects).filter(pk=basket_id, terminal=terminal).first()
    if basket is None:
        raise errors.basket_unknown()
    if expire_if_left(basket).state in (Basket.State.PAID, Basket.State.CANCELLED):
        raise errors.basket_closed()
    return basket


def parked_baskets(terminal: Terminal) -> Sequence[Parked]:
    """Return what is put aside at a till and can be taken back, the oldest first."""
    return [one for one in closing_list(terminal) if not one.is_over]


def closing_list(terminal: Terminal) -> Sequence[Parked]:
    """Return what was put aside at a till and never taken back; what time closed, on that day."""
    rows = _left_aside(terminal.school).filter(terminal=terminal)
    return [_parked(one) for one in rows]


def closing_lists(school: School) -> list[tuple[Terminal, list[Parked]]]:
    """Return the closing lists of today of all tills that have something on theirs, by the tills' names."""
    found: dict[Terminal, list[Parked]] = {}
    for one in _left_aside(school).filter(terminal__school=school).select_related("terminal"):
        found.setdefault(one.terminal, []).append(_parked(one))
    return sorted(found.items(), key=lambda one: one[0].name)


def _left_aside(school: School) -> QuerySet[Any]:
    begin, _ = day_bounds(school, today(school))
    # Of the day on which its hour was over, whenever that was noticed; it may have begun the day before.
    closed = Q(state=Basket.State.CANCELLED, parked_at__gte=begin - timedelta(minutes=BASKET_MINUTES_MAX))
    rows = Basket.objects.filter(Q(state=Basket.State.PARKED) | closed, parked_at__isnull=False)
    return rows.order_by("parked_at").annotate(
        items=Sum("lines__quantity"), total=Sum(F("lines__quantity") * F("lines__price_minor"))
    )


def _parked(row: Any) -> Parked:
    return Parked(row.pk, row.parked_at, row.items or 0, row.total or 0, _is_over(row))


def _is_over(basket: Basket) -> bool:
    left_alone = now() - basket.touched_at
    return basket.state != Basket.State.PARKED or left_alone >= timedelta(minutes=BASKET_MINUTES_MAX)
