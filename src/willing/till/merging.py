"""The writer of what one person bought and may spend, where they had two records."""

from willing.core.transactions import atomic
from willing.entitlements.actions import move_entitlements
from willing.people.models import Guardian, Person
from willing.till.limit_models import SpendingLimits
from willing.till.limit_rules import NewLimits, stricter
from willing.till.limits import COLUMNS, record_limits
from willing.till.models import Basket, Sale


@atomic
def move_purchases(gone: Person, kept: Person) -> int:
    """Let the purchases of one record be another's, and the stricter limits hold. Return how many sales.

    Entitlements go along, except where the other record has one of the same source then.
    """
    Basket.objects.filter(person=gone).update(person=kept)
    sales = Sale.objects.filter(person=gone).update(person=kept)
    _move_limits(gone, kept)
    move_entitlements(gone, kept)
    return sales


@atomic
def move_guardian_limits(gone: Guardian, kept: Guardian) -> None:
    """Let the limits that one record of a guardian set be the other's; where both did, the stricter hold."""
    mine = {one.person_id: one for one in SpendingLimits.objects.filter(guardian=kept)}
    for limits in SpendingLimits.objects.filter(guardian=gone):
        if twin := mine.get(limits.person_id):
            _keep_the_stricter(limits, twin)
        else:
            SpendingLimits.objects.filter(pk=limits.pk).update(guardian=kept)


def _move_limits(gone: Person, kept: Person) -> None:
    mine = {one.guardian_id: one for one in SpendingLimits.objects.filter(person=kept)}
    for limits in SpendingLimits.objects.filter(person=gone):
        if twin := mine.get(limits.guardian_id):
            _keep_the_stricter(limits, twin)
        else:
            limits.person = kept
            limits.save(update_fields=["person"])
            record_limits(limits)


def _keep_the_stricter(gone: SpendingLimits, kept: SpendingLimits) -> None:
    """Let what two rows of one guardian, or of the office, say of one person be one row."""
    before, other = (NewLimits(*(getattr(one, name) for name in COLUMNS)) for one in (kept, gone))
    new = stricter(before, other)
    gone.delete()
    if new == before:
        return
    for name in COLUMNS:
        setattr(kept, name, getattr(new, name))
    kept.save(update_fields=COLUMNS)
    record_limits(kept)
