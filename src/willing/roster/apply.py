"""The writer of rosters: all of a plan, or nothing."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record_now
from willing.biometrics.erasure import erase_unpermitted_faces
from willing.biometrics.suspension import resume_faces_of_returned
from willing.core.transactions import atomic, lock
from willing.credentials.leavers import suspend_leavers
from willing.people.guardians import (
    NewGuardian,
    NewLink,
    add_guardians,
    change_guardians,
    link_guardians,
    unlink_guardians,
)
from willing.people.models import Guardian, Person, School
from willing.people.persons import NewPerson, PersonChange, add_persons, change_persons
from willing.people.school import link_school_to_roster
from willing.roster import errors
from willing.roster.import_record import ImportRecord
from willing.roster.list_formats import NewFormat, remember_format
from willing.roster.plan import Allowed, Plan
from willing.roster.rules import Change, GuardianChange, LinkChange, are_too_many
from willing.roster.walk import ImportCounts, Tick, Walk, batches, count_changes, ids_of, walk


@dataclass(frozen=True)
class Applied:
    """What an import did, and where the log says so."""

    counts: ImportCounts
    faces_suspended: int
    faces_erased: int
    log_sequence: int


def apply_plan(
    planned: Plan,
    *,
    by: User | None = None,
    allowed: Allowed | None = None,
    tick: Tick | None = None,
    digest: str | None = None,
) -> Applied:
    """Write what a plan says, in one transaction; the same roster again then changes nobody.

    What leavers have is suspended at once and deleted a day later; their money stays until it is settled, and
    they stay on record.
    digest: of the plan that was read, where it is not this one: what they read must still be so.
    Raises Refused roster_faulty, too_many_leavers, too_many_unlinked, and roster_changed where the people
    here are no longer those of the plan.
    """
    if planned.is_faulty:
        raise errors.roster_faulty(planned.staging.stops_count)
    if digest not in (None, planned.digest):
        raise errors.roster_changed()
    _require_usual(planned, allowed or Allowed())
    return _write(planned, by, tick)


@atomic
def _write(planned: Plan, by: User | None, tick: Tick | None) -> Applied:
    # One import at a time, and no person added by hand in between.
    school = lock(School.objects).get(pk=planned.school.pk)
    made = ImportRecord(school, by)
    walked = walk(school, planned.staging, planned.terms, writer=_Writer(school, made), tick=tick)
    if walked.hash.hexdigest() != planned.digest:
        raise errors.roster_changed()
    if planned.staging.org not in ("", school.external_id):
        link_school_to_roster(school, planned.staging.org)
    if planned.staging.format in ("CSV", "XLSX"):
        how = planned.options
        remember_format(
            school,
            NewFormat(
                how.columns, how.encoding, how.date_form, how.header_line, planned.staging.guardians_max
            ),
        )
    return _finish(planned, walked, by, made)


def _require_usual(planned: Plan, allowed: Allowed) -> None:
    counts = planned.counts
    if are_too_many(counts.leaving, planned.present, allowed.leavers):
        raise errors.too_many_leavers(counts.leaving, planned.present)
    # An objection is never removed by a file that nobody read: it may be all that prevents the use of a face.
    objected = counts.objections_ending > 0 and counts.unlinked > allowed.unlinked
    if objected or are_too_many(counts.unlinked, planned.links, allowed.unlinked):
        raise errors.too_many_unlinked(counts.unlinked, planned.links)


def _finish(planned: Plan, walked: Walk, by: User | None, made: ImportRecord) -> Applied:
    """Record the leavers and log the import. Faces last: their keys do not come back if anything fails."""
    counts = count_changes(planned.school, walked)
    facts = {
        **{name: value for name, value in vars(counts).items() if not name.startswith("faces")},
        "format": planned.staging.format,
        "by": by.pk if by else None,
    }
    entry = record_now(
        "roster.imported", subject=planned.school.id, facts=facts, personal={"file": planned.source}
    )
    suspended = 0
    for ids in batches(walked.leaving):
        suspended += suspend_leavers(ids, by=by).faces
        made.leave(ids)
    made.finish(entry.sequence)
    for ids in batches(walked.returning):
        resume_faces_of_returned(ids, by=by)
    erased = 0
    for ids in batches(ids_of(planned.school, walked.asked_again)):
        erased += erase_unpermitted_faces(ids, cause="roster")
    return Applied(counts, suspended, erased, entry.sequence)


class _Writer:
    """Writes batches of changes through the room `people`. Leavers follow afterwards, all at once."""

    def __init__(self, school: School, made: ImportRecord) -> None:
        self.school, self.made = school, made

    def write_persons(self, batch: list[Change]) -> None:
        added = [one for one in batch if one.outcome == "added"]
        if added:
            self.made.add_persons(add_persons(self.school, [_new(one) for one in added]), added)
        changed = [one for one in batch if one.outcome in ("changed", "returning")]
        if changed:
            self.made.change_persons(changed)
            wanted = [PersonChange(one.person_id, _new(one)) for one in changed if one.person_id]
            change_persons(self.school, wanted)

    def write_guardians(self, batch: list[GuardianChange]) -> None:
        added = [_new_guardian(one) for one in batch if one.outcome == "added"]
        if added:
            self.made.add_guardians(add_guardians(self.school, added))
        changed = {
            one.guardian_id: _new_guardian(one)
            for one in batch
            if one.outcome == "changed" and one.guardian_id
        }
        if changed:
            self.made.change_guardians(changed)
            change_guardians(self.school, changed)

    def write_links(self, batch: list[LinkChange]) -> None:
        new = [one for one in batch if one.link_id is None]
        persons = self._ids(Person, {one.person for one in new})
        guardians = self._ids(Guardian, {one.guardian for one in new})
        links = [NewLink(guardians[one.guardian], persons[one.person], one.relationship) for one in new]
        if links:
            link_guardians(links, from_roster=True)
            self.made.link(links)
        removed = [one.link_id for one in batch if one.link_id is not None and not one.is_held]
        if removed:
            unlink_guardians(removed, by_list=True)
            self.made.unlink(removed)

    def _ids(self, model: type[Person] | type[Guardian], external_ids: set[str]) -> dict[str, UUID]:
        rows = model.objects.filter(school=self.school, external_id__in=external_ids)
        return dict(rows.values_list("external_id", "id"))


def _new_guardian(change: GuardianChange) -> NewGuardian:
    return NewGuardian(change.name, change.email, change.external_id, change.phone, change.language)


def _new(change: Change) -> NewPerson:
    born = date.fromisoformat(change.birth_date) if change.birth_date else None
    return NewPerson(
        change.given_name, change.family_name, change.kind, change.year, change.external_id, born
    )
