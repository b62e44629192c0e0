"""One walk through a staged roster beside the people here: what changes, and how many."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from uuid import UUID

from willing.biometrics.models import Template
from willing.people.models import Person, School
from willing.roster.queries import (
    BATCH,
    Terms,
    compare_guardians,
    compare_links,
    compare_persons,
    count_objections,
)
from willing.roster.rules import Change, GuardianChange, LinkChange
from willing.roster.staging import Staging

T = TypeVar("T")
LEAVERS_BATCH = 5000
# Step ("persons", "guardians", "links"), rows done, rows in all. All steps are named before the first begins.
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ImportCounts:
    """How many persons, guardians and guardians' links become what.

    linked, unlinked: guardians of persons. leaving_held, unlinked_held: would leave and be unlinked, if no
    row were refused. objections_ending: those among the unlinked who last said no to some purpose.
    faces_ending, faces_in_question: templates of who leaves, and of whose permission is computed anew.
    """

    added: int = 0
    changed: int = 0
    returning: int = 0
    leaving: int = 0
    unchanged: int = 0
    skipped: int = 0
    guardians_added: int = 0
    guardians_changed: int = 0
    linked: int = 0
    unlinked: int = 0
    leaving_held: int = 0
    unlinked_held: int = 0
    objections_ending: int = 0
    faces_ending: int = 0
    faces_in_question: int = 0


@dataclass
class Walk:
    """What one walk through a staged roster found. digest: the same changes have the same one."""

    tally: Counter[str] = field(default_factory=Counter)
    hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    leaving: list[UUID] = field(default_factory=list)
    returning: list[UUID] = field(default_factory=list)
    asked_again: set[str] = field(default_factory=set)
    ended_links: list[int] = field(default_factory=list)

    def see_person(self, change: Change) -> None:
        """Count a person's change."""
        self.tally["leaving_held" if change.outcome == "held" else change.outcome] += 1
        if change.outcome in ("unchanged", "skipped"):
            return
        self._note(change.outcome, change.external_id, *change.fields)
        if change.outcome == "leaving" and change.person_id:
            self.leaving.append(change.person_id)
        if change.outcome == "returning" and change.person_id:
            self.returning.append(change.person_id)
        if "kind" in change.fields:
            self.asked_again.add(change.external_id)

    def see_guardian(self, change: GuardianChange) -> None:
        """Count a guardian's change."""
        if change.outcome in ("added", "changed"):
            self.tally[f"guardians_{change.outcome}"] += 1
            values = (change.name, change.email, change.phone, change.language)
            self._note(change.outcome, change.external_id, *values)

    def see_link(self, change: LinkChange) -> None:
        """Count a guardian who is linked or unlinked."""
        outcome = "linked" if change.link_id is None else "unlinked_held" if change.is_held else "unlinked"
        self.tally[outcome] += 1
        self._note(outcome, change.person, change.guardian)
        if change.is_held:
            return
        self.asked_again.add(change.person)
        if change.link_id is not None:
            self.ended_links.append(change.link_id)

    def _note(self, *words: str) -> None:
        self.hash.update("\0".join((*words, "\n")).encode("utf-8", "surrogatepass"))


class Writer(Protocol):
    """Writes what a walk finds, a batch at a time."""

    def write_persons(self, batch: list[Change]) -> None:
        """Write persons who join, change or return."""

    def write_guardians(self, batch: list[GuardianChange]) -> None:
        """Write guardians who are new or have changed."""

    def write_links(self, batch: list[LinkChange]) -> None:
        """Write who is a guardian of whom from now on, and who no longer is."""


def walk(
    school: School,
    staging: Staging,
    terms: Terms,
    *,
    writer: Writer | None = None,
    tick: Tick | None = None,
) -> Walk:
    """Compare persons, guardians and links, in this order, and hand each batch to the writer."""
    walked = Walk()
    rows = _rows_of(staging, tick)
    for batch in _ticking(compare_persons(school, staging, terms), "persons", rows, tick):
        for change in batch:
            walked.see_person(change)
        if writer:
            writer.write_persons(batch)
    for guardians in _ticking(compare_guardians(school, staging), "guardians", rows, tick):
        for one in guardians:
            walked.see_guardian(one)
        if writer:
            writer.write_guardians(guardians)
    for links in _ticking(compare_links(school, staging, terms), "links", rows, tick):
        for link in links:
            walked.see_link(link)
        if writer:
            writer.write_links(links)
    return walked


def _rows_of(staging: Staging, tick: Tick | None) -> dict[str, int]:
    """Return how many rows of the file each step goes through, and report that none is done."""
    rows = {"persons": staging.count("person"), "guardians": staging.count("guardian")}
    # A file of changes is gone through from the guardians' side as well.
    rows["links"] = staging.count_linked() + (0 if staging.is_whole else rows["guardians"])
    if tick:
        for step, total in rows.items():
            tick(step, 0, total)
    return rows


def _ticking(
    batches: Iterable[list[T]], step: str, rows: dict[str, int], tick: Tick | None
) -> Iterator[list[T]]:
    """Pass batches on, and report after each how many rows of the file are done: each is of BATCH rows."""
    total = rows[step]
    for number, batch in enumerate(batches, 1):
        yield batch
        if tick:
            tick(step, min(number * BATCH, total), total)


def count_changes(school: School, walked: Walk) -> ImportCounts:
    """Return how many persons, guardians and links become what."""
    return ImportCounts(
        **walked.tally,
        objections_ending=sum(count_objections(batch) for batch in batches(walked.ended_links)),
        faces_ending=_faces(walked.leaving),
        faces_in_question=_faces(ids_of(school, walked.asked_again)),
    )


def _faces(person_ids: list[UUID]) -> int:
    return sum(Template.objects.filter(person_id__in=batch).count() for batch in batches(person_ids))


def ids_of(school: School, external_ids: set[str]) -> list[UUID]:
    """Return the ids of the persons who were added or found."""
    found: list[UUID] = []
    for batch in batches(sorted(external_ids)):
        rows = Person.objects.filter(school=school, external_id__in=batch)
        found.extend(rows.values_list("id", flat=True))
    return found


def batches(items: list[T], size: int = LEAVERS_BATCH) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
