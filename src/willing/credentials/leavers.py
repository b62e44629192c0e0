"""What happens when persons leave: cards revoked and faces erased, at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record_many
from willing.audit.journal import note_many
from willing.biometrics.erasure import erase_faces_of
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.credentials.models import Card
from willing.people.persons import mark_left


@dataclass(frozen=True)
class Leavers:
    """What was revoked and erased of persons who left. Money stays on their accounts until it is settled."""

    persons: int
    cards: int
    faces: int


@atomic
def record_leavers(person_ids: Sequence[UUID], *, by: User | None = None) -> Leavers:
    """Record that persons have left: their cards end, and their faces are erased, at once. Twice is once."""
    leaving = mark_left(person_ids)
    live = Card.objects.filter(person_id__in=leaving, revoked_at=None)
    held = dict(live.values_list("id", "person_id"))
    cards = Counter(held.values())
    live.update(revoked_at=now())
    user = by.pk if by else None
    record_many(
        [NewEntry("card.revoked", one, {"cards": count, "by": user}, {}) for one, count in cards.items()]
    )
    note_many([("card.revoked", {"cards": [str(card)]}) for card in held])
    # Last, for keys are gone for good even where the steps above are undone.
    faces = erase_faces_of(leaving, cause="left")
    return Leavers(len(leaving), cards.total(), faces)
