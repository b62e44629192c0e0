"""What the nightly sweep ends of this room: old cards, unpaid baskets, tries that did not work."""

from datetime import datetime

from willing.audit.clock_state import recorded_before
from willing.core.transactions import atomic
from willing.till.basket_states import expire_left_baskets
from willing.till.models import Basket, Card, FailedTry, Pin, PinTries


@atomic
def end_cards(before: datetime, limit: int) -> int:
    """Delete cards that were ended before then, and PINs of those who left before then. Return how many."""
    cards = list(
        Card.objects.filter(recorded_before("revoked_at", before)).values_list("id", flat=True)[:limit]
    )
    pins = list(
        Pin.objects.filter(recorded_before("person__left_at", before)).values_list("person_id", flat=True)[
            :limit
        ]
    )
    Card.objects.filter(pk__in=cards).delete()
    Pin.objects.filter(pk__in=pins).delete()
    return len(cards) + len(pins)


@atomic
def end_baskets(closed_before: datetime, limit: int) -> int:
    """Close baskets that were left alone; delete unpaid ones closed before then. Return how many."""
    expired = expire_left_baskets(limit)
    rows = Basket.objects.filter(
        recorded_before("closed_at", closed_before), state=Basket.State.CANCELLED, sales=None
    )
    ids = list(rows.values_list("id", flat=True)[:limit])
    Basket.objects.filter(pk__in=ids).delete()
    return len(ids) + expired


@atomic
def end_failed_tries(before: datetime, limit: int) -> int:
    """Delete what is kept of tries before then that identified nobody. Return how many."""
    ids = list(FailedTry.objects.filter(recorded_before("at", before)).values_list("id", flat=True)[:limit])
    FailedTry.objects.filter(pk__in=ids).delete()
    old = list(PinTries.objects.filter(recorded_before("at", before)).values_list("key", flat=True)[:limit])
    PinTries.objects.filter(pk__in=old).delete()
    return len(ids) + len(old)
