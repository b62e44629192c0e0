"""What happens when persons leave, and when they come back.

Who is marked as having left by hand loses cards, PIN and face at once. Whom a file of the school no longer
names may be missing there by mistake: nothing of theirs works from that moment, and it is deleted by the
first nightly job a day later (`purge_leavers`), unless they are back before.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record_many
from willing.audit.clock_state import recorded_before
from willing.audit.journal import note_many
from willing.biometrics.erasure import erase_faces_of
from willing.biometrics.models import Template
from willing.biometrics.suspension import resume_faces_of_returned, suspend_faces_of_leavers
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.credentials.models import Card, Pin
from willing.people import persons
from willing.people.models import Person
from willing.people.persons import mark_left


@dataclass(frozen=True)
class Leavers:
    """Who left, and of theirs what was deleted, or suspended. Money stays until it is settled."""

    persons: int
    cards: int
    faces: int


@atomic
def record_leavers(person_ids: Sequence[UUID], *, by: User | None = None) -> Leavers:
    """Record that persons have left: cards, PIN and face are deleted at once. Twice is once."""
    leaving = mark_left(person_ids)
    cards, faces = _delete_ways(person_ids, by)
    return Leavers(len(leaving), cards, faces)


@atomic
def suspend_leavers(person_ids: Sequence[UUID], *, by: User | None = None) -> Leavers:
    """Record that persons have left because a file no longer names them: cards, PIN and face are suspended.

    Cards and PINs of who has left open nothing; a face is taken out of every search.
    """
    leaving = mark_left(person_ids)
    cards = Card.objects.filter(person_id__in=leaving, revoked_at=None).count()
    return Leavers(len(leaving), cards, suspend_faces_of_leavers(leaving, by=by))


def _delete_ways(person_ids: Sequence[UUID], by: User | None) -> tuple[int, int]:
    """Revoke cards, delete PINs and faces. Return how many cards and faces there were."""
    live = Card.objects.filter(person_id__in=person_ids, revoked_at=None)
    held = dict(live.values_list("id", "person_id"))
    cards = Counter(held.values())
    live.update(revoked_at=now())
    user = by.pk if by else None
    record_many(
        [NewEntry("card.revoked", one, {"cards": count, "by": user}, {}) for one, count in cards.items()]
    )
    note_many([("card.revoked", {"cards": [str(card)]}) for card in held])
    Pin.objects.filter(person_id__in=person_ids).delete()
    # Last, for keys are gone for good even where the steps above are undone.
    return cards.total(), erase_faces_of(person_ids, cause="left")


@atomic
def purge_leavers(left_before: datetime, limit: int) -> int:
    """Delete cards, PINs and faces of who left before then and still has any. Return how many persons."""
    own = {"person": OuterRef("pk")}
    has_ways = (
        Q(Exists(Card.objects.filter(revoked_at=None, **own)))
        | Q(Exists(Pin.objects.filter(**own)))
        | Q(Exists(Template.objects.filter(**own)))
    )
    due = Person.objects.filter(recorded_before("left_at", left_before)).filter(has_ways)
    ids = list(due.order_by("left_at", "id").values_list("id", flat=True)[:limit])
    _delete_ways(ids, None)
    Card.objects.filter(person_id__in=ids).delete()
    return len(ids)


@dataclass(frozen=True)
class Kept:
    """What a person who came back still has, because they were gone for less than a day."""

    cards: int
    has_pin: bool
    faces: int


@atomic
def bring_back(person_id: UUID, *, by: User) -> Kept | None:
    """Record that a person who had left is back. None where they had not.

    What was suspended works again, a face only where it is still permitted; what was deleted they get anew.
    Raises Refused merged_already.
    """
    if not persons.bring_back(person_id, by=by.pk):
        return None
    faces = resume_faces_of_returned([person_id], by=by)
    cards = Card.objects.filter(person_id=person_id, revoked_at=None).count()
    return Kept(cards, Pin.objects.filter(person_id=person_id).exists(), faces)
