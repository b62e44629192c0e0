"""What is deleted of evening lists: each a month after its night, with all its marks."""

from datetime import datetime

from willing.audit.clock_state import recorded_before
from willing.boarding.models import EveningList, EveningMark
from willing.core.transactions import atomic


@atomic
def purge_evening_lists(before: datetime, limit: int) -> int:
    """Delete lists of nights before then with their marks, also lists that nobody closed. Return how many.

    A list whose marks the database still keeps, because one was corrected late, waits for another night.
    """
    young = EveningMark.objects.exclude(recorded_before("recorded_at", before)).values("list_id")
    rows = EveningList.objects.filter(recorded_before("opened_at", before), night__lt=before.date())
    ids = list(rows.exclude(pk__in=young).order_by("night", "id").values_list("id", flat=True)[:limit])
    EveningMark.objects.filter(list_id__in=ids).delete()
    EveningList.objects.filter(pk__in=ids).delete()
    return len(ids)
