"""The writers of many cards at once: a sheet's, and those that a sheet takes the place of."""

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record_many
from willing.audit.journal import note_many
from willing.biometrics.erasure import erase_all
from willing.biometrics.models import Template
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.credentials.cards import card_id, code_of
from willing.credentials.models import Card
from willing.keys.master import keyed_digest
from willing.people import errors
from willing.people.models import Person


@atomic
def issue_cards(persons: Sequence[Person], *, by: User, key: UUID) -> list[Card]:
    """Let the cards work that were just printed for these persons, in their order. Older cards stay.

    key: the run's, of which each person's code follows (`cards.code_of`). Raises Refused has_left.
    """
    require_all_present(persons)
    new = [
        Card(id=card_id(person, key), person=person, digest=keyed_digest("card", code_of(person, key)))
        for person in persons
    ]
    made = Card.objects.bulk_create(new)
    record_many(
        [NewEntry("card.issued", card.person_id, {"card": str(card.id), "by": by.pk}, {}) for card in made]
    )
    return made


def require_all_present(persons: Sequence[Person]) -> None:
    """Lock persons against leaving until the transaction is over. Raises Refused has_left."""
    rows = lock(Person.objects).filter(pk__in=[one.pk for one in persons]).order_by("pk")
    if any(left is not None for left in rows.values_list("left_at", flat=True)):
        raise errors.has_left()


@atomic
def revoke_others(cards: Collection[UUID], *, by: User) -> list[UUID]:
    """Revoke the other cards of those who carry these, which are printed. Return which were revoked."""
    owners = Card.objects.filter(pk__in=cards).values_list("person_id", flat=True)
    # A number of the school's own, of a library card, is on something else and stays.
    others = Card.objects.filter(person_id__in=list(owners), revoked_at=None, is_foreign=False).exclude(
        pk__in=cards
    )
    return revoke_many(list(others.values_list("pk", flat=True)), by=by)


@atomic
def revoke_many(cards: Sequence[UUID], *, by: User) -> list[UUID]:
    """Revoke these cards at once, and erase the faces that only they open. Return which worked until now."""
    live = list(lock(Card.objects).filter(pk__in=cards, revoked_at=None).order_by("pk"))
    ended = [one.pk for one in live]
    if ended:
        Card.objects.filter(pk__in=ended).update(revoked_at=now())
        counts = Counter(one.person_id for one in live)
        record_many(
            [
                NewEntry("card.revoked", person, {"cards": count, "by": by.pk}, {})
                for person, count in counts.items()
            ]
        )
        note_many([("card.revoked", {"cards": [str(card)]}) for card in ended])
        # Last: destroyed keys do not come back.
        erase_all(Template.objects.filter(card_id__in=ended), "card.revoked")
    return ended
