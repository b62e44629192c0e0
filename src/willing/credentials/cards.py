"""The writers of cards, and whose card it is that was read."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from willing.accounts.models import User
from willing.allergens.queries import needs_in_one_column
from willing.audit.actions import NewEntry, record, record_many
from willing.audit.journal import note
from willing.biometrics.erasure import erase_all
from willing.biometrics.models import Template
from willing.core.clock import now
from willing.core.codes import code_from_digest, normalise_code
from willing.core.ids import derive_id, new_id
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic
from willing.credentials.errors import (
    card_number_in_other_form,
    card_number_like_ours,
    card_number_not_valid,
    card_number_taken,
    card_number_too_short,
    card_printed_already,
)
from willing.credentials.models import Card
from willing.credentials.rules import (
    CardNumberFault,
    find_card_number_fault,
    fold_card_number,
    other_forms,
)
from willing.credentials.shares import require_no_share
from willing.keys.master import keyed_digest
from willing.people.models import Person, School
from willing.people.persons import require_present

FAULTS = {
    CardNumberFault.NOT_VALID: card_number_not_valid,
    CardNumberFault.LIKE_OURS: card_number_like_ours,
    CardNumberFault.TOO_SHORT: card_number_too_short,
}


@atomic
def issue_card(person: Person, *, by: User | None = None, key: UUID | None = None) -> str:
    """Give a person a new card and return its code, which is shown once. Costs nothing; older cards stay.

    key: the form's own, so that a double press makes one card and both answers show its code.
    Raises Refused has_left.
    """
    key = key or new_id()
    _issue(person, key, by)
    return code_of(person, key)


@atomic
def issue_printed_card(person: Person, *, by: User, key: UUID) -> None:
    """Let the card that was just printed work. Raises Refused has_left, card_printed_already.

    A card is printed once: its share is on the paper only, so a second print would be another card.
    """
    if not _issue(person, key, by):
        raise card_printed_already()


def is_issued(person: Person, key: UUID) -> bool:
    """Say whether a form has made its card already."""
    return Card.objects.filter(pk=card_id(person, key)).exists()


def code_of(person: Person, key: UUID) -> str:
    """Return the code of the card that a form makes.

    Derived under the master key, so that the code itself need not be kept to be recognised.
    """
    return code_from_digest(keyed_digest("card-code", f"{person.id}:{key}"))


def card_id(person: Person, key: UUID) -> UUID:
    """Return the id of the card that a form makes for a person."""
    return derive_id(person.id, "card", str(key))


def _issue(person: Person, key: UUID, by: User | None) -> bool:
    """Store a form's card; say whether it is new."""
    require_present(person)
    card, is_new = Card.objects.get_or_create(
        id=card_id(person, key),
        defaults={"person": person, "digest": keyed_digest("card", code_of(person, key))},
    )
    if is_new:
        facts = {"card": str(card.id), "by": by.pk if by else None}
        record("card.issued", subject=person.id, facts=facts, personal={})
    return is_new


@atomic
def assign_card_number(person: Person, number: str, *, by: User) -> bool:
    """Let a card that the school has already pay for a person, known by its number. Say whether that is new.

    It pays as a card and opens no face: there is no share on it. The number is kept as a keyed digest only.
    Raises Refused has_left, card_share_sent, card_number_not_valid, card_number_like_ours,
    card_number_too_short, card_number_taken, card_number_in_other_form.
    """
    require_no_share(number)
    fault = find_card_number_fault(number)
    if fault is not None:
        refusal = FAULTS[fault]
        raise refusal()
    require_present(person)
    digest = number_digest(number)
    found = Card.objects.filter(digest=digest).first()
    if found is not None:
        if found.person_id == person.id and found.revoked_at is None:
            return False
        raise card_number_taken()
    if Card.objects.filter(digest__in=[number_digest(one) for one in other_forms(number)]).exists():
        raise card_number_in_other_form()
    card = Card.objects.create(person=person, digest=digest, is_foreign=True)
    record("card.number_assigned", subject=person.id, facts={"card": str(card.id), "by": by.pk}, personal={})
    return True


def number_digest(number: str) -> str:
    """Return the digest of a number of a card that was not printed here; no code's digest reads like it."""
    return keyed_digest("card-number", fold_card_number(number))


@atomic
def move_cards(gone: Person, kept: Person, *, by: User) -> int:
    """Let the cards of one record be another's: both are one person. Return how many still work."""
    Card.objects.filter(person=gone).update(person=kept)
    cards = Card.objects.filter(person=kept, revoked_at=None).count()
    record("card.moved", subject=kept.id, facts={"cards": cards, "by": by.pk}, personal={})
    return cards


@atomic
def revoke_cards(person: Person, *, by: User | None = None, only: UUID | None = None) -> int:
    """End every card of a person at once, and erase the faces that those open. Return how many cards.

    only: the id of the one card to end.
    """
    cards = Card.objects.filter(person=person)
    return _revoke(cards if only is None else cards.filter(pk=only), person, by)


@atomic
def revoke_card(person: Person, key: UUID, *, by: User) -> int:
    """Revoke the one card that a form has made: it was never printed. Return 0 where it is none."""
    return _revoke(Card.objects.filter(pk=card_id(person, key)), person, by)


def _revoke(cards: QuerySet[Card], person: Person, by: User | None) -> int:
    live = list(cards.filter(revoked_at=None).values_list("id", flat=True))
    ended = Card.objects.filter(pk__in=live, revoked_at=None).update(revoked_at=now())
    if ended:
        facts = {"cards": ended, "by": by.pk if by else None}
        record("card.revoked", subject=person.id, facts=facts, personal={})
        note("card.revoked", {"cards": [str(card) for card in live]})
        _erase_faces(live)
    return ended


def _erase_faces(card_ids: Sequence[UUID]) -> None:
    """Erase the faces that only these cards opened. Last: destroyed keys do not come back."""
    erase_all(Template.objects.filter(card_id__in=card_ids), "card.revoked")


@atomic
def replay_revoked_cards(card_ids: Sequence[UUID]) -> int:
    """Revoke cards again that were revoked after a restored copy. Return how many were alive in it."""
    live = Card.objects.filter(pk__in=card_ids, revoked_at=None)
    cards = Counter(live.values_list("person_id", flat=True))
    live.update(revoked_at=now())
    record_many(
        [NewEntry("card.revoked", one, {"cards": count, "by": None}, {}) for one, count in cards.items()]
    )
    _erase_faces(card_ids)
    return cards.total()


@prepared
def _live_card(digest: Parameter, school: Parameter) -> QuerySet[Card]:
    rows = Card.objects.filter(digest=digest, revoked_at=None, person__school=school, person__left_at=None)
    rows = rows.select_related("person__school", "person__year_group")
    return rows.annotate(need_rows=needs_in_one_column("person"))


def find_live_card(school: School, code: str) -> Card | None:
    """Return the card with that code and its owner, or None where no live card of this school has it.

    Raises Refused card_share_sent where more than a code arrived.
    """
    require_no_share(code)
    found = _live_card.first(digest=keyed_digest("card", normalise_code(code)), school=school.pk)
    if found is not None or find_card_number_fault(code) is not None:
        return found
    return _live_card.first(digest=number_digest(code), school=school.pk)


def find_card_owner(school: School, code: str) -> Person | None:
    """Return who carries a card, or None where no live card of this school has that code."""
    card = find_live_card(school, code)
    return card.person if card else None
