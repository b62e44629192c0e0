"""What is deleted of roll calls: traces after a day, who was ticked after a month; the counts stay."""

from datetime import datetime

from django.db import close_old_connections

from willing.audit.actions import record
from willing.audit.clock_state import recorded_before
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.rollcall.models import LastSeen, Listed, MedicalWords, RollCall, WardenDevice
from willing.rollcall.rules import LAST_SEEN_KEPT

LAST_SEEN_BATCH = 500


@atomic
def purge_last_seen(before: datetime, limit: int) -> int:
    """Delete what was shown of where people were last seen, opened before then. Return how many."""
    rows = LastSeen.objects.filter(recorded_before("opened_at", before))
    ids = list(rows.order_by("opened_at").values_list("id", flat=True)[:limit])
    LastSeen.objects.filter(pk__in=ids).delete()
    return len(ids)


def purge_last_seen_here() -> int:
    """Do so as soon as the 24 hours are over, and not only at night."""
    done = purge_last_seen(now() - LAST_SEEN_KEPT, LAST_SEEN_BATCH)
    close_old_connections()
    return done


@atomic
def purge_lists(before: datetime, limit: int) -> int:
    """Delete who was on the lists of roll calls started before then, with their ticks; keep the counts.

    Return how many rows. One that is still running keeps its list.
    """
    rows = RollCall.objects.filter(recorded_before("started_at", before), ended_at__isnull=False)
    roll_call = rows.filter(listed__isnull=False).order_by("started_at", "id").first()
    if roll_call is None:
        return 0
    if roll_call.list_deleted_at is None:
        RollCall.objects.filter(pk=roll_call.pk).update(list_deleted_at=now())
        facts = {"expected": roll_call.expected, "safe": roll_call.safe, "found": roll_call.found}
        record("roll_call.list_deleted", subject=roll_call.id, facts=facts, personal={})
    ids = list(Listed.objects.filter(roll_call=roll_call).order_by("id").values_list("id", flat=True)[:limit])
    Listed.objects.filter(pk__in=ids).delete()
    return len(ids)


@atomic
def purge_medical_words(left_before: datetime, limit: int) -> int:
    """Delete medical words of people who left before then. Return how many."""
    rows = MedicalWords.objects.filter(recorded_before("person__left_at", left_before))
    ids = list(rows.order_by("person_id").values_list("person_id", flat=True)[:limit])
    MedicalWords.objects.filter(pk__in=ids).delete()
    return len(ids)


@atomic
def purge_devices(before: datetime, limit: int) -> int:
    """Delete which phones held a list before then. Return how many."""
    rows = WardenDevice.objects.filter(recorded_before("refreshed_at", before))
    ids = list(rows.order_by("refreshed_at").values_list("id", flat=True)[:limit])
    WardenDevice.objects.filter(pk__in=ids).delete()
    return len(ids)
