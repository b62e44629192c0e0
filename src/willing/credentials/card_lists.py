"""Cards that a school has already, from a list of whose they are. Good lines count, each other says why.

The same few statements for any number of lines: fifteen hundred cards are assigned within one request.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record_many
from willing.core.numbers import read_number
from willing.core.transactions import atomic
from willing.credentials.cards import number_digest
from willing.credentials.models import Card
from willing.credentials.rules import find_card_number_fault, fold_card_number, other_forms
from willing.credentials.shares import has_share
from willing.people.models import Person, School
from willing.people.queries import present_persons
from willing.people.rules import TILL_NUMBER_DIGITS_MAX

LINES_MAX = 3000


class Whose(StrEnum):
    """By what a list names persons."""

    REGISTER = "register"
    TILL_NUMBER = "till-number"


class LineFault(StrEnum):
    """Why a line assigns no card, besides rules.CardNumberFault."""

    NO_TWO_PARTS = "no_two_parts"
    PERSON_UNKNOWN = "person_unknown"
    DOUBLED = "doubled"
    TAKEN = "card_number_taken"
    OTHER_FORM = "card_number_in_other_form"
    SHARE = "card_share_sent"
    TOO_MANY = "too_many_lines"


@dataclass(frozen=True)
class CardListLine:
    """A line of a list: whose the card is, and its number."""

    number: int
    whose: str
    card: str


@dataclass(frozen=True)
class Assigned:
    """What became of a list. faults: by line."""

    new: int
    unchanged: int
    faults: Mapping[int, str]


def read_lines(text: str) -> list[CardListLine]:
    """Return the lines of a list that is typed or copied from a spreadsheet; empty ones are left out."""
    rows = ((place, line.strip()) for place, line in enumerate(text.splitlines(), 1))
    return [_read_line(place, line) for place, line in rows if line]


def _read_line(place: int, line: str) -> CardListLine:
    whose, _, card = (part.strip().strip('"') for part in re.sub(r"[\t;,]", "\t", line).partition("\t"))
    return CardListLine(place, whose, card)


@atomic
def assign_card_numbers(school: School, text: str, whose: Whose, *, by: User) -> Assigned:
    """Let the cards of a list pay for those whom it names. A number that is in it twice is nobody's."""
    lines = read_lines(text)
    if len(lines) > LINES_MAX:
        return Assigned(0, 0, {lines[LINES_MAX].number: LineFault.TOO_MANY.value})
    persons = _persons(school, whose)
    counts = Counter(fold_card_number(one.card) for one in lines)
    held = _held(one.card for one in lines)
    faults: dict[int, str] = {}
    new: dict[str, Person] = {}
    unchanged = 0
    for line in lines:
        person, digest = persons.get(_key(line.whose, whose)), number_digest(line.card)
        fault = _fault(line, person, counts)
        owner = held.get(digest)
        if fault is None and person is not None and owner is not None and owner == (person.pk, None):
            unchanged += 1
        elif fault is None and owner is not None:
            faults[line.number] = LineFault.TAKEN.value
        elif fault is None and _is_there_in_other_form(line.card, held, new):
            faults[line.number] = LineFault.OTHER_FORM.value
        elif fault is not None:
            faults[line.number] = fault
        elif person is not None:
            new[digest] = person
    _store(new, by)
    return Assigned(len(new), unchanged, faults)


def _key(typed: str, whose: Whose) -> str:
    if whose is Whose.REGISTER:
        return typed
    number = read_number(typed, digits_max=TILL_NUMBER_DIGITS_MAX)
    return "" if number is None else str(number)


def _persons(school: School, whose: Whose) -> dict[str, Person]:
    rows = present_persons(school)
    if whose is Whose.REGISTER:
        return {one.external_id: one for one in rows if one.external_id}
    return {str(one.till_number): one for one in rows}


def _fault(line: CardListLine, person: Person | None, counts: Counter[str]) -> str | None:
    if not line.whose or not line.card:
        return LineFault.NO_TWO_PARTS.value
    if has_share(line.card):
        return LineFault.SHARE.value
    found = find_card_number_fault(line.card)
    if found is not None:
        return found.value
    if person is None:
        return LineFault.PERSON_UNKNOWN.value
    return LineFault.DOUBLED.value if counts[fold_card_number(line.card)] > 1 else None


def _held(cards: Iterable[str]) -> dict[str, tuple[object, object]]:
    """Return the cards of these numbers, in any reader's form: whose they are, and since when revoked."""
    numbers = [one for one in cards if find_card_number_fault(one) is None]
    digests = {number_digest(form) for one in numbers for form in (one, *other_forms(one))}
    rows = Card.objects.filter(is_foreign=True).values_list("digest", "person_id", "revoked_at")
    return {digest: (person, revoked) for digest, person, revoked in rows if digest in digests}


def _is_there_in_other_form(
    card: str, held: Mapping[str, tuple[object, object]], new: Mapping[str, Person]
) -> bool:
    forms = [number_digest(one) for one in other_forms(card)]
    return any(one in held or one in new for one in forms)


def _store(new: Mapping[str, Person], by: User) -> None:
    cards = [Card(person=person, digest=digest, is_foreign=True) for digest, person in new.items()]
    Card.objects.bulk_create(cards)
    facts = {"by": by.pk}
    record_many(
        [NewEntry("card.number_assigned", one.person_id, {**facts, "card": str(one.id)}, {}) for one in cards]
    )
