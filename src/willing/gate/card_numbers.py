"""The writers of the numbers by which readers at doors know cards, and whose card a number is.

A number goes with its card: it opens as long as the card works. It is no secret and no proof; it pays for
nothing and identifies nobody at a till.
"""

import base64
from collections.abc import Iterable, Iterator
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.transactions import atomic, lock
from willing.credentials.models import Card
from willing.gate.device_errors import door_number_not_valid, door_number_taken, door_number_too_large
from willing.gate.device_rules import Driver, listed_until
from willing.gate.door_models import DoorCardNumber, DoorDevice
from willing.gate.doors.protocol import ListedCard
from willing.gate.doors.uhppote import NUMBER_MAX as CONTROLLER_NUMBER_MAX
from willing.gate.doors.wiegand import parse_number
from willing.keys.master import keyed_digest, unwrap, wrap
from willing.people.models import Person, School
from willing.people.queries import today


@atomic
def set_door_number(card: Card, text: str, *, by: User) -> None:
    """Let readers at doors know a card by the number that is printed on it; "" takes it away.

    A number of a card that was revoked may be given again. Raises Refused door_number_not_valid,
    door_number_too_large, door_number_taken.
    """
    lock(Card.objects).get(pk=card.pk)
    if not text.strip():
        removed, _rows = DoorCardNumber.objects.filter(card=card).delete()
        if removed:
            record("card.door_number_removed", subject=card.person_id, facts=_facts(card, by), personal={})
        return
    number = parse_number(text)
    if number is None:
        raise door_number_not_valid()
    if number > CONTROLLER_NUMBER_MAX and DoorDevice.objects.filter(kind=Driver.UHPPOTE).exists():
        raise door_number_too_large(CONTROLLER_NUMBER_MAX)
    digest = _digest(number)
    held = DoorCardNumber.objects.select_related("card").filter(digest=digest).first()
    if held is not None and held.card_id == card.pk:
        return
    if held is not None:
        if held.card.revoked_at is None:
            raise door_number_taken()
        held.delete()
    DoorCardNumber.objects.filter(card=card).delete()
    sealed = base64.b64encode(wrap(str(number).encode(), _bound_to(card.pk))).decode()
    DoorCardNumber.objects.create(card=card, digest=digest, sealed=sealed)
    record("card.door_number_set", subject=card.person_id, facts=_facts(card, by), personal={})


@atomic
def purge_door_numbers() -> int:
    """Delete the numbers of cards that are revoked, and of people who left. Return how many."""
    gone = DoorCardNumber.objects.filter(card__revoked_at__isnull=False)
    return gone.delete()[0] + DoorCardNumber.objects.filter(card__person__left_at__isnull=False).delete()[0]


def find_card_by_number(school: School, number: int) -> Card | None:
    """Return the card that readers know by a number, also one that was revoked meanwhile."""
    return cards_by_number(school, [number]).get(number)


def cards_by_number(school: School, numbers: Iterable[int]) -> dict[int, Card]:
    """Return the cards that readers know by these numbers, some hundred at most; in one statement."""
    digests = {_digest(one): one for one in numbers}
    rows = Card.objects.select_related("person__school", "door_number")
    found = rows.filter(door_number__digest__in=digests, person__school=school)
    return {digests[one.door_number.digest]: one for one in found}


def listed_cards(school: School) -> Iterator[ListedCard]:
    """Yield the cards that a controller lets in while we are off: those that work, of people who are here."""
    until = listed_until(today(school))
    rows = DoorCardNumber.objects.filter(
        card__revoked_at=None, card__person__school=school, card__person__left_at=None
    )
    for row in rows:
        number = unwrap(base64.b64decode(row.sealed), _bound_to(row.card_id)).decode()
        yield ListedCard(int(number), until)


def number_of(card: Card) -> bool:
    """Say whether readers at doors know a card; the number itself is shown nowhere."""
    return DoorCardNumber.objects.filter(card=card).exists()


def cards_at_doors(person: Person) -> list[tuple[Card, bool]]:
    """Return a person's cards that work, the newest first, and whether readers at doors know each."""
    rows = Card.objects.filter(person=person, revoked_at=None).order_by("-issued_at", "id")
    known = set(DoorCardNumber.objects.filter(card__in=rows).values_list("card_id", flat=True))
    return [(card, card.pk in known) for card in rows]


def _digest(number: int) -> str:
    return keyed_digest("door-number", str(number))


def _bound_to(card_id: UUID) -> str:
    return f"door-number-{card_id}"


def _facts(card: Card, by: User) -> dict[str, object]:
    return {"card": str(card.pk), "by": by.pk}
