"""What is deleted of visits: the visitors soon, who of the staff was in the next night."""

from datetime import datetime

from willing.audit.clock_state import recorded_before
from willing.core.transactions import atomic
from willing.visits.models import StaffDay, Visit


@atomic
def purge_visits(before: datetime, limit: int) -> int:
    """Delete visits of days before then, also those that a person never closed or that never began."""
    rows = Visit.objects.filter(recorded_before("announced_at", before), day__lt=before.date())
    ids = list(rows.order_by("day", "id").values_list("id", flat=True)[:limit])
    Visit.objects.filter(pk__in=ids).delete()
    return len(ids)


@atomic
def purge_staff_days(before: datetime, limit: int) -> int:
    """Delete who of the staff was in on days before then."""
    rows = StaffDay.objects.filter(day__lt=before.date())
    ids = list(rows.order_by("id").values_list("id", flat=True)[:limit])
    StaffDay.objects.filter(pk__in=ids).delete()
    return len(ids)
