"""What the retention job deletes of this room: old cards and PINs, failed attempts."""

from datetime import datetime

from willing.audit.clock_state import recorded_before
from willing.core.transactions import atomic
from willing.credentials.models import Card, FailedAttempt, Pin, PinAttempts


@atomic
def purge_cards(before: datetime, limit: int) -> int:
    """Delete cards that were revoked before then, and PINs of those who left before then. Return how many."""
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
def purge_failed_attempts(before: datetime, limit: int) -> int:
    """Delete what is kept of tries before then that identified nobody. Return how many."""
    ids = list(
        FailedAttempt.objects.filter(recorded_before("at", before)).values_list("id", flat=True)[:limit]
    )
    FailedAttempt.objects.filter(pk__in=ids).delete()
    old = list(
        PinAttempts.objects.filter(recorded_before("at", before)).values_list("key", flat=True)[:limit]
    )
    PinAttempts.objects.filter(pk__in=old).delete()
    return len(ids) + len(old)
