"""For whom a booking may be that bears no reference: whom the payer paid for, whose name is there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from willing.core.comparison import fold_words
from willing.core.errors import Refused
from willing.payments.match_rules import order_candidates
from willing.payments.models import StatementLine
from willing.payments.queries import references_of
from willing.payments.reference_rules import read_references
from willing.payments.sealing import open_sealed
from willing.people.models import GuardianLink, Person, School
from willing.people.queries import present_persons


@dataclass(frozen=True)
class Suggestion:
    """Someone whom a booking may be for, and why: keys of `labels.REASONS`."""

    person: Person
    why: tuple[str, ...]


@dataclass(frozen=True)
class WaitingLine:
    """A booking that waits, opened. said: payer, account and text; empty where they are no longer kept."""

    line: StatementLine
    said: dict[str, Any]
    suggestions: Sequence[Suggestion]


def suggest(school: School, lines: Sequence[StatementLine]) -> list[WaitingLine]:
    """Return bookings with what the bank wrote, and for whom each may be, the likeliest first."""
    if not lines:
        return []
    names = _Names(school)
    opened = [(line, _opened(line)) for line in lines]
    found = [(line, said, order_candidates(names.reasons(line, said))) for line, said in opened]
    wanted = {one.person for _line, _said, candidates in found for one in candidates}
    persons = Person.objects.select_related("year_group").in_bulk(wanted)
    return [
        WaitingLine(line, said, [Suggestion(persons[one.person], one.why) for one in candidates])
        for line, said, candidates in found
    ]


def _opened(line: StatementLine) -> dict[str, Any]:
    try:
        return open_sealed(line.sealed, line.id)
    except Refused:  # deleted with its time: day and sum are left
        return {"payer": "", "account": "", "text": ""}


class _Names:
    """Who is here and who guards them, by the words of their names."""

    def __init__(self, school: School) -> None:
        self.school, self.references = school, references_of(school)
        self.persons = [
            (person, set(fold_words(f"{given} {family}")))
            for person, given, family in present_persons(school)
            .order_by()
            .values_list("pk", "given_name", "family_name")
        ]
        links = GuardianLink.objects.filter(person__school=school, ended_at=None, person__left_at=None)
        self.guardians = [
            (person, set(fold_words(name)))
            for person, name in links.values_list("person_id", "guardian__name")
        ]

    def reasons(self, line: StatementLine, text: dict[str, Any]) -> dict[UUID, set[str]]:
        """Return why each person may be meant."""
        found: dict[UUID, set[str]] = defaultdict(set)
        for number in read_references(text["text"]):
            if number in self.references.persons:
                found[self.references.persons[number]].add("reference")
        for person, amount in self._paid_before(line):
            found[person] |= {"payer", "amount"} if amount == line.amount_minor else {"payer"}
        words = set(fold_words(f"{text['text']} {text['payer']}"))
        payer = set(fold_words(text["payer"]))
        for person, name in self.persons:
            if len(name) > 1 and name <= words:
                found[person].add("name")
        for person, name in self.guardians:
            if len(name) > 1 and name <= payer:
                found[person].add("guardian")
        return found

    def _paid_before(self, line: StatementLine) -> list[tuple[UUID, int]]:
        if not line.payer_digest:
            return []
        rows = StatementLine.objects.filter(
            school=self.school,
            payer_digest=line.payer_digest,
            state=StatementLine.State.BOOKED,
            person__left_at=None,
        )
        found = rows.values_list("person_id", "amount_minor").distinct()
        return [(person, amount) for person, amount in found if person]
