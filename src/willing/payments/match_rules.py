"""Whose a booking is, and whether it may be booked without a question. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from willing.payments.reference_rules import read_references

# Why a booking is not booked by itself; `labels.CAUSES` has the words.
BATCH = "batch"
LARGE = "large_sum"
LEFT = "person_left"
MISSING = "reference_missing"
SEVERAL = "reference_several"
UNKNOWN = "reference_unknown"
NOTHING_LEFT = "nothing_to_take_back"
RETURN = "return_unknown"
SPENT = "spent"


@dataclass(frozen=True)
class FoundReferences:
    """Whose each number is, and who of them has left. A merged record's leads to the one that goes on."""

    persons: Mapping[int, UUID]
    left: Set[UUID]


@dataclass(frozen=True)
class MatchVerdict:
    """Whose a booking is; cause: why it is not booked by itself, "" where it is."""

    person: UUID | None
    cause: str = ""


def decide_owner(text: str, amount_minor: int, known: FoundReferences, *, large_minor: int) -> MatchVerdict:
    """Return whose a credit with this text is.

    A number whose check digits fit, but which nobody here has, is another one's; several persons' numbers in
    one text are never divided by us. A sum above large_minor asks, and so does one for a person who has left.
    """
    numbers = list(read_references(text))
    found = {known.persons[one] for one in numbers if one in known.persons}
    if len(found) > 1:
        return MatchVerdict(None, SEVERAL)
    if not found:
        return MatchVerdict(None, UNKNOWN if numbers else MISSING)
    (person,) = found
    if person in known.left:
        return MatchVerdict(person, LEFT)
    return MatchVerdict(person, LARGE if amount_minor > large_minor else "")


@dataclass(frozen=True)
class PayerCandidate:
    """Someone whom a booking may be for, and why: `reference`, `payer`, `name`, `guardian`."""

    person: UUID
    why: tuple[str, ...]


WEIGHTS = {"reference": 8, "payer": 4, "name": 2, "guardian": 2, "amount": 1}
CANDIDATES_MAX = 5


def order_candidates(reasons: Mapping[UUID, Set[str]]) -> Sequence[PayerCandidate]:
    """Return the likeliest first, at most five. The same sum as last time alone suggests nobody."""
    weighed = [
        (-sum(WEIGHTS[one] for one in why), str(person), PayerCandidate(person, tuple(sorted(why, key=str))))
        for person, why in reasons.items()
        if why - {"amount"}
    ]
    return [candidate for _weight, _person, candidate in sorted(weighed, key=lambda one: one[:2])][
        :CANDIDATES_MAX
    ]
