"""What the retention job deletes in this room: unpaid baskets."""

from datetime import datetime

from willing.audit.clock_state import recorded_before
from willing.core.transactions import atomic
from willing.till.basket_states import expire_left_baskets
from willing.till.models import Basket


@atomic
def purge_baskets(closed_before: datetime, limit: int) -> int:
    """Close baskets that were left alone; delete unpaid ones closed before then. Return how many."""
    expired = expire_left_baskets(limit)
    rows = Basket.objects.filter(
        recorded_before("closed_at", closed_before), state=Basket.State.CANCELLED, sale=None
    )
    ids = list(rows.values_list("id", flat=True)[:limit])
    Basket.objects.filter(pk__in=ids).delete()
    return len(ids) + expired
