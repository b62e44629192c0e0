"""What is deleted of planned absence: the words soon, the rest with the registers that it explains."""

from datetime import datetime

from django.db.models import Q

from willing.audit.clock_state import recorded_before
from willing.core.transactions import atomic
from willing.leave.models import Leave, LeaveWords, Trip


@atomic
def purge_leave_words(before: datetime, limit: int) -> int:
    """Delete why pupils were away, where the last day was before then."""
    rows = LeaveWords.objects.filter(leave__last_day__lt=before.date())
    ids = list(rows.order_by("leave_id").values_list("leave_id", flat=True)[:limit])
    LeaveWords.objects.filter(pk__in=ids).delete()
    return len(ids)


@atomic
def purge_absences(before: datetime, limit: int) -> int:
    """Delete leaves and trips that were recorded before then and whose last day was."""
    old = Q(last_day__lt=before.date())
    leaves = Leave.objects.filter(old, recorded_before("asked_at", before))
    ids = list(leaves.order_by("last_day", "id").values_list("id", flat=True)[:limit])
    Leave.objects.filter(pk__in=ids).delete()
    trips = Trip.objects.filter(old, recorded_before("made_at", before))
    trip_ids = list(trips.order_by("last_day", "id").values_list("id", flat=True)[: limit - len(ids)])
    Trip.objects.filter(pk__in=trip_ids).delete()
    return len(ids) + len(trip_ids)
