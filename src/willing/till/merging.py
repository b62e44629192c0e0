"""The writer of what one person bought and may spend, where they had two records."""

from willing.accounts.models import User
from willing.core.transactions import atomic
from willing.entitlements.actions import move_entitlements
from willing.people.models import Guardian, Person
from willing.till.limits import NewLimits, set_limits
from willing.till.models import Basket, Limits, Sale


@atomic
def move_purchases(gone: Person, kept: Person, *, by: User) -> int:
    """Let the purchases of one record be another's, and the stricter limits hold. Return how many sales.

    Entitlements go along, except where the other record has one of the same source then.
    """
    Basket.objects.filter(person=gone).update(person=kept)
    sales = Sale.objects.filter(person=gone).update(person=kept)
    _keep_the_stricter_limits(gone, kept, by)
    move_entitlements(gone, kept)
    return sales


@atomic
def move_guardian_limits(gone: Guardian, kept: Guardian) -> None:
    """Let the limits that one record of a guardian set be the other's; what they are stays."""
    Limits.objects.filter(guardian=gone).update(guardian=kept)


def _keep_the_stricter_limits(gone: Person, kept: Person, by: User) -> None:
    found = Limits.objects.in_bulk([gone.pk, kept.pk])
    if gone.pk not in found:
        return
    daily, face = (
        min([sum_ for one in found.values() if (sum_ := getattr(one, name)) is not None], default=None)
        for name in ("daily_minor", "face_daily_minor")
    )
    face = daily if face is not None and daily is not None and face > daily else face
    mine = found.get(kept.pk)
    if mine is None or (mine.daily_minor, mine.face_daily_minor) != (daily, face):
        set_limits(kept, NewLimits(daily, face), by=found[gone.pk].guardian or by)
    Limits.objects.filter(person=gone).delete()
