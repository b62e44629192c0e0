"""What the retention job deletes in this room."""

from datetime import datetime

from django.db.models import Q

from willing.allergens.models import AllergenEvent, PersonAllergen
from willing.audit.clock_state import recorded_before
from willing.core.transactions import atomic


@atomic
def purge_allergens(left_before: datetime, limit: int) -> int:
    """Delete what people who left before then must not eat. Return how many entries."""
    rows = PersonAllergen.objects.filter(recorded_before("person__left_at", left_before))
    ids = list(rows.order_by("id").values_list("id", flat=True)[:limit])
    PersonAllergen.objects.filter(pk__in=ids).delete()
    return len(ids)


@atomic
def purge_allergen_events(recorded_before_then: datetime, limit: int) -> int:
    """Delete events that were recorded before then, and those of people whose names are gone."""
    rows = AllergenEvent.objects.filter(
        recorded_before("recorded_at", recorded_before_then) | Q(person__given_name="")
    )
    ids = list(rows.order_by("id").values_list("id", flat=True)[:limit])
    AllergenEvent.objects.filter(pk__in=ids).delete()
    return len(ids)
