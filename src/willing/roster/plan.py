"""Read a roster and compare it with the people here; nothing is written."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeVar
from uuid import UUID

from willing.biometrics.models import Template
from willing.people.models import Person, School
from willing.people.queries import present_persons, today
from willing.roster.flat_file import read_plain
from willing.roster.oneroster import read_oneroster
from willing.roster.queries import (
    compare_guardians,
    compare_links,
    compare_persons,
    count_objections,
    live_roster_links,
)
from willing.roster.row_errors import Fault, Unreadable
from willing.roster.rules import Change, GuardianChange, LinkChange, are_too_many
from willing.roster.sources import OneFile, Source, open_source
from willing.roster.staging import Staging

T = TypeVar("T")


LEAVERS_BATCH = 5000
Tick = Callable[[str, int, int], None]  # step ("persons", "guardians", "links"), rows done, rows in all


@dataclass(frozen=True)
class Options:
    """How to read a roster.

    org: the sourcedId of this school where a bundle has several; "" for the one imported before, or the only
    one. columns: field -> column of a plain list. encoding: "" to find out. absent_stay: who is not in the
    file stays.
    """

    org: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    absent_stay: bool = False


@dataclass(frozen=True)
class Allowed:
    """How many people, and how many guardians' says, an import may end beyond the usual 20 %."""

    leavers: int = 0
    unlinked: int = 0


@dataclass(frozen=True)
class Counts:
    """How many persons, guardians and guardians' says become what.

    linked, unlinked: says that begin and end. objections_ending: those among the ended whose last word about
    some purpose is no. faces_ending, faces_in_question: templates of who leaves, and of whose permission is
    computed anew.
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
    objections_ending: int = 0
    faces_ending: int = 0
    faces_in_question: int = 0


@dataclass
class Walk:
    """What one walk through a staged roster found. digest: the same changes have the same one."""

    tally: Counter[str] = field(default_factory=Counter)
    hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    leaving: list[UUID] = field(default_factory=list)
    asked_again: set[str] = field(default_factory=set)
    ended_links: list[int] = field(default_factory=list)

    def see_person(self, change: Change) -> None:
        """Count a person's change."""
        self.tally[change.outcome] += 1
        if change.outcome in ("unchanged", "skipped"):
            return
        self._note(change.outcome, change.external_id, *change.fields)
        if change.outcome == "leaving" and change.person_id:
            self.leaving.append(change.person_id)
        if "kind" in change.fields:
            self.asked_again.add(change.external_id)

    def see_guardian(self, change: GuardianChange) -> None:
        """Count a guardian's change."""
        if change.outcome in ("added", "changed"):
            self.tally[f"guardians_{change.outcome}"] += 1
            self._note(change.outcome, change.external_id, change.name, change.email)

    def see_link(self, change: LinkChange) -> None:
        """Count a guardian's say that begins or ends."""
        outcome = "linked" if change.link_id is None else "unlinked"
        self.tally[outcome] += 1
        self._note(outcome, change.person, change.guardian)
        self.asked_again.add(change.person)
        if change.link_id is not None:
            self.ended_links.append(change.link_id)

    def _note(self, *words: str) -> None:
        self.hash.update("\0".join((*words, "\n")).encode("utf-8", "surrogatepass"))


class Plan:
    """What importing a roster would do. Holds the rows until `close`; use it in a `with`."""

    def __init__(self, school: School, options: Options, staging: Staging, source: str) -> None:
        self.school, self.options, self.staging, self.source = school, options, staging, source
        self.counts, self.digest, self.present, self.links = Counts(), "", 0, 0

    def __enter__(self) -> "Plan":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget the rows."""
        self.staging.close()

    @property
    def is_faulty(self) -> bool:
        """True where a row is wrong, so that nothing can be imported."""
        return self.staging.faults_count > 0

    @property
    def faults(self) -> list[Fault]:
        """What is wrong, in the order of files and lines."""
        return self.staging.faults()

    @property
    def notes(self) -> Mapping[str, int]:
        """What was left out, and how often."""
        return self.staging.reasons(blocking=False)

    def changes(self, limit: int = 1000) -> list[Change]:
        """Return the first `limit` persons of each outcome that changes something, who leaves first."""
        found: dict[str, list[Change]] = {"leaving": [], "returning": [], "changed": [], "added": []}
        batches = compare_persons(self.school, self.staging, absent_leave=self._absent_leave)
        for change in () if self.is_faulty else (one for batch in batches for one in batch):
            listed = found.get(change.outcome)
            if listed is not None and len(listed) < limit:
                listed.append(change)
        return [change for listed in found.values() for change in listed]

    def unlinked(self, limit: int = 1000) -> list[LinkChange]:
        """Return the first guardians' says that end."""
        batches = () if self.is_faulty else compare_links(self.school, self.staging)
        found = (one for batch in batches for one in batch if one.link_id is not None)
        return list(islice(found, limit))

    @property
    def needs_leavers(self) -> bool:
        """True where the import must be told how many leavers are meant."""
        return are_too_many(self.counts.leaving, self.present, 0)

    @property
    def needs_unlinked(self) -> bool:
        """True where the import must be told how many guardians' says are meant to end."""
        return are_too_many(self.counts.unlinked, self.links, 0) or self.counts.objections_ending > 0

    @property
    def _absent_leave(self) -> bool:
        return self.staging.is_whole and not self.options.absent_stay


def make_plan(
    school: School, path: Path, options: Options | None = None, *, tick: Tick | None = None
) -> Plan:
    """Read the roster at `path` (folder, zip, CSV, XLSX), compare it with the people here, write nothing.

    Whatever is wrong with the file is in the plan's faults. Close the plan.
    """
    options = options or Options()
    planned = Plan(school, options, Staging(), path.name)
    try:
        _read(planned, path)
        if not planned.is_faulty:
            walked = walk(planned, None, tick)
            planned.digest = walked.hash.hexdigest()
            planned.counts = count_changes(school, walked)
            planned.present, planned.links = present_persons(school).count(), live_roster_links(school)
    except BaseException:
        planned.close()
        raise
    return planned


def _read(planned: Plan, path: Path) -> None:
    options, staging = planned.options, planned.staging
    try:
        source = open_source(path)
    except Unreadable as broken:
        staging.report(broken.fault)
        return
    if isinstance(source, OneFile):
        read_plain(source, staging, columns=options.columns, encoding=options.encoding)
    else:
        _read_bundle(planned, source)


def _read_bundle(planned: Plan, source: Source) -> None:
    org = planned.options.org or planned.school.external_id
    read_oneroster(
        source, planned.staging, org=org, today=today(planned.school), encoding=planned.options.encoding
    )


class Writer(Protocol):
    """Whoever writes what a walk finds, a batch at a time."""

    def write_persons(self, batch: list[Change]) -> None:
        """Write persons who join, change or return."""

    def write_guardians(self, batch: list[GuardianChange]) -> None:
        """Write guardians who are new or have changed."""

    def write_links(self, batch: list[LinkChange]) -> None:
        """Write who is a guardian of whom from now on, and who no longer is."""


def walk(planned: Plan, writer: Writer | None, tick: Tick | None) -> Walk:
    """Compare persons, guardians and links, in this order, and hand each batch to the writer."""
    school, staging, walked = planned.school, planned.staging, Walk()
    persons = compare_persons(school, staging, absent_leave=planned._absent_leave)  # noqa: SLF001
    for batch in ticking(persons, "persons", staging.count("person"), tick):
        for change in batch:
            walked.see_person(change)
        if writer:
            writer.write_persons(batch)
    for guardians in ticking(
        compare_guardians(school, staging), "guardians", staging.count("guardian"), tick
    ):
        for one in guardians:
            walked.see_guardian(one)
        if writer:
            writer.write_guardians(guardians)
    for links in ticking(compare_links(school, staging), "links", staging.count("link"), tick):
        for link in links:
            walked.see_link(link)
        if writer:
            writer.write_links(links)
    return walked


def ticking(batches: Iterable[list[T]], step: str, total: int, tick: Tick | None) -> Iterator[list[T]]:
    """Pass batches on, and report after each how many rows are done."""
    done = 0
    for batch in batches:
        yield batch
        done += len(batch)
        if tick:
            tick(step, min(done, total), total)


def count_changes(school: School, walked: Walk) -> Counts:
    """Return how many persons, guardians and links become what."""
    return Counts(
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
