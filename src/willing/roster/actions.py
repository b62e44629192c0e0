"""Import a roster in two steps: `plan` reads and compares, `apply` writes all of it or nothing."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from willing.audit.actions import record_now
from willing.biometrics.actions import erase_unpermitted_faces
from willing.biometrics.models import Template
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people import actions as people
from willing.people.models import Guardian, Person, School, User
from willing.people.queries import present_persons
from willing.roster import errors
from willing.roster.faults import Fault, Unreadable
from willing.roster.oneroster import read_oneroster
from willing.roster.plain import read_plain
from willing.roster.queries import (
    compare_guardians,
    compare_links,
    compare_persons,
    count_objections,
    live_roster_links,
)
from willing.roster.rules import Change, GuardianChange, LinkChange, are_too_many
from willing.roster.sources import OneFile, Source, open_source
from willing.roster.staging import Staging
from willing.till.actions import end_persons

T = TypeVar("T")
ENDING_BATCH = 5000
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


def plan(school: School, path: Path, options: Options | None = None, *, tick: Tick | None = None) -> Plan:
    """Read the roster at `path` (folder, zip, CSV, XLSX), compare it with the people here, write nothing.

    Whatever is wrong with the file is in the plan's faults. Close the plan.
    """
    options = options or Options()
    planned = Plan(school, options, Staging(), path.name)
    try:
        _read(planned, path)
        if not planned.is_faulty:
            walked = _walk(planned, None, tick)
            planned.digest = walked.hash.hexdigest()
            planned.counts = _counts(school, walked)
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
    today = now().astimezone(ZoneInfo(planned.school.time_zone)).date()
    org = planned.options.org or planned.school.external_id
    read_oneroster(source, planned.staging, org=org, today=today, encoding=planned.options.encoding)


def _walk(planned: Plan, writer: "_Writer | None", tick: Tick | None) -> Walk:
    """Compare persons, guardians and links, in this order, and hand each batch to the writer."""
    school, staging, walked = planned.school, planned.staging, Walk()
    persons = compare_persons(school, staging, absent_leave=planned._absent_leave)  # noqa: SLF001
    for batch in _ticking(persons, "persons", staging.count("person"), tick):
        for change in batch:
            walked.see_person(change)
        if writer:
            writer.write_persons(batch)
    for guardians in _ticking(
        compare_guardians(school, staging), "guardians", staging.count("guardian"), tick
    ):
        for one in guardians:
            walked.see_guardian(one)
        if writer:
            writer.write_guardians(guardians)
    for links in _ticking(compare_links(school, staging), "links", staging.count("link"), tick):
        for link in links:
            walked.see_link(link)
        if writer:
            writer.write_links(links)
    return walked


def _ticking(batches: Iterable[list[T]], step: str, total: int, tick: Tick | None) -> Iterator[list[T]]:
    done = 0
    for batch in batches:
        yield batch
        done += len(batch)
        if tick:
            tick(step, min(done, total), total)


def _counts(school: School, walked: Walk) -> Counts:
    return Counts(
        **walked.tally,
        objections_ending=sum(count_objections(batch) for batch in _batches(walked.ended_links)),
        faces_ending=_faces(walked.leaving),
        faces_in_question=_faces(_ids(school, walked.asked_again)),
    )


def _faces(person_ids: list[UUID]) -> int:
    return sum(Template.objects.filter(person_id__in=batch).count() for batch in _batches(person_ids))


def _ids(school: School, external_ids: set[str]) -> list[UUID]:
    found: list[UUID] = []
    for batch in _batches(sorted(external_ids)):
        rows = Person.objects.filter(school=school, external_id__in=batch)
        found.extend(rows.values_list("id", flat=True))
    return found


def _batches(items: list[T], size: int = ENDING_BATCH) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


@dataclass(frozen=True)
class Applied:
    """What an import did, and where the log says so."""

    counts: Counts
    faces_erased: int
    log_sequence: int


def apply(
    planned: Plan, *, by: User | None = None, allowed: Allowed | None = None, tick: Tick | None = None
) -> Applied:
    """Write what a plan says, in one transaction; the same roster again then changes nobody.

    Leavers lose face and cards at once, keep their money until it is settled, and stay on record.
    Raises Refused roster_faulty, too_many_leavers, too_many_unlinked, and roster_changed where the people
    here are no longer those of the plan.
    """
    if planned.is_faulty:
        raise errors.roster_faulty(planned.staging.faults_count)
    _require_usual(planned, allowed or Allowed())
    return _write(planned, by, tick)


@atomic
def _write(planned: Plan, by: User | None, tick: Tick | None) -> Applied:
    # One import at a time, and no person added by hand in between.
    school = lock(School.objects).get(pk=planned.school.pk)
    walked = _walk(planned, _Writer(school), tick)
    if walked.hash.hexdigest() != planned.digest:
        raise errors.roster_changed()
    if planned.staging.org not in ("", school.external_id):
        people.name_school(school, planned.staging.org)
    return _finish(planned, walked, by)


def _require_usual(planned: Plan, allowed: Allowed) -> None:
    counts = planned.counts
    if are_too_many(counts.leaving, planned.present, allowed.leavers):
        raise errors.too_many_leavers(counts.leaving, planned.present)
    # An objection is never ended by a file that nobody looked at: it may be all that stands against a face.
    objected = counts.objections_ending > 0 and counts.unlinked > allowed.unlinked
    if objected or are_too_many(counts.unlinked, planned.links, allowed.unlinked):
        raise errors.too_many_unlinked(counts.unlinked, planned.links)


def _finish(planned: Plan, walked: Walk, by: User | None) -> Applied:
    """End who leaves and book the import. Faces last: their keys do not come back if anything fails."""
    counts = _counts(planned.school, walked)
    facts = {
        **{name: value for name, value in vars(counts).items() if not name.startswith("faces")},
        "format": planned.staging.format,
        "by": by.pk if by else None,
    }
    entry = record_now(
        "roster.imported", subject=planned.school.id, facts=facts, personal={"file": planned.source}
    )
    erased = sum(end_persons(batch, by=by).faces for batch in _batches(walked.leaving))
    for ids in _batches(_ids(planned.school, walked.asked_again)):
        erased += erase_unpermitted_faces(ids, cause="roster")
    return Applied(counts, erased, entry.sequence)


class _Writer:
    """Writes batches of changes through the room `people`. Who leaves is ended afterwards, all at once."""

    def __init__(self, school: School) -> None:
        self.school = school

    def write_persons(self, batch: list[Change]) -> None:
        added = [_new(one) for one in batch if one.outcome == "added"]
        if added:
            people.add_persons(self.school, added)
        changed = [
            people.PersonChange(one.person_id, _new(one))
            for one in batch
            if one.outcome in ("changed", "returning") and one.person_id
        ]
        if changed:
            people.change_persons(self.school, changed)

    def write_guardians(self, batch: list[GuardianChange]) -> None:
        added = [
            people.NewGuardian(one.name, one.email, one.external_id)
            for one in batch
            if one.outcome == "added"
        ]
        if added:
            people.add_guardians(self.school, added)
        changed = {
            one.guardian_id: people.NewGuardian(one.name, one.email, one.external_id)
            for one in batch
            if one.outcome == "changed" and one.guardian_id
        }
        if changed:
            people.change_guardians(self.school, changed)

    def write_links(self, batch: list[LinkChange]) -> None:
        new = [one for one in batch if one.link_id is None]
        persons = self._ids(Person, {one.person for one in new})
        guardians = self._ids(Guardian, {one.guardian for one in new})
        links = [
            people.NewLink(guardians[one.guardian], persons[one.person], one.relationship) for one in new
        ]
        if links:
            people.link_guardians(links, from_roster=True)
        ended = [one.link_id for one in batch if one.link_id is not None]
        if ended:
            people.end_guardian_links(ended)

    def _ids(self, model: type[Person] | type[Guardian], external_ids: set[str]) -> dict[str, UUID]:
        rows = model.objects.filter(school=self.school, external_id__in=external_ids)
        return dict(rows.values_list("external_id", "id"))


def _new(change: Change) -> people.NewPerson:
    born = date.fromisoformat(change.birth_date) if change.birth_date else None
    return people.NewPerson(
        change.given_name, change.family_name, change.kind, change.year, change.external_id, born
    )
