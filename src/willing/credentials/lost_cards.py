"""The writers of what its owner, a guardian or its finder says of a card: lost; and of a PIN: forgotten.

Whoever holds a printed card can pay with it, so whoever has its code may cancel it, without a PIN: that is
all a report does, and the safe thing to do with a card that is in other hands. Numbers of cards that were not
printed here can be guessed, so nobody revokes those from outside.
"""

from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.codes import is_code
from willing.core.transactions import atomic, lock
from willing.credentials.cards import find_live_card, revoke_cards
from willing.credentials.models import Card
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.people.models import Person, School
from willing.people.queries import listed_guardians

OWNER, GUARDIAN, FINDER = "owner", "guardian", "finder"


@atomic
def report_cards_lost(person: Person, *, by: User, how: str) -> int:
    """End every card of a person, for nobody can say which of them lies where. Return how many there were.

    how: OWNER or GUARDIAN. The face that only such a card opened is erased with it. Guardians get an e-mail.
    """
    live = list(Card.objects.filter(person=person, revoked_at=None).values_list("id", flat=True))
    if not live:
        return 0
    _note_lost(person, live, how, by)
    return revoke_cards(person, by=by)


@atomic
def report_card_found(school: School, code: str) -> None:
    """Revoke the one printed card of which this is the code; for any other code nothing happens.

    The same whether there is such a card or not: its finder learns nothing about it. Its owner's other cards,
    their PIN and their sign-in stay as they are. Raises Refused card_share_sent.
    """
    card = find_live_card(school, code)
    if card is None or card.is_foreign or not is_code(code):
        return
    _note_lost(card.person, [card.pk], FINDER, None)
    revoke_cards(card.person, only=card.pk)


def _note_lost(person: Person, cards: list[UUID], how: str, by: User | None) -> None:
    Card.objects.filter(pk__in=cards).update(lost_at=now())
    facts = {"cards": len(cards), "how": how, "by": by.pk if by else None}
    record("card.reported_lost", subject=person.id, facts=facts, personal={})
    write_to(listed_guardians(person.id), Topic.CARD, person)


@atomic
def ask_for_new_pin(school: School, code: str) -> None:
    """Note that the holder of a printed card asks for a new PIN. The card alone changes no PIN.

    The office gives it to its owner in person, or a guardian sets one. Asked again, it stays one request; of
    an unknown card nothing is noted, and nothing is said. Raises Refused card_share_sent.
    """
    card = find_live_card(school, code)
    if card is None or card.is_foreign or not is_code(code):
        return
    row = lock(Card.objects).get(pk=card.pk)
    if row.pin_asked_at is None:
        row.pin_asked_at = now()
        row.save(update_fields=["pin_asked_at"])
        record("pin.requested", subject=card.person_id, facts={}, personal={})
