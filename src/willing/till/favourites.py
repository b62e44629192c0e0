"""What is pressed most at a till, so that it is at hand there."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.core.cache import cache
from django.db.models import Sum

from willing.core.clock import now
from willing.terminals.models import Terminal
from willing.till.menu_models import Product
from willing.till.models import BasketLine

FAVOURITES_MAX = 12
COUNTED_DAYS = 14
# Counting a fortnight of sales at every press would be felt; what is liked changes more slowly.
KEPT_SECONDS = 3600


def favourites(terminal: Terminal, products: Sequence[Product]) -> list[Product]:
    """Return which of some products are at hand at a till: those that are pinned, then those sold most."""
    by_id = {one.pk: one for one in products}
    pinned = [one for one in products if one.is_pinned]
    sold = [by_id[one] for one in _most_sold(terminal) if one in by_id and not by_id[one].is_pinned]
    return [*pinned, *sold][:FAVOURITES_MAX]


def _most_sold(terminal: Terminal) -> list[UUID]:
    key = f"most-sold-{terminal.pk}"
    found: list[UUID] | None = cache.get(key)
    if found is None:
        found = _count(terminal)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _count(terminal: Terminal) -> list[UUID]:
    since = now() - timedelta(days=COUNTED_DAYS)
    sold = BasketLine.objects.filter(basket__sale__terminal=terminal, basket__sale__settled_at__gte=since)
    counted = (
        sold.order_by().values_list("product").annotate(pieces=Sum("quantity")).order_by("-pieces", "product")
    )
    return [product for product, _pieces in counted[: FAVOURITES_MAX * 2]]
