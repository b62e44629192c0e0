"""Reads about cards and PINs, and which ways work at a terminal."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from willing.accounts.models import Role, User
from willing.biometrics.engine import is_available
from willing.core.clock import now
from willing.core.codes import is_code
from willing.core.collation import by_language
from willing.credentials.cards import find_card_owner
from willing.credentials.models import Card, Pin, PinAttempts, StaffPin
from willing.credentials.shares import require_no_share
from willing.keys.master import keyed_digest
from willing.people.models import Person, School
from willing.people.queries import search_persons
from willing.terminals.models import Terminal, Way
from willing.terminals.rules import TILL_ROLES


def ways_here(terminal: Terminal) -> list[str]:
    """Return the ways that work at a till now; the face only where the engine is installed and allowed."""
    return [way for way in terminal.ways if way != Way.FACE or is_available(terminal.school)]


@dataclass(frozen=True)
class CredentialsOfPerson:
    """What a person can pay with beside a face: how many live cards, and whether there is a PIN."""

    cards: int
    has_pin: bool
    is_pin_locked: bool


def credentials_of_person(person: Person) -> CredentialsOfPerson:
    """Return a person's cards and PIN, as far as a page may tell."""
    has_pin = Pin.objects.filter(person=person).exists()
    locked_until = pin_attempts_of(person).locked_until
    return CredentialsOfPerson(
        cards=Card.objects.filter(person=person, revoked_at=None).count(),
        has_pin=has_pin,
        is_pin_locked=has_pin and locked_until is not None and locked_until > now(),
    )


def count_without_credential(school: School) -> int:
    """Return how many pupils who are here have neither a card that works nor a PIN."""
    cards = Card.objects.filter(person=OuterRef("pk"), revoked_at=None)
    here = Person.objects.filter(school=school, left_at=None, kind=Person.Kind.PUPIL)
    return here.exclude(Exists(cards)).exclude(Exists(Pin.objects.filter(person=OuterRef("pk")))).count()


def needs_card_after_loss(school: School) -> QuerySet[Card, UUID]:
    """Return the ids of who is here, has reported a card lost, and has no card that works since."""
    live = Card.objects.filter(person=OuterRef("person"), revoked_at=None)
    lost = Card.objects.filter(person__school=school, person__left_at=None).exclude(lost_at=None)
    return lost.exclude(Exists(live)).values_list("person_id", flat=True).distinct()


def asks_for_pin(school: School) -> QuerySet[Card, UUID]:
    """Return the ids of who is here and has asked for a new PIN."""
    asked = Card.objects.filter(person__school=school, person__left_at=None).exclude(pin_asked_at=None)
    return asked.values_list("person_id", flat=True).distinct()


@dataclass(frozen=True)
class CardWishes:
    """How many people need a card after a loss, and how many have asked for a new PIN."""

    lost: int
    pins: int


def count_card_wishes(school: School) -> CardWishes:
    """Count whom `needs_card_after_loss` and `asks_for_pin` return, in one statement."""
    lost, asked = needs_card_after_loss(school), asks_for_pin(school)
    found = Person.objects.aggregate(
        lost=Count("pk", filter=Q(pk__in=lost)), pins=Count("pk", filter=Q(pk__in=asked))
    )
    return CardWishes(**found)


def persons_with_printed_card(persons: Iterable[Person]) -> set[UUID]:
    """Return the ids of those of these persons who have a card that works and was printed here."""
    rows = Card.objects.filter(person__in=[one.pk for one in persons], revoked_at=None, is_foreign=False)
    return set(rows.values_list("person_id", flat=True))


@dataclass(frozen=True)
class EntryLengths:
    """How many digits every till number of a school has, and every PIN; 0 where they differ."""

    number: int
    pin: int


def entry_lengths(school: School) -> EntryLengths:
    """Return after how many digits an entry is whole. Nothing of it is about any one person."""
    found = Pin.objects.filter(person__school=school, person__left_at=None).aggregate(
        low=Min("person__till_number"),
        high=Max("person__till_number"),
        short=Min("digits"),
        long=Max("digits"),
    )
    if found["low"] is None:
        return EntryLengths(0, 0)
    shortest, longest = len(str(found["low"])), len(str(found["high"]))
    return EntryLengths(
        number=longest if shortest == longest else 0,
        pin=found["long"] if found["short"] == found["long"] else 0,
    )


def search_people(school: School, text: str, *, limit: int) -> list[Person]:
    """Return whom the office or a cashier searches: whose card's code it is, or else `search_persons`.

    Raises Refused card_share_sent.
    """
    require_no_share(text)
    owner = find_card_owner(school, text) if is_code(text) else None
    return [owner] if owner else search_persons(school, text, limit=limit)


def pin_attempts_of(person: Person) -> PinAttempts:
    """Return the tries of a person's number that count now; none is a row like any other."""
    found = PinAttempts.objects.filter(key=key_of_number(person.school, person.till_number)).first()
    return found or PinAttempts()


def key_of_number(school: School, number: int) -> str:
    """Return the key under which tries with a till number are counted."""
    return keyed_digest("pin-tries", f"{school.id}:number:{number}")


def cashiers(school: School) -> QuerySet[User]:
    """Return who may sign on at a till: active, with a role for it and a PIN. In the reader's order."""
    held = Role.objects.filter(user=OuterRef("pk"), school=school, kind__in=TILL_ROLES)
    rows = User.objects.filter(Exists(held), is_active=True, staff_pin__isnull=False)
    return rows.order_by(*by_language("display_name"), "pk")


def staff_pin_of(user: User) -> StaffPin | None:
    """Return a user's PIN for the till, as far as a page may tell: that there is one, and who chose it."""
    return StaffPin.objects.filter(user=user).defer("hashed").first()


def cashier_pin_digits(school: School) -> int:
    """Return how many digits every cashier's PIN has; 0 where they differ."""
    found = StaffPin.objects.filter(user__in=cashiers(school).order_by()).aggregate(
        short=Min("digits"), long=Max("digits")
    )
    return found["long"] if found["long"] and found["short"] == found["long"] else 0
