"""People as a list: whom the office filters, with how many each filter leaves.

A filter is a set of ids, read in one statement, and the filters meet in memory: a page of fifteen hundred
pupils costs as many statements as one of ten.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from willing.allergens.models import PersonAllergen
from willing.biometrics.enrolment_queue import enrolment_queue
from willing.biometrics.queue_rules import QueueList
from willing.consent.models import Purpose
from willing.core.codes import is_code
from willing.core.collation import by_language
from willing.credentials.cards import find_card_owner
from willing.credentials.models import Card, Pin
from willing.credentials.queries import asks_for_pin, needs_card_after_loss
from willing.credentials.shares import require_no_share
from willing.ledger.queries import persons_below_zero
from willing.people.models import GuardianLink, Person, School
from willing.people.queries import by_name, left_persons, persons_found, present_persons


class Trait(StrEnum):
    """What a person is listed for."""

    NO_CARD = "no-card"
    LOST_CARD = "lost-card"
    NO_PIN = "no-pin"
    ASKS_PIN = "asks-pin"
    NO_GUARDIAN = "no-guardian"
    READY = "ready"
    WAITS_FOR_PUPIL = "waits-pupil"
    WAITS_FOR_GUARDIAN = "waits-guardian"
    ARREARS = "arrears"
    ALLERGY = "allergy"


# Who waits for something at the office.
WAITS = {Trait.LOST_CARD: needs_card_after_loss, Trait.ASKS_PIN: asks_for_pin}
# The lists of the enrolment desk, for the canteen.
QUEUED = {
    Trait.READY: QueueList.READY,
    Trait.WAITS_FOR_PUPIL: QueueList.PUPIL,
    Trait.WAITS_FOR_GUARDIAN: QueueList.GUARDIAN,
}
# A list of these is about the money or the health of those in it, so that looking at it is logged.
SENSITIVE = frozenset({Trait.ARREARS, Trait.ALLERGY})


@dataclass(frozen=True)
class WantedPeople:
    """Whom the office asks for: all of it together. class_id: None is every class."""

    text: str = ""
    class_id: int | None = None
    traits: frozenset[Trait] = frozenset()
    left: bool = False


@dataclass(frozen=True)
class PeopleList:
    """Who was found, in the order of the reader's language.

    counts: how many of them each trait would leave, or leaves. classes: how many in each class, whichever of
    them is asked for.
    """

    ids: tuple[UUID, ...]
    counts: dict[Trait, int]
    classes: dict[int, int]


def find_people(school: School, wanted: WantedPeople, *, offered: Collection[Trait]) -> PeopleList:
    """Return whom the office asks for. offered: the traits that its reader may ask for.

    Of those who have left, only text and class are asked. Raises Refused card_share_sent.
    """
    rows = _rows(school, wanted)
    found = list(rows.order_by(*by_name()).values_list("pk", "year_group_id"))
    if wanted.left:
        held: dict[Trait, frozenset[UUID]] = {}
    else:
        everyone = frozenset(pk for pk, _ in found)
        held = {trait: _with_trait(school, trait, everyone) for trait in offered if trait not in QUEUED}
        held.update(_queued(school, everyone, offered))
        for trait in wanted.traits.intersection(offered):
            found = [(pk, year) for pk, year in found if pk in held[trait]]
    classes = Counter(year for _, year in found if year is not None)
    ids = tuple(pk for pk, year in found if wanted.class_id in (None, year))
    counts = {trait: len(persons.intersection(ids)) for trait, persons in held.items()}
    return PeopleList(ids, counts, dict(classes))


def _rows(school: School, wanted: WantedPeople) -> QuerySet[Person]:
    require_no_share(wanted.text)
    among = left_persons(school) if wanted.left else present_persons(school)
    owner = find_card_owner(school, wanted.text) if is_code(wanted.text) else None
    return among.filter(pk=owner.pk) if owner else persons_found(wanted.text, among)


def _queued(
    school: School, everyone: frozenset[UUID], offered: Collection[Trait]
) -> dict[Trait, frozenset[UUID]]:
    """Return those of everyone in each list of the desk, read once."""
    wanted = [trait for trait in QUEUED if trait in offered]
    queue = enrolment_queue(school, Purpose.CANTEEN) if wanted else []
    return {
        trait: everyone.intersection(one.person.pk for one in queue if one.list is QUEUED[trait])
        for trait in wanted
    }


def _with_trait(school: School, trait: Trait, everyone: frozenset[UUID]) -> frozenset[UUID]:
    """Return those of everyone who have a trait."""
    if trait is Trait.ARREARS:
        return everyone.intersection(persons_below_zero(school))
    if trait is Trait.ALLERGY:
        entries = PersonAllergen.objects.filter(person__school=school).order_by()
        return everyone.intersection(entries.values_list("person_id", flat=True))
    if trait is Trait.NO_CARD:
        cards = Card.objects.filter(person__school=school, revoked_at=None)
        return everyone.difference(cards.values_list("person_id", flat=True))
    if trait in WAITS:
        return everyone.intersection(WAITS[trait](school))
    if trait is Trait.NO_PIN:
        return everyone.difference(
            Pin.objects.filter(person__school=school).values_list("person_id", flat=True)
        )
    pupils = present_persons(school).filter(kind=Person.Kind.PUPIL).values_list("pk", flat=True)
    links = GuardianLink.objects.filter(person__school=school, ended_at=None)
    return everyone.intersection(pupils).difference(links.values_list("person_id", flat=True))


def persons_in_order(school: School, ids: Collection[UUID]) -> list[Person]:
    """Return these persons of a school, class by class, then by name: as envelopes and sheets go."""
    in_order = [*by_language("year_group__name"), *by_name()]
    rows = present_persons(school).select_related("school").order_by("year_group__position", *in_order)
    wanted = frozenset(ids)
    return [one for one in rows if one.pk in wanted]


def without_pin(persons: Sequence[Person]) -> list[Person]:
    """Return those of persons who have no PIN, in their order."""
    has_pin = set(Pin.objects.filter(person__in=persons).values_list("person_id", flat=True))
    return [one for one in persons if one.pk not in has_pin]
