"""The writers of cards, and whose card it is that was read."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record, record_many
from willing.audit.journal import note
from willing.core.clock import now
from willing.core.codes import code_from_digest, normalise_code
from willing.core.ids import derive_id, new_id
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic
from willing.credentials.models import Card
from willing.keys.master import keyed_digest
from willing.people.models import Person, School
from willing.people.persons import require_present


@atomic
def issue_card(person: Person, *, by: User | None = None, key: UUID | None = None) -> str:
    """Give a person a new card and return its code, which is shown once. Costs nothing; older cards stay.

    key: the form's own, so that a double press makes one card and both answers show its code.
    Raises Refused has_left.
    """
    require_present(person)
    key = key or new_id()
    # Derived under the master key, so that the code itself need not be kept to be recognised.
    code = code_from_digest(keyed_digest("card-code", f"{person.id}:{key}"))
    card, is_new = Card.objects.get_or_create(
        id=derive_id(person.id, "card", str(key)),
        defaults={"person": person, "digest": keyed_digest("card", code)},
    )
    if not is_new:
        return code
    facts = {"card": str(card.id), "by": by.pk if by else None}
    record("card.issued", subject=person.id, facts=facts, personal={})
    return code


@atomic
def move_cards(gone: Person, kept: Person, *, by: User) -> int:
    """Let the cards of one record be another's: both are one person. Return how many still work."""
    Card.objects.filter(person=gone).update(person=kept)
    cards = Card.objects.filter(person=kept, revoked_at=None).count()
    record("card.moved", subject=kept.id, facts={"cards": cards, "by": by.pk}, personal={})
    return cards


@atomic
def revoke_cards(person: Person, *, by: User | None = None) -> int:
    """End every card of a person at once. Return how many."""
    live = list(Card.objects.filter(person=person, revoked_at=None).values_list("id", flat=True))
    ended = Card.objects.filter(pk__in=live, revoked_at=None).update(revoked_at=now())
    if ended:
        facts = {"cards": ended, "by": by.pk if by else None}
        record("card.revoked", subject=person.id, facts=facts, personal={})
        note("card.revoked", {"cards": [str(card) for card in live]})
    return ended


@atomic
def replay_revoked_cards(card_ids: Sequence[UUID]) -> int:
    """Revoke cards again that were revoked after a restored copy. Return how many were alive in it."""
    live = Card.objects.filter(pk__in=card_ids, revoked_at=None)
    cards = Counter(live.values_list("person_id", flat=True))
    live.update(revoked_at=now())
    record_many(
        [NewEntry("card.revoked", one, {"cards": count, "by": None}, {}) for one, count in cards.items()]
    )
    return cards.total()


@prepared
def _live_card(digest: Parameter, school: Parameter) -> QuerySet[Card]:
    rows = Card.objects.filter(digest=digest, revoked_at=None, person__school=school, person__left_at=None)
    return rows.select_related("person__school", "person__year_group")


def find_live_card(school: School, code: str) -> Card | None:
    """Return the card with that code and its owner, or None where no live card of this school has it."""
    return _live_card.first(digest=keyed_digest("card", normalise_code(code)), school=school.pk)


def find_card_owner(school: School, code: str) -> Person | None:
    """Return who carries a card, or None where no live card of this school has that code."""
    card = find_live_card(school, code)
    return card.person if card else None
